"""Question 2, second half: what did it save downstream, and for whom? Priced, split by bearer, booked once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater import ledger as ledgers
from headwater import savings
from headwater.app import answers, unbiased, valuing
from headwater.app.acting import acting
from headwater.app.evaluating import estimates, evaluated, held, protocol_of, waiting
from headwater.app.reading import names_of
from headwater.domain.collaboration import Role, Status
from headwater.domain.evidence import Verdict
from headwater.domain.ledger import SIGNED, Claim, ClaimState, Lot
from headwater.domain.numbers import A_YEAR, IN_ALL, PRESENT, numbers
from headwater.domain.progress import silent
from headwater.ledger import Followed, Ledger, Spent
from headwater.report.kinds import renamed
from headwater.store import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.app.unbiased import Estimate
    from headwater.app.valuing import Worth
    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.evidence import Evaluation, Finding
    from headwater.domain.money import Saving
    from headwater.domain.progress import Progress

MISTYPED = ("arithmetic", "order of magnitude", "magnitude of the unit")
"""Checks of a price that a slipped point or a lost nought sets off."""
UNBORNE = "the evidence as it is now no longer bears it out"


@dataclass(frozen=True, eq=False)
class Counted:
    """What the ledger took of an evaluation, and what it refused and why."""

    evaluation: Evaluation
    worth: Worth
    opened: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    netted: dict[str, float]
    """Lot → the part of it that no other lot holds."""

    @property
    def saving(self) -> Saving:
        return self.worth.saving


def count(place: Place, collaboration: str, progress: Progress = silent) -> Answer:
    """Value the effect by bucket and bearer, and book what may be booked. Counting twice changes nothing."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        standing, found = evaluated(place, store, protocol, progress)
        names, others, late = names_of(store), estimates(place, store), waiting(place, store, protocol.id)
    progress("prices and bearers", 1, 3)
    counted = valued(place, protocol, found, others)
    progress("the ledger", 2, 3)
    counted = booked(place, protocol, standing, counted)
    progress("", 3, 3)
    return _told(place, protocol, counted, (names, late))


def preview(place: Place, collaboration: str) -> Answer | None:
    """What a kept evaluation is worth, as `count` would say, without booking anything; None where there is none."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        found, names, others = held(place, store, protocol), names_of(store), estimates(place, store)
        late = waiting(place, store, protocol.id)
    return None if found is None else _told(place, protocol, valued(place, protocol, found[1], others), (names, late))


def _told(place: Place, protocol: Protocol, counted: Counted, beside: tuple[dict[str, str], tuple[str, ...]]) -> Answer:
    """The answer, its figures with names in the place of codes. beside: the names, and the collaborations that are
    still to be told."""
    names, late = beside
    known = {**names, protocol.id: protocol.name}
    judged = valuing.judged(protocol, counted.evaluation, counted.saving)
    figures = tuple(renamed(figure, known) for figure in valuing.figures(protocol, counted.saving, judged))
    return place.answer("count", _answer(protocol, counted, late), figures, counted)


def valued(place: Place, protocol: Protocol, found: Evaluation, others: Sequence[Estimate]) -> Counted:
    """What an evaluation is worth, with nothing booked."""
    return Counted(found, valuing.worth(place, protocol, found, others), (), (), {})


def booked(place: Place, protocol: Protocol, standing: Standing, counted: Counted) -> Counted:
    """One entry: what the evidence no longer bears out is withdrawn, a lot opened for each kind it bears, and what is
    not already another's is claimed; and what was refused, with why."""
    with acting(place, "count", protocol.id, (protocol.id, standing.sha256, place.role)) as act:
        ledger = Ledger(place.workspace.ledger, place.workspace.units, act.request)
        asked = [_lot(protocol, counted, kind) for kind in _bookable(counted)]
        lots = [_named(ledger, lot) for lot in asked]
        signed = _signed(ledger, protocol.id)
        kept = tuple(
            _stays(ledger, lot, signed[lot.lot])
            for lot in lots
            if lot.lot in signed and not _alike(_open(ledger, lot.lot), lot)
        )
        gone = tuple(
            (_open(ledger, name).kind, GONE.format(claims=claims))
            for name, claims in signed.items()
            if name not in {lot.lot for lot in lots}
        )
        refused: tuple[tuple[str, str], ...] = ()
        if standing.status is Status.EXPLORATORY:
            refused = tuple((lot.kind, _unlocked(protocol.id, standing)) for lot in lots)
        elif odd := _odd_prices(place, protocol, counted):
            refused = tuple((lot.kind, odd.get(lot.kind, "another price of this count is odd")) for lot in lots)
        elif not ledger.done:
            refused = (
                *ledger.count(_to_count(place, ledger, (protocol, standing, counted), lots), act.at, act.role),
                *kept,
                *gone,
            )
    silent_ones = tuple((one.kind, _why_not(one)) for one in counted.evaluation.findings if _silent(one))
    held = ledger.available()
    opened = tuple(lot.lot for lot in lots if lot.lot in held)
    return replace(counted, opened=opened, refused=(*refused, *silent_ones), netted={lot: held[lot] for lot in opened})


def _unlocked(collaboration: str, standing: Standing) -> str:
    """Why a first look is not booked: where there is a lock that came too late, another one would change nothing."""
    if standing.deviations:
        return f"{collaboration} is a first look, and a lock no longer changes that: {' '.join(standing.deviations)}"
    return f"{collaboration} was not locked before outcomes were read: headwater lock {collaboration}"


def _odd_prices(place: Place, protocol: Protocol, counted: Counted) -> dict[str, str]:
    """Kind of contact → what looks mistyped about its price: at such a price nothing is booked, unless the protocol
    names it."""
    alarms = {
        one.code: one for one in valuing.price_book(place, protocol).warnings if one.alarm and one.check in MISTYPED
    }
    return {
        price.kind: (
            f"its price looks mistyped ({alarms[price.code].text}): mend the price table, or, if it is meant, name"
            f" {price.code} under [prices] in the protocol"
        )
        for price in counted.saving.prices
        if price.code in alarms and protocol.prices.get(price.kind) != price.code
    }


def _to_count(
    place: Place, ledger: Ledger, case: tuple[Protocol, Standing, Counted], lots: list[Lot]
) -> ledgers.Counted:
    protocol, standing, counted = case
    known, mine = {one.lot for one in ledger.lots}, {lot.lot: lot for lot in lots}
    older = [one for one in ledger.lots if one.collaboration == protocol.id and one.lot not in mine]
    kinds = {lot.kind for lot in lots}
    withdraw = tuple((one.lot, "measured again" if one.kind in kinds else UNBORNE) for one in older)
    ever = {booked.claim.lot for booked in ledger.claims}
    claimed = [lot for lot in lots if lot.lot not in known or lot.lot not in ever]
    cohort = counted.evaluation.cohort
    followed = Followed(cohort.units, cohort.first, cohort.last)
    new = tuple((lot, followed) for lot in lots if lot.lot not in known)
    rows = savings.bookings(counted.worth.effect, counted.saving)
    spent = tuple(
        Spent(protocol.id, protocol.style.value, row.bearer, row.year, row.what, row.gbp, ClaimState.MEASURED)
        for row in savings.paid(counted.saving)
    )
    return ledgers.Counted(
        protocol.id,
        standing,
        protocol.minimum_grade,
        withdraw,
        new,
        lambda left: _claims(place, claimed, left, rows),
        spent,
    )


def _claims(place: Place, lots: list[Lot], left: Mapping[str, float], rows: Sequence[savings.Booking]) -> list[Claim]:
    """Each new lot's rows, of which the part is claimed that netting with other lots has left."""
    return [
        Claim(
            claim=f"{lot.lot}/{row.bearer}/{row.year}",
            lot=lot.lot,
            bearer=row.bearer,
            contacts=row.contacts,
            cash_gbp=row.cash_gbp,
            released_gbp=row.released_gbp,
            absorbed_gbp=row.absorbed_gbp,
            none_gbp=row.none_gbp,
            year=row.year,
            state=ClaimState.MEASURED,
            role=place.role,
            reason="measured by the locked protocol",
        )
        for lot in lots
        if lot.lot in left
        for row in (
            one.times(left[lot.lot] / lot.averted if lot.averted else 0.0) for one in rows if one.kind == lot.kind
        )
    ]


GONE = "finance had accepted {claims}; what is measured now no longer bears it out, so it is taken back: tell finance"


def _signed(ledger: Ledger, collaboration: str) -> dict[str, str]:
    """Open pool → what of it finance has accepted or taken out of a budget, in words."""
    found: dict[str, list[str]] = {}
    open_now = {one.lot for one in ledger.lots if one.collaboration == collaboration}
    for one in ledger.claims:
        if one.claim.lot in open_now and one.claim.state in SIGNED:
            found.setdefault(one.claim.lot, []).append(f"{one.claim.bearer} {one.claim.year}")
    return {name: ", ".join(claims) for name, claims in found.items()}


def _open(ledger: Ledger, name: str) -> Lot:
    return next(one for one in ledger.lots if one.lot == name)


def _stays(ledger: Ledger, lot: Lot, claims: str) -> tuple[str, str]:
    """Why a pool stands as it was counted, although what is believed of it has moved since: finance has accepted some
    of it."""
    held = _open(ledger, lot.lot)
    why = (
        f"finance has accepted some of it ({claims}), so it stands as it was counted, at {held.averted:,.0f} contacts;"
        f" counted now it would be {lot.averted:,.0f}. Reverse what was accepted where it is to be counted again"
    )
    return lot.kind, why


def _named(ledger: Ledger, lot: Lot) -> Lot:
    """The lot under the name it stands open with, or a new one where the same evidence was opened and withdrawn before,
    or holds
    another amount now: its price changed, or what other programmes found says more of its luck. What finance has
    accepted stands for as long as its evidence is the same."""
    known, signed = {one.lot: one for one in ledger.lots}, _signed(ledger, lot.collaboration)
    ever = [name for name in ledger.ever if name.partition("~")[0] == lot.lot]
    standing = next((name for name in ever if name in known and (name in signed or _alike(known[name], lot))), None)
    return replace(lot, lot=standing or (f"{lot.lot}~{len(ever) + 1}" if ever else lot.lot))


def _alike(one: Lot, other: Lot) -> bool:
    """Whether two lots hold the same contacts and pounds, but for the last digits of another machine."""
    mine, theirs = (np.array([each.averted, *each.split_gbp]) for each in (one, other))
    return mine.shape == theirs.shape and np.allclose(mine, theirs, rtol=1e-6, atol=1e-6)


def _bookable(counted: Counted) -> list[str]:
    """Outcomes that say something and have a price: a saving or a harm, never a negative control."""
    return [kind for kind in unbiased.bookable(counted.evaluation) if kind not in counted.saving.unpriced]


def _silent(finding: Finding) -> bool:
    return finding.role is Role.PRIMARY and finding.verdict in {Verdict.NOTHING_FOUND, Verdict.CANNOT_TELL}


def _why_not(finding: Finding) -> str:
    if finding.withheld:
        return f"Nothing may be claimed: {'; '.join(finding.withheld)}."
    if finding.verdict is Verdict.NOTHING_FOUND:
        return "Nothing was found to claim: the interval includes no change and excludes a fall worth having."
    return "It cannot be told whether anything was averted, so nothing may be claimed."


def _lot(protocol: Protocol, counted: Counted, kind: str) -> Lot:
    """The lot holds the contacts that are priced; the estimate's interval goes with them, and the estimate stands
    beside."""
    found, effect = counted.evaluation, counted.worth.effect
    raw, given = found.effect.of(kind), _finding(found, kind).given
    averted, (low, high) = _averted(raw, effect.of(kind), protocol.level, given is not None)
    evidence = key_of(found.protocol_sha256, kind, raw.tobytes().hex(), *([given.mark] if given else []))
    first, last = found.effect.first_day, found.effect.last_day
    return Lot(
        lot=f"{protocol.id}/{kind}/{evidence[:8]}",
        collaboration=protocol.id,
        kind=kind,
        unit=protocol.unit,
        units="",
        first_day=first.isoformat(),
        last_day=last.isoformat(),
        averted=averted,
        averted_low=low,
        averted_high=high,
        grade=(_finding(found, kind).grade or found.grade).level,
        protocol_sha256=found.protocol_sha256,
        evidence_sha256=evidence,
        registered="",
        style=protocol.style.value,
        months=effect.calendar.labels,
        averted_by_month=tuple(effect.averted[:, effect.outcomes.index(kind)].mean(axis=0).tolist()),
        raw_averted=float(raw.mean()),
        price_gbp=next(price.gbp for price in counted.saving.prices if price.kind == kind),
        split_gbp=tuple(counted.saving.gbp[:, counted.saving.kinds.index(kind)].mean(axis=0).sum(axis=(0, 1)).tolist()),
        due=tuple(
            (row.bearer, row.year, row.contacts, row.cash_gbp, row.released_gbp, row.absorbed_gbp, row.none_gbp)
            for row in savings.bookings(effect, counted.saving)
            if row.kind == kind
        ),
    )


def _averted(
    raw: NDArray[np.float64], priced: NDArray[np.float64], level: float, given: bool
) -> tuple[float, tuple[float, float]]:
    """What a lot holds, and between what it may lie: the estimate and its interval in the part that is kept, or, given
    other sites, what is believed, whose middle may lie elsewhere than the estimate's."""
    ends = ((1 - level) / 2, (1 + level) / 2)
    if given:
        low, high = np.quantile(priced, ends)
        return float(priced.mean()), (float(low), float(high))
    kept = max(0.0, float(priced.mean() / raw.mean())) if raw.mean() else 0.0
    low, high = kept * np.quantile(raw, ends)
    return kept * float(raw.mean()), (float(low), float(high))


def _finding(found: Evaluation, kind: str) -> Finding:
    return next(one for one in found.findings if one.kind == kind)


def _towards(found: Evaluation) -> str:
    if found.primary.given:
        return found.pool_says
    plain = "the workspace's other programmes and a stated prior, because what passes a threshold overstates"
    return f"{plain}. {found.pool_says}".strip() if found.pool_says else plain


def _answer(protocol: Protocol, counted: Counted, late: Sequence[str]) -> dict[str, Any]:
    years = counted.evaluation.effect.delivery_years
    saving, told = counted.saving, numbers(counted.saving)
    return {
        "collaboration": protocol.id,
        "status": counted.evaluation.status.value,
        **valuing.answer(protocol, counted.evaluation, counted.worth),
        "withheld": list(counted.evaluation.primary.withheld),
        "price_year": saving.price_year,
        "value_gbp": answers.value_by_bucket(told),
        "spans": {
            "value_gbp": A_YEAR,
            "bearers": IN_ALL,
            "npv_gbp": f"{IN_ALL}, {PRESENT}",
            "payers": f"{IN_ALL}, {PRESENT}",
        },
        "years_measured": years,
        "bearers": answers.bearers(saving),
        "npv_gbp": answers.interval(told.net),
        "numbers": {name: answers.interval(gbp) for name, gbp in told.pounds.items()},
        "contacts": valuing.contacts(counted.evaluation, counted.worth, people=protocol.unit == "person"),
        "payers": answers.payers(saving),
        "assumptions": answers.assumptions(saving),
        "grade": answers.grade(counted.evaluation.grade),
        "unpriced": list(saving.unpriced),
        "prices": [answers.plain(price) for price in saving.prices],
        "claims": {
            "lots": [{"lot": lot, "available": counted.netted[lot]} for lot in counted.opened],
            "shrunk_towards": _towards(counted.evaluation),
            "pool_says": counted.evaluation.pool_says,
            "count_again_after": [] if counted.evaluation.primary.given else list(late),
            "refused": [{"outcome": kind, "why": why} for kind, why in counted.refused],
        },
    }
