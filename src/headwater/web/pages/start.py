"""The first page: what was found so far, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.web.asking import Sheet

if TYPE_CHECKING:
    from headwater.web.asking import Ask

DONE, NEXT, LATER = ("Done", ""), ("To do", "blue"), ("Cannot start yet", "grey")


def show(ask: Ask) -> Sheet:
    made = ask.need("progress")
    bears = ask.look("bears") if made.content["files"] else None
    return Sheet("start.html.j2", "Start", {"made": made, "bears": bears}, {"tasks": tasks(made.content)})


def tasks(made: dict[str, Any]) -> list[dict[str, Any]]:
    """The task list: each step with its state, by what was done."""
    plans = made["collaborations"]
    locked = [one for one in plans if one["status"] in {"locked", "amended"}]
    judged = [one for one in plans if one["effect_verdict"]]
    return [
        _task("Give the data", "/data", "Upload files and say what their columns are.", bool(made["files"]), True),
        _task(
            "Find partners", "/partners", "Who should we collaborate with?", made["partners_found"], bool(made["files"])
        ),
        _task(
            "Plan and lock",
            "/plan",
            "Write down how it will be judged, before outcomes are read.",
            bool(locked) and len(locked) == len(plans),
            True,
        ),
        _task(
            "Read the results",
            "/results",
            "What did it save downstream, and for whom?",
            bool(judged) and len(judged) == len(plans),
            bool(plans and made["files"]),
        ),
        _task(
            "Claim and verify",
            "/ledger",
            "Book each saving once; finance verifies it.",
            bool(made["lots"]) and not made["claims_waiting"],
            bool(made["lots"]),
        ),
        _task("Watch risks and gates", "/risks", "Early warnings, and who decides what next.", False, bool(plans)),
        _task(
            "Make reports",
            "/reports",
            "Board reports in five formats, and what left.",
            bool(made["reports"]),
            bool(judged),
        ),
    ]


def _task(title: str, href: str, hint: str, done: bool, ready: bool) -> dict[str, Any]:
    words, colour = DONE if done else NEXT if ready else LATER
    status = {"tag": {"text": words, "classes": f"govuk-tag--{colour}"}} if colour else {"text": words}
    return {"title": {"text": title}, "href": href, "hint": {"text": hint}, "status": status}
