"""Risks and gates: early warnings, the register, and the phases with the figure behind each criterion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app import evaluating, governing
from headwater.domain.errors import HeadwaterError, ProtocolBreach
from headwater.web.asking import Go, Sheet
from headwater.web.forms import EDITING, Field, need, read, split, stale, version

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.web.asking import Ask, Reply

DECISIONS = {"open": "Open the gate", "conditions": "Open it on conditions", "closed": "Keep it closed"}


def show(ask: Ask) -> Sheet:
    answers = {"warned": ask.look("warnings"), "held": ask.need("risks"), "made": ask.need("progress")}
    return Sheet("risks.html.j2", "Risks and gates", answers, {"names": ask.names})


def gates(ask: Ask) -> Sheet:
    place, chosen = ask.place, ask.path["id"]
    name = evaluating.protocol_of(place, chosen).name
    answers = {
        "found": ask.look("gates", chosen),
        "suggested": ask.need("suggested", chosen),
        "held": ask.need("risks", chosen),
    }
    fields = (
        Field("verdict", "Decision", "select", options=tuple(DECISIONS.items())),
        Field("role", "Your role", value=ask.visitor.acting, wide="20"),
        Field("reason", "Why", "area"),
    )
    words = {"id": chosen, "name": name, "fields": fields, "version": _decided(ask)}
    return Sheet("gates.html.j2", "Gates and risks", answers, words)


def _decided(ask: Ask) -> str:
    return version(read(ask.place.workspace.governance / "decisions.jsonl"))


def decide(ask: Ask) -> Go:
    given = need(ask, gate="the gate", verdict="the decision", role="your role", reason="why")
    with EDITING:
        if ask.word("version") != _decided(ask):
            raise ProtocolBreach(
                "somebody decided meanwhile",
                given=given["gate"],
                next_step="go back, reload the page and read what was decided; nothing of yours was recorded",
            )
        signed = (given["verdict"], ask.visitor.acting or given["role"], given["reason"])
        governing.decide(ask.place, ask.path["id"], given["gate"], signed)
    return Go(f"/risks/{ask.path['id']}", "decided")


def register(ask: Ask) -> Sheet:
    text = read(_file(ask)) or EMPTY
    return _page(text, version(read(_file(ask))), ())


EMPTY = """\
# One [[risk]] a risk. likelihood: a year, [low, middle, high]; impact_gbp: pounds, [low, middle, high].
# [[risk]]
# id = "partner-withdraws"
# collaboration = "my-team"
# cause = "Who pays is not who gains."
# event = "The paying partner withdraws"
# effect = "The programme ends before it pays back."
# likelihood = [0.1, 0.2, 0.4]
# impact_gbp = [50000, 150000, 400000]
# owner = "head of strategy"
"""


def _file(ask: Ask) -> Path:
    return ask.place.workspace.governance / "risks.toml"


def save_register(ask: Ask) -> Reply:
    mine = ask.given.get("text", "").replace("\r\n", "\n")
    with EDITING:
        if refused := stale(ask, _file(ask), mine, "/risks/register"):
            return refused
        try:
            governing.save_risks(ask.place, mine)
        except HeadwaterError as problem:
            return _page(mine, ask.word("version"), tuple(split(problem)))
    return Go("/risks", "register")


def _page(text: str, held: str, problems: tuple[str, ...]) -> Sheet:
    field = Field(
        "text",
        "governance/risks.toml",
        "area",
        text,
        "Cause, event, effect; likelihood and cost as low, middle, high; controls; owner.",
    )
    words = {
        "field": field,
        "version": held,
        "problems": problems,
        "action": "/risks/register",
        "back": ("/risks", "Risks and gates"),
    }
    return Sheet("text.html.j2", "The risk register as text", words=words, status=400 if problems else 200)
