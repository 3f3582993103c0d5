"""Day one with only your own records: what of your demand others could meet earlier, what studies lead one to expect of
it, and whose records to ask for first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headwater.app import answers
from headwater.app.acting import writing
from headwater.app.reading import data_version, linked, need_data
from headwater.app.valuing import price_book
from headwater.domain.errors import DataProblem, one_of
from headwater.domain.progress import silent
from headwater.domain.release import Count, FigureData
from headwater.domain.uncertainty import Interval
from headwater.governance import records_request
from headwater.partners.published.asking import Asked, whose_first
from headwater.partners.published.options import Expected, expected, partners_of
from headwater.partners.segments.found import OwnDemand, Volume, own_demand
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.progress import Progress
    from headwater.partners.published.library import PublishedEffect
    from headwater.partners.published.prior import Study
    from headwater.store import Store

SHOWN_EXPECTED = 15
SHOWN_BARS = 12
FEWEST_TOLD = 20
"""Contacts from which on figures reckoned from them are told: those of fewer would give their number away."""
ALONE = (
    "Only your own records are here. What other services saw of these people is not known: that is not the same as no"
    " contact."
)
OVERLAP = (
    "Segments overlap: a contact may be in several. `once` counts each in the first of the order alone, and adds up."
)
NO_CLAIM = "What studies elsewhere found is a reason to ask, never a claim; local evidence always stands before it."


@dataclass(frozen=True, eq=False)
class DayOne:
    """Everything that own records allow: demand by segment, what is expected of it, whose records come first."""

    organisation: str | None
    demand: OwnDemand
    expected: tuple[Expected, ...]
    asked: tuple[Asked, ...]
    here: dict[str, tuple[str, ...]]
    """Sort of organisation → the codes of those in the workspace."""


def segments(place: Place, organisation: str | None = None, progress: Progress = silent) -> Answer:
    """Own demand by segment, with what cannot be told and what it needs; the most hopeful approaches; whom to ask
    first."""
    found = day_one(place, organisation, progress)
    content = {
        "for": organisation,
        "agencies": list(found.demand.agencies),
        "kinds": [
            {"kind": name, "contacts": Count(one.contacts, "contacts")}
            for name, one in sorted(found.demand.here.kinds.items())
        ],
        "segments": [_volume(one) for one in found.demand.volumes],
        "in_any": Count(found.demand.in_any, "contacts"),
        "nothing": [
            {"id": one.segment.id, "name": one.segment.name, "left_out": list(one.left_out)}
            for one in found.demand.nothing
        ],
        "untold": [
            {"id": one.segment.id, "name": one.segment.name, "needs": list(one.needs)} for one in found.demand.untold
        ],
        "expected": [_expected(one, found.here) for one in found.expected[:SHOWN_EXPECTED]],
        "ask_first": [_asked(one) for one in found.asked[:5]],
        "limits": [*([ALONE] if len(found.demand.agencies) == 1 else []), OVERLAP, NO_CLAIM],
    }
    place.note("segments", f"for {organisation or 'everybody'}")
    return place.answer("segments", content, _figures(found), found)


def segment(place: Place, segment_id: str, organisation: str | None = None, progress: Progress = silent) -> Answer:
    """One segment whole: month by month, who sent them, and every published effect on it, nulls and harms among
    them."""
    found = day_one(place, organisation, progress)
    known = {one.segment.id: one for one in found.demand.volumes}
    if segment_id not in known:
        raise _not_told(found, segment_id, tuple(known))
    volume = known[segment_id]
    mine = [one for one in found.expected if one.volume.segment.id == segment_id]
    content = {
        **_volume(volume),
        "months": [{"month": month.isoformat(), "contacts": Count(n, "contacts")} for month, n in volume.by_month],
        "sent": [{"system": system, "code": code, "contacts": Count(n, "contacts")} for system, code, n in volume.sent],
        "expected": [_expected(one, found.here) for one in mine],
        "studies": [_study(one) for expectation in mine for one in expectation.prior.used],
        "library": [published_line(one) for expectation in mine for one in expectation.prior.shown],
        "limits": [NO_CLAIM],
    }
    place.note("segments", segment_id)
    return place.answer("segment", content, (_month_figure(volume),), volume)


def ask_first(place: Place, organisation: str | None = None, progress: Progress = silent) -> Answer:
    """Whose records to ask for first, with what they could settle and the text of a request."""
    found = day_one(place, organisation, progress)
    content = {"for": organisation, "bodies": [_asked(one) for one in found.asked], "limits": [ALONE, NO_CLAIM]}
    place.note("request", f"whose first, for {organisation or 'everybody'}")
    return place.answer("request-first", content, (), found.asked)


def request_of(place: Place, body: str, organisation: str | None = None, progress: Progress = silent) -> Answer:
    """A workbook for a body named by `ask_first`: the columns that linking and counting read, and what they would
    settle."""
    found = day_one(place, organisation, progress)
    known = {one.body.name: one for one in found.asked}
    if body not in known:
        raise one_of("no such body to ask", body, known, "headwater request lists them")
    asked = known[body]
    file = place.workspace.releases / f"request-{body.replace(' ', '-')}.xlsx"
    write_atomically(file, records_request(body, asked.body.kinds, _letter(asked)))
    place.note("request", body)
    return place.answer("request", {"file": str(file), "text": _letter(asked)})


def day_one(place: Place, organisation: str | None = None, progress: Progress = silent) -> DayOne:
    """The values behind these answers, for whoever ranks or adopts. Links first where several agencies have given
    people."""
    with place.store() as store:
        need_data(store)
        if not store.has("contact"):
            raise DataProblem(
                "there are no contacts, only counts",
                given="counts",
                allowed="contacts one by one",
                next_step="load contacts of people or places",
            )
        if store.has("record") and not store.has("person_link") and _several(store):
            linked(place, store, progress)
        with writing(place, "segments"):
            demand = own_demand(store, place.workspace.root, price_book(place).by_kind, organisation, progress)
        here = _sorts(store)
        data_version(store)
    hopes = expected(demand.volumes)
    ours = {organisation} if organisation else set(demand.agencies)
    return DayOne(organisation, demand, hopes, whose_first(demand.volumes, set(demand.here.kinds), ours, here), here)


def _several(store: Store) -> bool:
    return len(store.arrow(store.table("record").select("agency").distinct())) > 1


def _sorts(store: Store) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in store.arrow(store.table("organisation").select("organisation", "sort")).to_pylist():
        found.setdefault(str(row["sort"] or ""), []).append(str(row["organisation"]))
    return {sort: tuple(sorted(codes)) for sort, codes in found.items()}


def _not_told(found: DayOne, segment_id: str, known: tuple[str, ...]) -> Exception:
    for one in found.demand.untold:
        if one.segment.id == segment_id:
            return DataProblem(
                f"{one.segment.name}: cannot be told from these data",
                given="own contacts",
                allowed="with " + "; ".join(one.needs),
                next_step="map or load what it needs",
            )
    return one_of("no such segment in these data", segment_id, known, "headwater segments lists them")


# As it may be seen


def _volume(one: Volume) -> dict[str, Any]:
    made = one.segment
    return {
        "id": made.id,
        "name": made.name,
        "kinds": list(made.kinds),
        "mechanism": made.mechanism,
        "split": made.split,
        "contacts": Count(one.contacts, "contacts"),
        "contacts_per_year": Count(one.yearly, "contacts"),
        "once": Count(one.once, "contacts"),
        "people": Count(one.people) if one.people else None,
        "places": one.places or None,
        "share_of_kind": _safe(one, round(one.contacts / max(one.of_kind, 1), 2)),
        "average_cost_gbp_per_year": _safe(one, one.gbp),
        "by_bucket_gbp_per_year": _buckets(one),
        "change": _change(one),
        "counted": {"from": one.first.isoformat(), "to": one.last.isoformat()},
        "upstream": list(made.upstream),
        "source": made.source,
        "edition": made.edition,
        "grade": made.grade,
        "setting": made.setting,
        "note": made.note,
        "left_out": list(one.left_out),
    }


def _safe(one: Volume, value: float | None) -> float | None:
    """A figure reckoned from few contacts would give their number away."""
    return value if one.contacts >= FEWEST_TOLD else None


def _buckets(one: Volume) -> dict[str, float] | None:
    """Of the average cost, what each averted contact would free at once, what goes in whole steps, what stays."""
    if one.gbp is None or one.shares is None or one.contacts < FEWEST_TOLD:
        return None
    variable, step = one.shares
    return {"cash": one.gbp * variable, "released": one.gbp * step, "unchanged": one.gbp * (1 - variable - step)}


def _change(one: Volume) -> dict[str, Any] | None:
    if one.change is None or min(one.change) < FEWEST_TOLD:
        return None
    last, before = one.change
    return {
        "last_12_months": Count(last, "contacts"),
        "12_months_before": Count(before, "contacts"),
        "change": last / before - 1,
    }


def _expected(one: Expected, here: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    found = one.prior
    return {
        "id": one.id,
        "segment": one.volume.segment.id,
        "approach": found.approach.id,
        "name": found.approach.name,
        "style": found.approach.style,
        "who": list(partners_of(one, here)),
        "rate_ratio": answers.interval(Interval.of_draws(found.ratio)),
        "averted_per_100_of_those_reached": answers.interval(one.averted_of_100_reached),
        "reach": float(found.reach.mean()),
        "averted_per_year": answers.interval(Interval.of_draws(one.averted)),
        "expected_averted_per_year": float(one.averted.mean()),
        "freed_gbp_per_year": None if one.gbp is None else answers.interval(Interval.of_draws(one.gbp)),
        "expected_gbp_per_year": None if one.gbp is None else float(one.gbp.mean()),
        "studies": len(found.used),
        "fewer": _said(found.shown, "fewer"),
        "none": _said(found.shown, "none"),
        "more": _said(found.shown, "more"),
        "grade": answers.grade(one.grade),
        "before_after": one.said,
    }


def _said(lines: tuple[PublishedEffect, ...], found: str) -> int:
    return len({one.study for one in lines if one.found == found and one.compared})


def _study(one: Study) -> dict[str, Any]:
    return {
        "effect": one.effect.effect,
        "study": one.effect.study,
        "log_ratio": one.log_ratio,
        "error": one.error,
        "widened": list(one.widened),
    }


def published_line(one: PublishedEffect) -> dict[str, Any]:
    """One outcome of one study, as it is told."""
    return {
        "effect": one.effect,
        "done": one.done,
        "country": one.country,
        "people": one.people,
        "design": one.design,
        "grade": one.grade,
        "printed": one.printed,
        "found": one.found,
        "study": one.study,
        "year": one.year,
        "seen_at": one.seen_at,
        "checked": one.checked,
    }


def _asked(one: Asked) -> dict[str, Any]:
    return {
        "body": one.body.name,
        "organisations": list(one.organisations),
        "worth_gbp_per_year": one.worth_gbp,
        "contacts_per_year": Count(one.contacts_a_year, "contacts"),
        "settles": [
            {
                "segment": part.segment,
                "name": part.name,
                "approach": part.approach,
                "contacts_per_year": Count(part.contacts_a_year, "contacts"),
                "worth_gbp_per_year": part.worth_gbp,
                "freed_gbp_per_year": (
                    None if part.low_gbp is None else {"low": part.low_gbp, "high": part.high_gbp, "level": 0.95}
                ),
            }
            for part in one.settles
        ],
        "ask": one.body.ask,
        "text": _letter(one),
    }


def _letter(one: Asked) -> str:
    """The request as it may be sent: what for, which records, and what they would settle."""
    about = "; ".join(part.name for part in one.settles[:4])
    return (
        f"We would like to know which of our demand {one.body.name} could meet earlier: {about}. For that we ask for"
        f" {one.body.ask}, from two years back, with what is needed to link people and nothing else (the sheets name"
        " each column and why). No name leaves the linkage, small numbers are never shown, and you see the answer"
        " before anybody else."
    )


# Figures


def _figures(found: DayOne) -> tuple[FigureData, ...]:
    return tuple(made for made in (_dots(found),) if made.rows)


def _dots(found: DayOne) -> FigureData:
    told = [one for one in found.expected if one.gbp is not None][:SHOWN_BARS]
    rows = []
    for one in told:
        over = Interval.of_draws(one.gbp)  # type: ignore[arg-type]
        label = f"{one.volume.segment.name}: {one.prior.approach.name}"
        rows.append(
            (
                label,
                one.prior.approach.style,
                round(over.low),
                round(over.mid),
                round(over.high),
                one.grade.level,
                "£ a year freed, cost not counted",
            )
        )
    return FigureData(
        "published",
        "options",
        "What studies elsewhere lead one to expect, before anything was seen here",
        "Cost freed a year by segment and approach with its interval, from published effects, with an allowance for"
        " uncertainty.",
        ("label", "style", "low", "mid", "high", "grade", "measure"),
        tuple(rows),
    )


def _month_figure(one: Volume) -> FigureData:
    rows = tuple((month.isoformat(), one.segment.name, n, "Contacts a month") for month, n in one.by_month)
    return FigureData(
        f"segment-{one.segment.id}",
        "trajectories",
        f"{one.segment.name}, month by month",
        "Contacts of the segment in each month.",
        ("period", "group", "value", "measure"),
        rows,
        ("value",),
    )
