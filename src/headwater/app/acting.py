"""Acts as transactions: begun under the workspace's one lock with an intent, counted at one moment, noted, and struck
off.

An act that was cut off is finished, or never was, before the next one begins; the same command again goes on with it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from headwater import governance
from headwater.app.heads import heads, missing
from headwater.app.steps import forget_steps, rotate_steps
from headwater.domain.errors import Failed, HeadwaterError, ProtocolBreach, Usage
from headwater.governance.records import chain_heads, chain_of
from headwater.store.acts import Acts, Intent, asked_of, request_of, swept
from headwater.store.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.app.place import Place

FORWARD = ("forget", "key rotate")
"""Acts that count from their intent on: cut off anywhere, they are finished."""
BOOKING = ("ledger", "count")
_active: set[str] = set()


def signed(verb: str, role: str, reason: str) -> None:
    """Raises Usage where an act that is kept for good would be kept without who did it or why."""
    missing = [name for name, text in (("role", role), ("reason", reason)) if not text.strip()]
    if missing:
        raise Usage(
            f"{verb} needs a {' and a '.join(missing)}",
            given=f"role {role!r}, reason {reason!r}",
            allowed="plain words: both are kept with the act",
            next_step=f"headwater {verb} ... --role ... --reason ...",
        )


@contextmanager
def acting(place: Place, verb: str, what: str, asked: tuple[object, ...] = (), role: str = "") -> Iterator[Intent]:
    """One act. asked: all that makes it this act and no other, whose hash alone is kept; what: as the audit log may say
    it.

    `resumed` is true where the same act was cut off and is gone on with: what bears its request id is done already.
    """
    from headwater.app.place import now

    acts, mine = Acts(place.workspace.hidden), asked_of(verb, *asked)
    with acts.held(verb):
        intent = _settled(place, acts, mine)
        if intent is None:
            _need_whole(place, verb)
            request = request_of(mine, _state(place.workspace.hidden))
            intent = Intent(request, verb, what, role or place.role, now(), mine)
            acts.begin(intent)
        _active.add(intent.request)
        try:
            yield intent
            _noted(place, acts, intent)
        except BaseException as problem:
            _broken(place, acts, intent, problem)
            raise
        finally:
            _active.discard(intent.request)


@contextmanager
def writing(place: Place, verb: str) -> Iterator[None]:
    """The lock alone, for steps that keep what they make and can always make it again."""
    with Acts(place.workspace.hidden).held(verb):
        swept(_folders(place.workspace.hidden))
        yield


def begun(place: Place, intent: Intent) -> None:
    """Put on the disk what the steps need to be done again."""
    Acts(place.workspace.hidden).begin(intent)


def settle(place: Place) -> None:
    """Finish, or roll back, what was cut off."""
    acts = Acts(place.workspace.hidden)
    if acts.unfinished():
        with acts.held("finishing what was cut off"):
            _settled(place, acts, "")


def counts(place: Place, intent: Intent) -> bool:
    """Whether the act has had its one moment."""
    if intent.verb in FORWARD:
        return bool(intent.said)
    mark = f'"request":"{intent.request}"'.encode()
    space = place.workspace
    files = (space.ledger, space.governance / "locks.jsonl", space.governance / "decisions.jsonl")
    return any(mark in file.read_bytes() for file in files if file.exists())


def _need_whole(place: Place, verb: str) -> None:
    """Raises ProtocolBreach before anything is booked in a ledger that was cut off or written anew: it would be booked
    twice."""
    if verb.split()[0] not in BOOKING:
        return
    if lost := missing(place):
        raise ProtocolBreach(
            f"the ledger is not as it was written, so nothing can be booked in it: {lost[0]}",
            given=f"problems found: {len(lost)}",
            allowed="a ledger that holds every head ever written down",
            next_step="headwater ledger verify, then put back the copy of what is named from your backup",
        )


def _settled(place: Place, acts: Acts, mine: str) -> Intent | None:
    """Every act that was cut off brought to its end; the one that is asked for again, to be gone on with."""
    cut_off = [one for one in acts.unfinished() if one.request not in _active]
    swept(_folders(place.workspace.hidden))
    found = None
    for intent in cut_off:
        if not counts(place, intent):
            acts.end(intent)
            continue
        _tend(place)
        if intent.asked == mine and found is None:
            intent.resumed, found = True, intent
        else:
            _finish(place, intent)
            _noted(place, acts, intent)
    return found


def _tend(place: Place) -> None:
    """The anchors brought up to what their chains hold."""
    space = place.workspace
    chains = [Chain(space.ledger, space.units)]
    chains += [chain_of(space, space.governance / name) for name in ("locks.jsonl", "decisions.jsonl")]
    for chain in chains:
        if chain.file.exists():
            with chain.writing():
                pass


def _finish(place: Place, intent: Intent) -> None:
    if intent.verb == "forget":
        forget_steps(place, intent)
    elif intent.verb == "key rotate":
        rotate_steps(place, intent)


def _noted(place: Place, acts: Acts, intent: Intent) -> None:
    purpose = str(intent.said.get("purpose") or place.settings.disclosure.purpose)
    governance.record_audit(
        place.workspace,
        role=intent.role,
        what=f"{intent.verb} {intent.what}".strip(),
        data=str(intent.said.get("data", "")),
        purpose=purpose,
        at=intent.at,
        act=(intent.request, heads(place)),
    )
    acts.end(intent)


def _broken(place: Place, acts: Acts, intent: Intent, problem: BaseException) -> None:
    """After its moment an act stands, whatever went wrong then, and whoever asked is told so; before it, nothing was
    begun."""
    if not counts(place, intent):
        acts.end(intent)
        return
    if isinstance(problem, (HeadwaterError, OSError)):
        said = problem.what if isinstance(problem, HeadwaterError) else str(problem.strerror)
        raise Failed(
            f"{intent.verb} was booked, but could not be finished: {said}",
            given=f"{intent.what} (request {intent.request})",
            next_step="mend that; the next act, or the same command again, finishes it and books nothing twice",
        ) from problem


def _state(hidden: Path) -> str:
    return json.dumps(chain_heads(hidden), sort_keys=True)


def _folders(hidden: Path) -> list[Path]:
    names = ("", "acts", "units", "heads", "results", "checks", "answers", "link", "store")
    return [
        hidden.parent,
        hidden.parent / "governance",
        hidden.parent / "releases",
        hidden.parent / "collaborations",
        hidden.parent / "data",
        *(hidden / name for name in names),
        *(hidden / "store" / "parts").glob("*"),
    ]
