"""Question 2, second half: what did it save downstream, and for whom? Priced, split by bearer, booked once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater import savings
from headwater.app import answers, unbiased, valuing
from headwater.app.evaluating import evaluated, held, protocol_of
from headwater.app.place import now
from headwater.app.reading import data_version, names_of
from headwater.domain.collaboration import Role, Status
from headwater.domain.errors import ProtocolBreach
from headwater.domain.evidence import Verdict
from headwater.domain.ledger import Claim, ClaimState, Lot
from headwater.domain.progress import silent
from headwater.domain.uncertainty import Interval
from headwater.ledger import Followed, Ledger, Spent
from headwater.report.kinds import renamed
from headwater.store import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.evidence import Evaluation, Finding
    from headwater.domain.money import Freed, Saving
    from headwater.domain.progress import Progress


@dataclass(frozen=True, eq=False)
class Counted:
    """What the ledger took of an evaluation, and what it refused and why."""

    evaluation: Evaluation
    freed: Freed
    saving: Saving
    opened: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]
    netted: dict[str, float]
    """Lot → the part of it that no other lot holds."""


def count(place: Place, collaboration: str, progress: Progress = silent) -> Answer:
    """Value the effect by bucket and bearer, and book what may be booked. Counting twice changes nothing."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        standing, found = evaluated(place, store, protocol, progress)
        version, names = data_version(store), names_of(store)
        others = unbiased.estimates(place, store)
    progress("prices and bearers", 1, 3)
    counted = valued(place, protocol, found)
    progress("the ledger", 2, 3)
    counted = booked(place, protocol, standing, counted, others)
    place.note("count", collaboration, data=version)
    progress("", 3, 3)
    return _told(place, protocol, counted, names)


def preview(place: Place, collaboration: str) -> Answer | None:
    """What a kept evaluation is worth, as `count` would say, without booking anything; None where there is none."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        found, names = held(place, store, protocol), names_of(store)
    return None if found is None else _told(place, protocol, valued(place, protocol, found[1]), names)


def _told(place: Place, protocol: Protocol, counted: Counted, names: dict[str, str]) -> Answer:
    """The answer, its figures with names in the place of codes."""
    known = {**names, protocol.id: protocol.name}
    figures = tuple(renamed(figure, known) for figure in savings.figures(counted.saving))
    return place.answer("count", _answer(protocol, counted), figures, counted)


def valued(place: Place, protocol: Protocol, found: Evaluation) -> Counted:
    """What an evaluation is worth, with nothing booked."""
    return Counted(found, *valuing.worth(place, protocol, found), (), (), {})


def booked(
    place: Place, protocol: Protocol, standing: Standing, counted: Counted, others: Sequence[unbiased.Estimate]
) -> Counted:
    """Open a lot for each kind whose evidence bears it, claim what is not already another's, and say what was refused."""
    ledger = Ledger(place.workspace.ledger, place.workspace.units)
    opened: list[str] = []
    refused: list[tuple[str, str]] = []
    for kind in _bookable(counted):
        lot = _named(ledger, _lot(protocol, counted.evaluation, kind, others))
        if lot.lot not in {known.lot for known in ledger.lots}:
            try:
                _book(place, ledger, lot, (protocol, standing, counted))
            except ProtocolBreach as problem:
                refused.append((kind, str(problem)))
                continue
        opened.append(lot.lot)
    if standing.status is not Status.EXPLORATORY:
        _spend(place, ledger, protocol, counted.saving)
    refused += [(one.kind, _why_not(one)) for one in counted.evaluation.findings if _silent(one)]
    held = ledger.available()
    return replace(counted, opened=tuple(opened), refused=tuple(refused), netted={lot: held[lot] for lot in opened})


def _named(ledger: Ledger, lot: Lot) -> Lot:
    """The lot under the name it stands open with, or a new one where the same evidence was opened and withdrawn before."""
    known = {one.lot for one in ledger.lots}
    ever = [name for entry in ledger.entries if entry.act == "lot" and str(name := entry.body["lot"]).partition("~")[0] == lot.lot]  # fmt: skip
    standing = next((name for name in ever if name in known), None)
    return replace(lot, lot=standing or (f"{lot.lot}~{len(ever) + 1}" if ever else lot.lot))


def _spend(place: Place, ledger: Ledger, protocol: Protocol, saving: Saving) -> None:
    """What the partners put in is spent whether or not anything was found."""
    spent = [
        Spent(protocol.id, protocol.style.value, row.bearer, row.year, row.what, row.gbp, ClaimState.MEASURED)
        for row in savings.paid(saving)
    ]
    ledger.spend(spent, at=now(), role=place.settings.disclosure.role)


def _bookable(counted: Counted) -> list[str]:
    """Outcomes that say something and have a price: a saving or a harm, never a negative control."""
    return [kind for kind in unbiased.bookable(counted.evaluation) if kind not in counted.saving.unpriced]


def _silent(finding: Finding) -> bool:
    return finding.role is Role.PRIMARY and finding.verdict in {Verdict.NOTHING_FOUND, Verdict.CANNOT_TELL}


def _why_not(finding: Finding) -> str:
    if finding.withheld:
        return f"Nothing may be claimed: {'; '.join(finding.withheld)}."
    if finding.verdict is Verdict.NOTHING_FOUND:
        return "Nothing was found to claim: the interval includes no change and excludes a saving worth having."
    return "It cannot be told whether anything was averted, so nothing may be claimed."


def _lot(protocol: Protocol, found: Evaluation, kind: str, others: Sequence[unbiased.Estimate]) -> Lot:
    """The lot holds the shrunk mean; the interval goes with it, and the estimate as it was stands beside."""
    raw = found.effect.of(kind)
    kept = unbiased.kept_share(_finding(found, kind), others)
    draws = raw * kept
    low, high = (float(q) for q in np.quantile(draws, ((1 - protocol.level) / 2, (1 + protocol.level) / 2)))
    evidence = key_of(found.protocol_sha256, kind, raw.tobytes().hex())
    first, last = found.effect.first_day, found.effect.last_day
    return Lot(
        lot=f"{protocol.id}/{kind}/{evidence[:8]}", collaboration=protocol.id, kind=kind, unit=protocol.unit, units="",
        first_day=first.isoformat(), last_day=last.isoformat(), averted=float(draws.mean()), averted_low=low,
        averted_high=high, grade=(_finding(found, kind).grade or found.grade).level, protocol_sha256=found.protocol_sha256, evidence_sha256=evidence,
        registered="", style=protocol.style.value, months=found.effect.calendar.labels,
        averted_by_month=tuple((kept * found.effect.averted[:, found.effect.outcomes.index(kind)].mean(axis=0)).tolist()),
        raw_averted=float(raw.mean()),
    )  # fmt: skip


def _finding(found: Evaluation, kind: str) -> Finding:
    return next(one for one in found.findings if one.kind == kind)


def _book(place: Place, ledger: Ledger, lot: Lot, case: tuple[Protocol, Standing, Counted]) -> None:
    protocol, standing, counted = case
    role, at = place.settings.disclosure.role, now()
    for older in ledger.lots:
        if (older.collaboration, older.kind) == (lot.collaboration, lot.kind):
            ledger.withdraw(older.lot, role=role, reason="measured anew", at=at)
    cohort = counted.evaluation.cohort
    ledger.open_lot(lot, Followed(cohort.units, cohort.first, cohort.last), standing, protocol.minimum_grade, at=at, role=role)
    # Bookings are those of the estimate; what the lot holds of it is what was shrunk and then netted.
    share = ledger.left()[lot.lot] / lot.raw_averted if lot.raw_averted else 0.0
    rows = savings.bookings(valuing.told(counted.evaluation), counted.saving)
    claims = [
        Claim(
            claim=f"{lot.lot}/{row.bearer}/{row.year}", lot=lot.lot, bearer=row.bearer, contacts=row.contacts,
            cash_gbp=row.cash_gbp, released_gbp=row.released_gbp, absorbed_gbp=row.absorbed_gbp, none_gbp=row.none_gbp,
            year=row.year, state=ClaimState.MEASURED, role=role, reason="measured by the locked protocol",
        )
        for row in (one.times(share) for one in rows if one.kind == lot.kind)
    ]  # fmt: skip
    if claims:
        ledger.claim(claims, at=at)


def _answer(protocol: Protocol, counted: Counted) -> dict[str, Any]:
    years = counted.evaluation.effect.delivery_years
    saving = counted.saving
    return {
        "collaboration": protocol.id,
        "status": counted.evaluation.status.value,
        **valuing.answer(protocol, counted.evaluation, saving),
        "withheld": list(counted.evaluation.primary.withheld),
        "price_year": saving.price_year,
        "value_gbp": answers.value_by_bucket(saving, years),
        "years_measured": years,
        "bearers": answers.bearers(saving),
        "npv_gbp": answers.interval(Interval.of_draws(saving.npv_gbp)),
        "payers": answers.payers(saving),
        "assumptions": answers.assumptions(saving),
        "grade": answers.grade(counted.evaluation.grade),
        "unpriced": list(saving.unpriced),
        "prices": [answers.plain(price) for price in saving.prices],
        "claims": {
            "lots": [{"lot": lot, "available": counted.netted[lot]} for lot in counted.opened],
            "shrunk_towards": "the workspace's other programmes and a stated prior, because what passes a threshold overstates",
            "refused": [{"outcome": kind, "why": why} for kind, why in counted.refused],
        },
    }
