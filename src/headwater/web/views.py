"""What each page shows: released answers made into blocks. Nothing is reckoned here, and nothing unreleased is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.domain.release import DataTable, Drawn, Heading, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.app.answer import Answer
    from headwater.domain.release import Block, Cell

Content = dict[str, Any]
VERDICTS = {
    "saved": "It averted contacts.",
    "nothing-found": "Nothing was found: a saving worth having is not plausible.",
    "harm": "It added contacts: harm.",
    "cannot-tell": "We cannot tell: the figures bear both a worthwhile saving and none.",
}
POUNDS = ("cash", "released", "absorbed", "none")


def table(name: str, caption: str, columns: tuple[str, ...], rows: Sequence[tuple[Cell, ...]]) -> Block:
    if not rows:
        return Sentence(f"{caption}: none yet.")
    return DataTable(name, caption, columns, tuple(rows))


def between(found: Content | None, digits: int = 2) -> str:
    if not found:
        return "not measured"
    low, mid, high = (f"{found[key]:,.{digits}f}" for key in ("low", "mid", "high"))
    return f"{mid} ({low} to {high})"


def start(place: str, loaded: Content | None, protocols: Content) -> list[Block]:
    files = loaded["files"] if loaded else []
    rows = sum(one["kept"] for one in files)
    words = (
        f"{len(files)} files are loaded, {rows:,} rows kept." if files else "Nothing is loaded yet. Begin with Data."
    )
    return [
        Sentence(f"{place}: who should we collaborate with, and what did it save downstream, and for whom?", {}, "lead"),
        Sentence(words),
        table("tasks", "Collaborations", ("collaboration", "style", "start", "protocol"), [(p["id"], p["style"], p["start"], p["status"]) for p in protocols["protocols"]]),
    ]  # fmt: skip


def data(checked: Content, loaded: Content | None) -> list[Block]:
    fits = [(one["file"], one["table"], "yes" if one["fits"] else "no", _odd(one)) for one in checked["files"]]
    kept = (
        [
            (
                one["file"],
                f"{one['rows_in']:,}",
                f"{one['kept']:,}",
                f"{one['quarantined']:,}",
                _reasons(one["reasons"]),
            )
            for one in loaded["files"]
        ]
        if loaded
        else []
    )
    return [
        table("check", "What fits and what does not", ("file", "table", "fits", "what is odd, and what could be mapped"), fits),
        table("load", "What was loaded: rows in are rows kept and rows quarantined", ("file", "rows in", "kept", "quarantined", "why"), kept),
    ]  # fmt: skip


def _odd(one: Content) -> str:
    suggested = [f"{theirs} might be {ours}" for theirs, ours in dict(one.get("suggestions") or {}).items()]
    return "; ".join([*one.get("problems", ()), *suggested])


def _reasons(reasons: Content) -> str:
    return "; ".join(f"{why}: {n:,}" for why, n in reasons.items())


def partners(answer: Answer) -> list[Block]:
    rows: list[tuple[Cell, ...]] = []
    for one in answer.content["options"]:
        style = f"{one['style']} ({one['board']})" if one.get("board") else one["style"]
        rows.append(
            (
                str(one["rank"]),
                style,
                " + ".join(one["partners"]),
                one["service"],
                between(one["benefit_gbp_per_year"], 0),
                f"{one['cost_gbp_per_year']:,.0f}",
                str(one["grade"]["level"]),
                one["id"],
            )
        )
    return [
        *(Drawn(figure.content) for figure in answer.figures),
        table("options", "Options, ranked by the lower bound of what they bring; pounds a year", ("rank", "style", "partners", "service or demand", "benefit (95%)", "cost", "grade", "id"), rows),
    ]  # fmt: skip


def explain(answer: Answer) -> list[Block]:
    found = answer.content
    reasons = [(one["factor"], f"{one['contribution']:+.2f}", one["text"]) for one in found["reasons"]]
    return [
        Sentence(f"Rank {found['rank']} of {found['of']}. Its net benefit a year is £{between(found['net_gbp_per_year'], 0)}.", {}, "lead"),
        table("reasons", "Why this partner: logarithms that add up", ("factor", "counts", "why"), reasons),
        Heading("What would change the answer", 3), *(Sentence(words, {}, "bullet") for words in found["would_change"]),
        Heading("Risks", 3), *(Sentence(words, {}, "bullet") for words in found["risks"]),
        Heading("Nearest alternatives", 3), *(Sentence(words, {}, "bullet") for words in found["alternatives"]),
        *(Drawn(figure.content) for figure in answer.figures),
    ]  # fmt: skip


def results(answer: Answer, counted: Answer | None) -> list[Block]:
    found = answer.content
    naive = found["naive"]
    told = (
        f"Before and after alone would have said {naive['change']:+.0%}; {naive['explained_by_regression_to_the_mean']:.0%} of that came to others too."
        if naive
        else "No before–after figure could be made."
    )
    outcomes = [
        (one["kind"], one["role"], one["verdict"], between(one["rate_ratio"]), between(one["averted_per_year"], 0))
        for one in found["outcomes"]
    ]
    checks = [
        (one["name"], {True: "yes", False: "NO", None: "not run"}[one["passed"]], one["text"])
        for one in found["checks"]
    ]
    warned = (
        [
            Sentence(
                "Exploratory: the protocol was not locked before outcomes were read. The ledger refuses it.",
                {},
                "warning",
            )
        ]
        if found["status"] == "exploratory"
        else []
    )
    return [
        Sentence(VERDICTS[found["verdict"]], {}, "lead"), *warned,
        Sentence(f"Rate ratio of {found['outcome']}: {between(found['rate_ratio'])}. {told}"),
        Sentence(f"Grade {found['grade']['level']}: {found['grade']['text']}"),
        *(_worth(counted) if counted else ()),
        table("outcomes", "Outcomes", ("outcome", "role", "verdict", "rate ratio (95%)", "averted a year"), outcomes),
        table("checks", "Checks that could have shown it to be false", ("check", "passed", "what it says"), checks),
        *(Sentence(words, {}, "bullet") for words in (*found["caveats"], *found["deviations"])),
        *(Drawn(figure.content) for figure in answer.figures),
        Sentence(f"Protocol {found['protocol_sha256']}, {found['status']}."),
    ]  # fmt: skip


def _worth(counted: Answer) -> list[Block]:
    found = counted.content
    rows: list[tuple[Cell, ...]] = [
        (one["bearer"], f"{one['invested_gbp']:,.0f}", *(between(one[f"{bucket}_gbp"], 0) for bucket in POUNDS))
        for one in found["bearers"]
    ]
    refused = [
        Sentence(f"Not booked, {one['outcome']}: {one['why']}", {}, "bullet") for one in found["claims"]["refused"]
    ]
    caption = "Who pays and who gains, pounds; columns are never added"
    return [
        table("bearers", caption, ("bearer", "invested", *POUNDS), rows),
        *refused,
        *(Drawn(figure.content) for figure in counted.figures),
    ]


def ledger(answer: Answer, checks: Answer) -> list[Block]:
    found = answer.content
    lots = [
        (lot["lot"], f"{lot['averted']:,.0f}", f"{lot['available']:,.0f}", f"{lot['left']:,.0f}")
        for lot in found["lots"]
    ]
    bearers = [
        (one["bearer"], *(f"{one[f'{name}_gbp']:,.0f}" for name in ("invested", *POUNDS)))
        for one in found["totals"]["bearers"]
    ]
    held = [
        (one["name"], {True: "yes", False: "NO", None: "not run"}[one["passed"]], one["text"])
        for one in checks.content["checks"]
    ]
    return [
        table("lots", "Lots: averted contacts that evidence opened", ("lot", "averted", "after netting", "left to claim"), lots),
        table("totals", "By bearer, pounds; columns are never added", ("bearer", "invested", *POUNDS), bearers),
        table("rules", "Rules of the ledger", ("rule", "holds", "what it says"), held),
        *(Drawn(figure.content) for figure in answer.figures), Sentence(f"Head {found['head_hash']}."),
    ]  # fmt: skip


def risks(warned: Content, gates: list[tuple[str, Content]]) -> list[Block]:
    state = {True: "FIRED", False: "quiet", None: "unknown"}
    rows = [(one["name"], one["collaboration"], state[one["fired"]], one["text"]) for one in warned["indicators"]]
    blocks: list[Block] = [
        table("warnings", "Early warnings", ("indicator", "collaboration", "state", "what it says"), rows)
    ]
    for collaboration, content in gates:
        for phase in content["phases"]:
            for gate in phase["gates"]:
                decided = gate["decision"]["verdict"] if gate["decision"] else "no decision yet"
                criteria = [
                    (one["met"], one["text"], "" if one["figure"] is None else f"{one['figure']:.3g}")
                    for one in gate["criteria"]
                ]
                blocks.append(
                    table(
                        gate["gate"],
                        f"{collaboration}: {phase['name']} ({decided}; decides: {gate['decides']})",
                        ("met", "criterion", "figure"),
                        criteria,
                    )
                )
    return blocks


def audit(content: Content, files: list[str]) -> list[Block]:
    rows = [(one["at"], one["role"], one["what"], one["data"], one["purpose"]) for one in reversed(content["entries"])]
    return [
        table("files", "What left", ("file",), [(name,) for name in files]),
        table("audit", "Who asked what", ("when", "role", "what", "data", "purpose"), rows),
    ]
