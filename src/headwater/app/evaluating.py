"""Question 2, first half: what did a collaboration change? The protocol, its lock, and the evaluation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headwater import evidence, governance
from headwater.app import valuing
from headwater.app.acting import writing
from headwater.app.answers import evaluation as evaluation_answer
from headwater.app.given import given_all
from headwater.app.reading import data_version, linked, need_data, observed, snapshot
from headwater.app.unbiased import estimate_of
from headwater.app.version import code_version
from headwater.app.worthwhile import decided
from headwater.domain.errors import Failed, ProtocolBreach, one_of
from headwater.domain.progress import silent
from headwater.report.chain import chain
from headwater.report.content import filled
from headwater.report.sentences import dates
from headwater.store import key_of
from headwater.store.files import sha256_of
from headwater.store.kept import keep, kept
from headwater.store.made import Made

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.app.unbiased import Estimate
    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.evidence import Evaluation
    from headwater.domain.progress import Progress
    from headwater.store import Store

ESTIMATES = "estimates.json"


def evaluate(place: Place, collaboration: str, progress: Progress = silent) -> Answer:
    """The verdict with its naive figure beside it, checks and grade. Unlocked, it is exploratory and says so: the one
    act that opens sealed outcomes without a lock, and it is on record for good."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        standing, found = evaluated(place, store, protocol, progress, opening=True)
        place.note("evaluate", collaboration, data=data_version(store))
        to, others = observed(place, store)[1], estimates(place, store)
    return _told(place, protocol, (standing, found), to, others)


def reaching(found: Evaluation, to: str) -> str:
    """The last day of the data: counts bear the first day of their month or week, and hold all of it."""
    return max(to, found.effect.last_day.isoformat())


def _told(
    place: Place, protocol: Protocol, made: tuple[Standing, Evaluation], to: str, others: Sequence[Estimate]
) -> Answer:
    """Both verdicts with what was found, the chain of contacts first among its figures; the kept effect is priced anew,
    as prices may have changed. to: the last day of the data."""
    standing, found = made
    content = {
        **evaluation_answer(found, standing),
        **valuing.answer(protocol, found, valuing.worth(place, protocol, found, others)),
        "dates": filled(dates(reaching(found, to), standing, found.effect.last_day)),
    }
    drawn = chain(found.primary, found.collaboration, people=protocol.unit == "person")
    return place.answer("evaluate", content, (*((drawn,) if drawn else ()), *found.figures), found)


def evaluated(
    place: Place, store: Store, protocol: Protocol, progress: Progress = silent, *, opening: bool = False
) -> tuple[Standing, Evaluation]:
    """The evaluation as the data, the protocol, its lock and the code are now: kept, or made and kept.

    opening: whether somebody asked for a first look at a protocol that was never locked. Raises ProtocolBreach for any
    other door, so that no outcome of the enrolled is told in passing before the plan is fixed.
    """
    need_data(store)
    if stands := held(place, store, protocol):
        return stands
    if not opening:
        need_open(place, protocol.id)
    with writing(place, f"evaluate {protocol.id}"):
        if protocol.unit == "person":
            linked(place, store, progress)
        standing = _standing(place, store, protocol)
        made = _made(place, store, standing, protocol)
        found: Evaluation | None = made.found()
        if found is None:
            _outcomes_read(place, store, protocol)
            standing = _standing(place, store, protocol)
            made = _made(place, store, standing, protocol)
            found = made.make(lambda store, plan, lock, days: evidence.evaluate(store, plan, lock, days, progress))
        _note_estimate(place, protocol.id, made.mark, found)
    return standing, _judged(place, protocol, found)


def _judged(place: Place, protocol: Protocol, found: Evaluation) -> Evaluation:
    """By its break-even fall, and given all sites of its pool; neither is kept, as prices and files of sites may
    change."""
    return given_all(place, protocol, decided(place, protocol, found))


def sealed(place: Place, collaboration: str) -> bool:
    """Whether the outcomes of a planned collaboration are still closed to every door."""
    return governance.sealed(place.workspace, collaboration)


def need_open(place: Place, collaboration: str) -> None:
    """Raises ProtocolBreach while they are."""
    if sealed(place, collaboration):
        raise ProtocolBreach(
            f"the outcomes of {collaboration} are sealed until its protocol is locked",
            given="a protocol that was never locked",
            allowed="outcomes are opened by the lock, so that the plan cannot be made to fit them",
            next_step=(
                f"headwater lock {collaboration} --role ...; headwater evaluate {collaboration} is a first look, which"
                " stays on record"
            ),
        )


def _note_estimate(place: Place, collaboration: str, key: str, found: Evaluation) -> None:
    """What the other programmes learn from this one, in one small file: a megabyte of draws is not read for two
    figures."""
    keep(place.workspace.results / ESTIMATES, {**_noted(place), collaboration: [key, estimate_of(found)]})


def _noted(place: Place) -> dict[str, Any]:
    """Collaboration → the key and the estimate that were noted. A file that does not read is as none: every evaluation
    notes its own."""
    try:
        found = kept(place.workspace.results / ESTIMATES)
    except Failed:
        found = None
    return {name: one for name, one in found.items() if len(one) == 2} if isinstance(found, dict) else {}


def estimates(place: Place, store: Store) -> tuple[Estimate, ...]:
    """Of the primary outcomes of the workspace's collaborations, where their evaluations still stand; in order of
    id."""
    known = _noted(place)
    found = (_estimate(place, store, protocol, known.get(protocol.id, ("", None))) for protocol in protocols(place))
    return tuple((float(one[0]), float(one[1])) for one in found if one is not None)


def waiting(place: Place, store: Store, beside: str) -> tuple[str, ...]:
    """Names of the workspace's other locked collaborations whose evaluation does not stand, or was never made: what is
    counted of this one is drawn towards theirs too, once they are told."""
    others = (one for one in protocols(place) if one.id != beside and governance.was_locked(place.workspace, one.id))
    return tuple(one.name for one in others if not _stands(place, store, one))


def _stands(place: Place, store: Store, protocol: Protocol) -> bool:
    """Whether it is evaluated as it is now; what was changed after its lock has nothing to wait for."""
    try:
        return ready(place, store, protocol)
    except ProtocolBreach:
        return True


def _estimate(place: Place, store: Store, protocol: Protocol, noted: Sequence[Any]) -> Any:
    """What was noted of this very state; else that of the evaluation itself, which may stand though its note was lost.
    None of a protocol that was changed after its lock."""
    try:
        made = _made(place, store, _standing(place, store, protocol), protocol)
    except ProtocolBreach:
        return None
    if noted[0] == made.mark:
        return noted[1]
    whole = made.found()
    return None if whole is None else estimate_of(whole)


def held(place: Place, store: Store, protocol: Protocol) -> tuple[Standing, Evaluation] | None:
    """What `evaluate` kept, if data, protocol, lock and code are still those it was made of. Nothing is linked or
    estimated."""
    standing = _standing(place, store, protocol)
    found: Evaluation | None = _made(place, store, standing, protocol).found()
    return None if found is None else (standing, _judged(place, protocol, found))


def shown(place: Place, collaboration: str) -> Answer | None:
    """The answer of `evaluate` from what it kept; None where it has to be asked again."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        found, to, others = held(place, store, protocol), observed(place, store)[1], estimates(place, store)
    return None if found is None else _told(place, protocol, found, to, others)


def ready(place: Place, store: Store, protocol: Protocol) -> bool:
    """Whether `evaluate` would read a kept result, because data, protocol, lock and code are still those it was made
    of."""
    return _made(place, store, _standing(place, store, protocol), protocol).stands()


def _standing(place: Place, store: Store, protocol: Protocol) -> Standing:
    return governance.standing(place.workspace, protocol.id, question_of(place, store, protocol))


def _outcomes_read(place: Place, store: Store, protocol: Protocol) -> None:
    """Put on record here, and beside the key for every copy of the workspace, that outcomes of these data are read."""
    data = snapshot(store)
    elsewhere = governance.read_before_lock(place.workspace, protocol.id, data)
    governance.outcomes_read(place.workspace, protocol.id, data, elsewhere=elsewhere)
    governance.note_read(place.workspace, protocol.id, data)


def question_of(place: Place, store: Store, protocol: Protocol) -> governance.Question:
    """What is asked beside the protocol's own words, part by part: a lock binds them all. Data that are not there yet
    are no part."""
    settings, data = place.settings, snapshot(store)
    prices = [(name, _bytes_of(place.workspace.root / name)) for name in settings.prices]
    return {
        "mapping": key_of(*(replace(one, files=one.files.rpartition("@")[2]) for one in settings.sources))[:16],
        "linkage": key_of(_how_linked(place))[:16],
        "prices": key_of(settings.price_year, prices, settings.stations)[:16],
        "disclosure": f"{settings.disclosure.rule}, secondary {settings.disclosure.secondary}",
        "observed window": f"{settings.observed_from} to {settings.observed_to}",
        "code": code_version(),
        **({"data": data} if data else {}),
    }


def _how_linked(place: Place) -> list[tuple[str, Any]]:
    """What [link] says of who is whom; whether names are kept afterwards changes nobody."""
    return sorted((name, value) for name, value in place.settings.link.items() if name != "names")


def _bytes_of(file: Path) -> str:
    return sha256_of(file) if file.is_file() else ""


def _made(place: Place, store: Store, standing: Standing, protocol: Protocol) -> Made:
    # How people are linked is part of the state, because a look at what was kept links nobody.
    state = (data_version(store), key_of(_how_linked(place)), code_version())
    given = (protocol, standing, observed(place, store))
    return Made(place.workspace.results / f"{protocol.id}.json", store, given, state)


def protocol_of(place: Place, collaboration: str) -> Protocol:
    """The protocol by its id; an unknown id is an error that lists the known ones."""
    return governance.read_protocol(protocol_file(place, collaboration))


def protocol_file(place: Place, collaboration: str) -> Path:
    """The file of a known protocol."""
    known = {file.stem: file for file in sorted(place.workspace.collaborations.glob("*.toml"))}
    if collaboration not in known:
        raise one_of("no such collaboration", collaboration, known, "headwater protocol list")
    return known[collaboration]


def protocols(place: Place) -> tuple[Protocol, ...]:
    """Every protocol of the workspace, in order of id."""
    return tuple(governance.read_protocol(file) for file in sorted(place.workspace.collaborations.glob("*.toml")))
