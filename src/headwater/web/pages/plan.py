"""Plan: the protocols and how each stands, power before launch, the lock and its amendments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater import governance
from headwater.app import evaluating, planning
from headwater.domain.errors import HeadwaterError, ProtocolBreach
from headwater.web.asking import Go, Sheet
from headwater.web.forms import Field, identity, need, read, version

if TYPE_CHECKING:
    from headwater.web.asking import Ask


def show(ask: Ask) -> Sheet:
    templates = tuple((name, name.replace("-", " ").capitalize()) for name in governance.templates())
    fields = (
        Field(
            "id",
            "Short name",
            hint="Small letters, digits and hyphens, as in care-plans. It becomes the file's name.",
            wide="20",
        ),
        Field("template", "Start from", "select", "multidisciplinary-team", options=templates),
    )
    return Sheet("plans.html.j2", "Plan", {"made": ask.need("progress")}, {"fields": fields})


def new(ask: Ask) -> Go:
    given = need(ask, id="the short name", template="the template")
    planning.new_protocol(ask.place, identity(given["id"]), given["template"])
    ask.place.note("protocol new", given["id"])
    return Go(f"/plan/{given['id']}/step/1", "new")


def one(ask: Ask) -> Sheet:
    """A plan as a reader needs it; a file that does not read is shown with what is wrong with it."""
    place, chosen = ask.place, ask.path["id"]
    file = evaluating.protocol_file(place, chosen)
    listed, problem = None, None
    try:
        listed, made = ask.need("told", chosen), ask.need("made-from", chosen)
    except HeadwaterError as error:
        made, problem = None, error
    words: dict[str, Any] = {
        "id": chosen,
        "version": version(read(file)),
        "problem": "",
        "problems": (),
        "changes": (),
        "names": ask.names,
        "loaded": bool(ask.need("loaded").content["files"]),
    }
    if problem is not None:
        words |= {"problem": problem.what, "problems": tuple(problem.given.split("\n"))}
        if isinstance(problem, ProtocolBreach):
            words["changes"] = tuple(
                (row["field"], row["locked"], row["now"]) for row in governance.difference(place.workspace, chosen)
            )
    answers = {"told": listed, "made": made, "power": None if problem else ask.look("plan", chosen)}
    return Sheet("plan.html.j2", listed.content["name"] if listed else chosen, answers, words)


def power(ask: Ask) -> Go:
    return ask.start("plan", f"Work out the power of {ask.path['id']}", f"/plan/{ask.path['id']}", ask.path["id"])


def lock(ask: Ask) -> Go:
    chosen = ask.path["id"]
    given = need(ask, role="the role that decides", reason="the reason")
    _unchanged(ask, chosen)
    planning.lock(ask.place, chosen, given["role"], given["reason"])
    return Go(f"/plan/{chosen}", "locked")


def amend(ask: Ask) -> Go:
    chosen = ask.path["id"]
    given = need(ask, role="the role that decides", reason="the reason")
    _unchanged(ask, chosen)
    planning.amend(ask.place, chosen, given["role"], given["reason"])
    return Go(f"/plan/{chosen}", "amended")


def _unchanged(ask: Ask, chosen: str) -> None:
    """What is locked is what was on the screen."""
    if version(read(evaluating.protocol_file(ask.place, chosen))) != ask.word("version"):
        raise ProtocolBreach(
            "somebody changed the protocol while you were reading it",
            given=chosen,
            next_step="read it again, then lock it",
        )
