"""A protocol as a form and as text, both ways: what the form says becomes the TOML, and what the TOML says fills the
form."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from headwater import governance
from headwater.app import evaluating, planning
from headwater.domain.errors import HeadwaterError
from headwater.governance.schema import ARRAYS
from headwater.web import protocol_steps
from headwater.web.asking import Go, Missing, Sheet
from headwater.web.forms import EDITING, Field, read, split, stale, version
from headwater.web.protocol_form import filled, read_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.web.asking import Ask, Reply


def form(ask: Ask) -> Sheet:
    return _opened(ask, _form_page)


def _opened(ask: Ask, page: Callable[[Ask, dict[str, Any], str, tuple[str, ...]], Sheet]) -> Sheet:
    """The protocol's file on one of its pages; as text where it is not TOML."""
    said = read(evaluating.protocol_file(ask.place, ask.path["id"]))
    try:
        found = tomllib.loads(said)
    except tomllib.TOMLDecodeError as problem:
        return _text_page(ask, said, version(said), (f"The file is not TOML: {problem}",))
    return page(ask, found, version(said), ())


def save_form(ask: Ask) -> Reply:
    chosen = ask.path["id"]
    found = read_form(ask.given)
    found["id"] = chosen
    try:
        mine = governance.write_protocol(governance.parse_protocol(found, f"{chosen}.toml"))
    except HeadwaterError as problem:
        return _form_page(ask, found, ask.word("version"), tuple(split(problem)))
    return _saved(ask, mine, f"/plan/{chosen}/form")


def step(ask: Ask) -> Sheet:
    """One matter of the protocol, as plain questions."""
    return _opened(ask, _step_page)


def save_step(ask: Ask) -> Reply:
    chosen, at = ask.path["id"], _at(ask)
    said = read(evaluating.protocol_file(ask.place, chosen))
    try:
        found = {**protocol_steps.merged(tomllib.loads(said), ask.given, at), "id": chosen}
        mine = governance.write_protocol(governance.parse_protocol(found, f"{chosen}.toml"))
    except tomllib.TOMLDecodeError as problem:
        return _text_page(ask, said, version(said), (f"The file is not TOML: {problem}",))
    except HeadwaterError as problem:
        return _step_page(ask, found, ask.word("version"), tuple(split(problem)))
    after = f"/plan/{chosen}/step/{at + 1}" if at < protocol_steps.STEPS else f"/plan/{chosen}"
    return _saved(ask, mine, f"/plan/{chosen}/step/{at}", after)


def _at(ask: Ask) -> int:
    at = ask.path["step"]
    if at not in {str(one) for one in range(1, protocol_steps.STEPS + 1)}:
        raise Missing(
            "there is no such step", given=repr(at[:20]), allowed=f"1 to {protocol_steps.STEPS}", next_step="go back"
        )
    return int(at)


def _step_page(ask: Ask, found: dict[str, Any], held: str, problems: tuple[str, ...]) -> Sheet:
    """Problems of other steps name a link to them; those of this one stand beside their fields."""
    at = _at(ask)
    told = tuple(
        (said, where if protocol_steps.step_of(where) == at else "") for said in problems for where in (anchor(said),)
    )
    words = {
        "id": ask.path["id"],
        "name": _called(found, ask),
        "step": protocol_steps.step(found, {where: said for said, where in told if where}, at),
        "at": str(at),
        "of": str(protocol_steps.STEPS),
        "version": held,
        "problems": told,
    }
    return Sheet("step.html.j2", f"{_called(found, ask)}: step {at}", words=words, status=400 if problems else 200)


def _called(found: dict[str, Any], ask: Ask) -> str:
    """The collaboration's name; its short name where it has none yet."""
    return str(found.get("name") or ask.path["id"])


def text(ask: Ask) -> Sheet:
    said = read(evaluating.protocol_file(ask.place, ask.path["id"]))
    return _text_page(ask, said, version(said), ())


def save_text(ask: Ask) -> Reply:
    mine = ask.given.get("text", "").replace("\r\n", "\n")
    try:
        return _saved(ask, mine, f"/plan/{ask.path['id']}/text")
    except HeadwaterError as problem:
        return _text_page(ask, mine, ask.word("version"), tuple(split(problem)))


def _saved(ask: Ask, mine: str, back: str, after: str = "") -> Reply:
    chosen = ask.path["id"]
    with EDITING:
        refused = stale(ask, evaluating.protocol_file(ask.place, chosen), mine, back)
        if refused:
            return refused
        planning.save_text(ask.place, chosen, mine)
    return Go(after or f"/plan/{chosen}", "saved")


def _text_page(ask: Ask, said: str, held: str, problems: tuple[str, ...]) -> Sheet:
    chosen = ask.path["id"]
    field = Field(
        "text", f"collaborations/{chosen}.toml", "area", said, "The same as the form, with your comments kept."
    )
    words = {
        "field": field,
        "version": held,
        "problems": problems,
        "action": f"/plan/{chosen}/text",
        "back": (f"/plan/{chosen}", "The plan"),
    }
    return Sheet("text.html.j2", f"The protocol {chosen} as text", words=words, status=400 if problems else 200)


def _form_page(ask: Ask, found: dict[str, Any], held: str, problems: tuple[str, ...]) -> Sheet:
    told = tuple((said, anchor(said)) for said in problems)
    words = {
        "id": ask.path["id"],
        "name": _called(found, ask),
        "sections": filled(found, {where: said for said, where in told}),
        "version": held,
        "problems": told,
    }
    return Sheet("protocol.html.j2", f"Protocol of {_called(found, ask)}", words=words, status=400 if problems else 200)


WHERE = re.compile(r"^(?:\[\[?(?P<table>[a-z]+)\]\]?(?: (?P<at>\d+):)? )?(?P<key>[a-z_]+)(?::| is missing)")


def anchor(problem: str) -> str:
    """The id of the field that a problem is about; '' where it is about several."""
    match = WHERE.match(problem)
    if match is None:
        return ""
    at = f"-{int(match['at']) - 1}" if match["at"] else ""
    table = match["table"] or "top"
    return f"{table}{at}-{match['key'].replace('_', '-')}" if table in {"top", "entry", "comparison", *ARRAYS} else ""
