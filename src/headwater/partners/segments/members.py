"""Which contacts are in which segment: every condition as an expression of the engine, every history as a window over
it."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from headwater.partners.segments.definitions import Among, Before, Coded, Within, Worded
from headwater.partners.segments.stages import DAY, DAYS_PER_YEAR, column_of
from headwater.store import Stage
from headwater.store.expr import _, ifelse, literal, null, range_window, row_number, union, window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.partners.segments.definitions import Condition, Line, Segment
    from headwater.store.expr import Table, Value


def segment_member(tables: Mapping[str, Table], settings: Mapping[str, Any]) -> Table:
    """segment, contact, agency, kind, person, place, month, first: one row a contact and segment; first where it is
    counted once.

    settings: `told` (segments in the order of assignment), `conditions` (those of segment_contact's columns), `spans`
    (segment → seconds between which it counts: from as many days after the data begin as its history looks back),
    `agencies` (own; none for all).
    """
    told: tuple[Segment, ...] = settings["told"]
    rows = _with_tops(_with_frailty(tables), told, settings)
    rows, histories = _with_histories(rows, told, settings)
    found = union(*[_of(rows, at, one, histories, settings) for at, one in enumerate(told)]) if told else None
    if found is None:
        return _empty(rows)
    ranked = window(group_by=[found.contact, found.agency], order_by=[found.split.asc(), found.order.asc()])
    counted = found.mutate(first=(row_number().over(ranked) == 0) & ~found.split)
    return counted.drop("order")


def _with_frailty(tables: Mapping[str, Table]) -> Table:
    scores = tables["segment_frailty"]
    joined = tables["segment_contact"].left_join(scores, ["contact", "agency"])
    return joined.mutate(frailty=joined.tenths.fill_null(0) / 10).drop("contact_right", "agency_right", "tenths")


def _of(
    rows: Table, at: int, segment: Segment, histories: Sequence[tuple[Line, Before, str]], settings: Mapping[str, Any]
) -> Table:
    """The segment's own contacts, from the day on that its history can be seen."""
    begins, ends = settings["spans"][segment.id]
    lines = [_all_of(rows, line, histories, settings) for line in segment.where]
    here = rows.kind.isin(segment.kinds) & rows["at"].between(begins, ends)
    mine = rows.agency.isin(settings["agencies"]) if settings["agencies"] else literal(True)
    found = rows.filter(here & mine & reduce(lambda a, b: a | b, lines))
    return found.select(
        "contact",
        "agency",
        "kind",
        "person",
        "place",
        "month",
        segment=literal(segment.id),
        split=literal(segment.split),
        order=literal(at),
    )


def _empty(rows: Table) -> Table:
    none = rows.filter(literal(False)).select("contact", "agency", "kind", "person", "place", "month")
    return none.mutate(segment=literal(""), split=literal(False), first=literal(False))


def _all_of(
    rows: Table, line: Line, histories: Sequence[tuple[Line, Before, str]], settings: Mapping[str, Any]
) -> Value:
    column = {(own, one): name for own, one, name in histories}
    parts = [
        _turned(rows[column[line, one]], one) if isinstance(one, Before) else _met(rows, one, settings) for one in line
    ]
    return reduce(lambda a, b: a & b, parts, literal(True))


def _turned(found: Value, one: Before | Coded | Worded) -> Value:
    return ~found if one.absent else found


def _met(rows: Table, one: Condition, settings: Mapping[str, Any]) -> Value:
    """A condition on the contact itself."""
    if isinstance(one, Within):
        return _between(rows, one)
    if isinstance(one, Among):
        return rows[_top_name(one)].fill_null(False)
    if isinstance(one, Worded) and one.of != "text":
        plain = rows.kind.strip().lower().re_replace(r"[\s_-]+", "_")
        words = plain if one.of == "kind" else rows.place_name.lower()
        return _turned(words.re_search(one.word).fill_null(False), one)
    if isinstance(one, Coded | Worded):
        return _turned(rows[column_of(one, settings["conditions"])], one)
    raise TypeError(f"{one} looks back and stands in no other history")


def _between(rows: Table, one: Within) -> Value:
    if one.what == "hours":
        return (
            (rows.hour >= one.low) | (rows.hour < one.high)
            if one.low > one.high
            else rows.hour.between(one.low, one.high)
        )
    # Somebody is 75 until the day before 76: the upper end of an age holds its whole year.
    top = one.high + (1 if one.what == "age" else 0)
    above = rows[one.what] >= one.low
    below = rows[one.what] < top if one.what == "age" else rows[one.what] <= top
    return (above & below).fill_null(False)


# History


def _with_histories(
    rows: Table, told: Sequence[Segment], settings: Mapping[str, Any]
) -> tuple[Table, list[tuple[Line, Before, str]]]:
    """One boolean column for each line and history of the segments; the same history of the same kinds is reckoned
    once."""
    named: dict[tuple[Any, ...], str] = {}
    histories, added = [], {}
    for segment in told:
        for line in segment.where:
            for one in (part for part in line if isinstance(part, Before)):
                rest = tuple(part for part in line if not isinstance(part, Before)) if one.same else one.prior
                key = (one, rest, one.kinds or segment.kinds)
                if key not in named:
                    named[key] = f"h{len(named)}"
                    added[named[key]] = _history(rows, one, rest, key[2], settings)
                histories.append((line, one, named[key]))
    return (rows.mutate(**added) if added else rows), histories


def _history(rows: Table, one: Before, rest: Line, kinds: Sequence[str], settings: Mapping[str, Any]) -> Value:
    """Whether enough earlier contacts that satisfy `rest` lie within the days; two that may be of one moment are
    unordered."""
    unit = rows[one.by]
    counts = reduce(lambda a, b: a & b, (_met(rows, part, settings) for part in rest), rows.kind.isin(kinds))
    if one.ended:
        return _left_before(rows, unit, counts, one).fill_null(False) & unit.notnull()
    tally = ifelse(counts, 1, 0)
    upto = range_window(preceding=int(one.days * DAY), following=0, group_by=unit, order_by=rows["at"])
    seen = tally.sum().over(upto)
    if not one.including:
        seen = seen - tally.sum().over(window(group_by=[unit, rows["at"]]))
    return ((seen >= one.at_least) & unit.notnull()).fill_null(False)


def _left_before(rows: Table, unit: Value, counts: Value, one: Before) -> Value:
    """Whether the latest end of an earlier stay lies 0 to so many days before this begins; overlapping stays are
    transfers."""
    ended = ifelse(counts, rows.until.fill_null(rows["at"]), null("int64"))
    past = window(group_by=unit, order_by=[rows["at"], rows.contact], preceding=(None, 1))
    gap = (rows["at"] / DAY).floor() - (ended.max().over(past) / DAY).floor()
    return (gap >= 0) & (gap <= one.days)


def _top_name(one: Among) -> str:
    return f"top_{one.by}_{round(one.share * 1000)}_{'_'.join(one.kinds)}"


def _with_tops(rows: Table, told: Sequence[Segment], settings: Mapping[str, Any]) -> Table:
    """For each share asked for, whether the contact's person or place is among the few with most contacts of that
    year."""
    for segment in told:
        for one in (part for part in segment.conditions() if isinstance(part, Among)):
            if _top_name(one) not in rows.columns:
                rows = _with_top(rows, one, settings["spans"][segment.id][1])
    return rows


def _with_top(rows: Table, one: Among, last: int) -> Table:
    """Years run back from the last day, so that the last is whole; ties are cut by code, the same way every time."""
    year = ((literal(last) - rows["at"]) / (DAYS_PER_YEAR * DAY)).floor().cast("int64")
    dated = rows.mutate(data_year=year)
    many = (
        dated.filter(dated.kind.isin(one.kinds) & dated[one.by].notnull())
        .group_by([one.by, "data_year"])
        .agg(n=_.count())
    )
    rank = row_number().over(window(group_by=many.data_year, order_by=[many.n.desc(), many[one.by].asc()]))
    units = many.n.count().over(window(group_by=many.data_year))
    few = many.mutate(**{_top_name(one): rank < units * one.share}).drop("n")
    joined = dated.left_join(few, [one.by, "data_year"])
    return joined.drop(f"{one.by}_right", "data_year_right", "data_year")


STAGE = Stage(
    "segment_member",
    ("segment_contact", "segment_frailty"),
    segment_member,
    "contacts by segment",
    ("segment", "month", "agency", "contact"),
)
