"""Traps of evaluations on places and organisations, each with the answer that is right."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.collaboration import Choice, Outcome, Reach, Role, Selection
from headwater.domain.evidence import Evaluation, Verdict
from headwater.domain.tables import TABLES
from headwater.evidence.places.case import seasoned
from headwater.evidence.places.evaluation import evaluate_places
from headwater.evidence.places.options import Options, options_docs
from headwater.store import arrow_schema
from places_world import NO_WINDOW, UNLOCKED, count_table, fill_counts, months, panel_counts, protocol, unit_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.store import Store

BURGLARY = (Outcome("burglary", Role.PRIMARY, 0.1),)


def streets(seed: int, number: int, periods: int, *, wander: float = 0.0) -> NDArray[np.float64]:
    """Counts of streets whose mean rate never changes; with `wander` each drifts about its own (log, stationary)."""
    rng = np.random.default_rng(seed)
    level, drift = rng.gamma(4, 0.75, (number, 1)), np.zeros((number, periods))
    drift[:, 0] = rng.normal(0, wander, number)
    for t in range(1, periods):
        drift[:, t] = 0.95 * drift[:, t - 1] + rng.normal(0, wander * np.sqrt(1 - 0.95**2), number)
    return rng.poisson(level * np.exp(drift)).astype(float)


def busiest(counts: NDArray[np.float64], now: int, window: int, number: int) -> tuple[str, ...]:
    order = np.argsort(-counts[:, now - window : now].sum(axis=1), kind="stable")[:number]
    return tuple(sorted(unit_names(len(counts))[k] for k in order))


def judged(
    store: Store,
    counts: NDArray[np.float64],
    treated: tuple[str, ...],
    selection: Selection | None,
    method: str = "buffer",
) -> Evaluation:
    """Six months after a start that leaves six months at the end of the panel."""
    fill_counts(store, {"burglary": counts})
    start = months("2018-01", counts.shape[1])[-6]
    plan = protocol(
        method, unit="place", start=start, treated=treated, outcomes=BURGLARY, follow_up_days=180, selection=selection
    )
    return evaluate_places(store, plan, UNLOCKED, NO_WINDOW)


def check_of(found: Evaluation, name: str) -> bool | None:
    return next(check.passed for check in found.checks if check.name == name)


@pytest.mark.parametrize("window", [3, 12])
def test_streets_taken_at_their_peak_are_no_success_where_nobody_says_how_they_were_chosen(
    store: Store, window: int
) -> None:
    counts = streets(1, 400, 18, wander=0.45 if window == 12 else 0.0)
    found = judged(store, counts, busiest(counts, 12, window, 30), None)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert check_of(found, "selection-at-a-peak") is False
    assert any("busiest of the last" in text for text in found.primary.withheld)
    assert found.grade.level == 1


def test_streets_drawn_by_lot_pass_for_no_peak(store: Store) -> None:
    treated = tuple(sorted(np.random.default_rng(4).choice(unit_names(400), 30, replace=False).tolist()))
    found = judged(store, streets(1, 400, 18), treated, None)
    assert check_of(found, "selection-at-a-peak") is not False
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(1.0)


@pytest.mark.parametrize("ratio", [1.0, 0.6])
def test_a_stated_rule_compares_with_the_same_peak_at_other_moments(store: Store, ratio: float) -> None:
    counts = streets(2, 400, 42, wander=0.3)
    treated = busiest(counts, 36, 3, 40)
    rows = [unit_names(400).index(unit) for unit in treated]
    counts[rows, 36:] = np.random.default_rng(5).binomial(counts[rows, 36:].astype(int), ratio)
    found = judged(store, counts, treated, Selection(Choice.BUSIEST, periods=3))
    held = found.primary.rate_ratio
    assert held is not None and held.holds(ratio)
    assert found.primary.raw_ratio is not None
    fall = next(check.figure for check in found.checks if check.name == "selection-at-a-peak")
    assert fall is not None and fall < 0.9
    assert found.primary.verdict is (Verdict.AVERTED if ratio < 1 else Verdict.CANNOT_TELL)
    assert found.primary.naive is not None and found.primary.naive.expected_anyway is not None
    assert found.primary.naive.before is not None and found.primary.naive.seen is not None
    assert found.primary.averted_per_year is not None
    gap = found.primary.naive.expected_anyway - found.primary.naive.seen
    assert gap == pytest.approx(found.primary.averted_per_year.mid), "expected less seen is what was averted"


def test_places_chosen_for_another_kind_of_contact_are_compared_with_places_so_chosen(store: Store) -> None:
    """Streets with most robberies; burglary wanders with robbery, and would come down by itself."""
    rng = np.random.default_rng(12)
    level, drift = rng.gamma(4, 0.75, (400, 1)), np.zeros((400, 42))
    for t in range(42):
        drift[:, t] = 0.95 * (drift[:, t - 1] if t else 0) + rng.normal(0, 0.14, 400)
    robbery, burglary = (rng.poisson(level * np.exp(drift)).astype(float) for _ in range(2))
    treated = busiest(robbery, 36, 3, 40)
    fill_counts(store, {"burglary": burglary, "robbery": robbery})
    plan = protocol(
        "buffer",
        unit="place",
        start=months("2018-01", 42)[-6],
        treated=treated,
        outcomes=BURGLARY,
        follow_up_days=180,
        selection=Selection(Choice.BUSIEST, periods=3, kind="robbery"),
    )
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    fall = next(check.figure for check in found.checks if check.name == "selection-at-a-peak")
    assert fall is not None and 0.7 < fall < 0.97
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(1.0)
    by_own = next(
        c
        for c in judged(store, burglary, treated, Selection(Choice.BUSIEST, periods=3)).checks
        if c.name == "selection-at-a-peak"
    )
    assert (
        by_own.figure is not None and by_own.figure < fall
    )  # the rule looked at robbery, and burglary comes down by less


def test_a_kind_that_was_looked_at_and_is_not_loaded_withholds(store: Store) -> None:
    counts = streets(2, 100, 42, wander=0.3)
    found = judged(store, counts, busiest(counts, 36, 3, 20), Selection(Choice.BUSIEST, periods=3, kind="robbery"))
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert found.primary.withheld


def test_under_a_year_before_the_choice_no_word_is_given(store: Store) -> None:
    counts = streets(2, 400, 16, wander=0.3)
    found = judged(store, counts, busiest(counts, 10, 1, 40), Selection(Choice.BUSIEST, periods=1))
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert any("no whole year" in text for text in found.primary.withheld)


@pytest.mark.parametrize(("days", "season"), [(1, 7), (7, 52), (30, 12), (91, 4), (365, 1)])
def test_the_calendar_is_read_from_how_long_the_periods_are(days: int, season: int) -> None:
    periods = np.datetime64("2020-01-01") + np.arange(20) * days
    assert seasoned(Options(), periods).season == season
    assert seasoned(Options(season=6), periods).season == 6


def test_a_rule_that_the_history_cannot_try_again_withholds(store: Store) -> None:
    counts = streets(3, 400, 18)
    found = judged(store, counts, busiest(counts, 12, 12, 30), Selection(Choice.BUSIEST, periods=12))
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert "needs 18 or more before the choice, and 12 are there" in found.primary.withheld[0]


def test_a_secondary_outcome_that_breaks_has_no_word_whatever_the_primary_does(store: Store) -> None:
    closed = panel_counts(45, 48, 11)
    closed[0, 41:] *= 0.53
    closed[0, 45:] *= 0.75
    fill_counts(store, {"admission": panel_counts(45, 48, 12), "attendance": closed})
    outcomes = (Outcome("admission", Role.PRIMARY, 0.03), Outcome("attendance", Role.SECONDARY, 0.03))
    found = evaluate_places(store, protocol(outcomes=outcomes), UNLOCKED, NO_WINDOW)
    first, second = found.findings
    assert first.verdict is not Verdict.AVERTED and not any("shifts" in text for text in first.withheld)
    assert second.verdict is Verdict.CANNOT_TELL
    assert any("shifts where the start is no reason" in text for text in second.withheld)
    assert second.grade is not None and second.grade.level == 1


def put_register(store: Store, rows: list[tuple[str, str | None, str | None, str | None]]) -> None:
    names = ("organisation", "start", "end", "successor")
    table = [
        dict(zip(names, (c, s and date.fromisoformat(s), e and date.fromisoformat(e), a), strict=True)) | {"name": c}
        for c, s, e, a in rows
    ]
    store.put("organisation", str(rows), pa.Table.from_pylist(table, schema=arrow_schema(TABLES["organisation"])))


def test_a_merger_about_the_start_is_told_and_withholds(store: Store) -> None:
    counts = panel_counts(30, 48, 11)
    counts[0, 36:] += counts[1, 36:]
    counts[1, 36:] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    put_register(
        store, [("unit-0001", "2000-01-01", "2020-12-31", "unit-0000"), ("unit-0000", "2000-01-01", None, None)]
    )
    found = evaluate_places(store, protocol(), UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert any("unit-0001 ended on 2020-12-31; its successor is unit-0000" in text for text in found.primary.withheld)
    # Joined over the whole time the series shows nothing.
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(1.0)


@pytest.mark.parametrize("word", ["end", "begin"])
def test_a_merger_or_a_split_about_the_start_that_no_register_tells_withholds(store: Store, word: str) -> None:
    """Another body's counts go over into the treated's, or part of the treated's into another's, a month from the
    start."""
    counts = panel_counts(30, 60, 9)
    counts[1] = 0.5 * counts[1]
    if word == "end":
        counts[0, 37:] += counts[1, 37:]
        counts[1, 37:] = np.nan
    else:
        counts[0, 37:] = np.maximum(counts[0, 37:] - 0.4 * counts[0, 37:].mean(), 0)
        counts[1] = np.where(np.arange(60) >= 37, 0.4 * counts[0, :36].mean(), np.nan)
    fill_counts(store, {"ae_attendance": counts})
    found = evaluate_places(store, protocol("synthetic-did"), UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert any("about the start, and the treated" in text for text in found.primary.withheld)


@pytest.mark.parametrize("at", [20, 44])
def test_a_code_that_splits_off_away_from_the_start_is_named_in_its_own_month(store: Store, at: int) -> None:
    """45 % of the treated's counts stand under another code from a month on that is not the start's."""
    counts = panel_counts(30, 60, 9)
    part = np.round(0.45 * counts[0])
    counts[0, at:] -= part[at:]
    counts[1] = np.where(np.arange(60) >= at, part, np.nan)
    fill_counts(store, {"ae_attendance": counts})
    found = evaluate_places(store, protocol("synthetic-did"), UNLOCKED, NO_WINDOW)
    told = {check.name: check for check in found.checks}
    month = months("2018-01-01", 60)[at].isoformat()
    assert told["boundary-change"].passed is False
    assert f"unit-0001 begin at {month}" in told["boundary-change"].text
    assert f"at {month}" in told["treated-breaks"].text


def test_a_series_that_begins_while_the_treated_only_fall_by_an_effect_took_nothing(store: Store) -> None:
    counts = panel_counts(30, 60, 9, start=36, ratio=0.7)
    counts[1, :44] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    found = evaluate_places(store, protocol("synthetic-did"), UNLOCKED, NO_WINDOW)
    assert check_of(found, "boundary-change") is True


def test_a_body_that_ends_while_the_treated_fall_by_an_effect_is_no_merger(store: Store) -> None:
    counts = panel_counts(30, 60, 9, start=36, ratio=0.8)
    counts[1, 37:] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    found = evaluate_places(store, protocol("synthetic-did"), UNLOCKED, NO_WINDOW)
    assert check_of(found, "boundary-change") is True
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.8)


def test_a_pool_names_the_unit_that_is_short(store: Store) -> None:
    counts = panel_counts(30, 60, 9)
    counts[2, :32] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    plan = protocol("synthetic-did", treated=("unit-0000", "unit-0001", "unit-0002"))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert any("4 periods before the start" in text and "unit-0002" in text for text in found.caveats)


@pytest.mark.parametrize("began", ["2021-07-01", None])
def test_a_treated_unit_under_a_new_code_keeps_its_months(store: Store, began: str | None) -> None:
    """Also where the register does not say when the new code began: its counts do."""
    whole = panel_counts(30, 60, 11, start=36, ratio=0.8)
    split = np.vstack([whole, np.full((1, 60), np.nan)])
    split[30, 42:], split[0, 42:] = whole[0, 42:], np.nan
    fill_counts(store, {"ae_attendance": split})
    put_register(store, [("unit-0000", "2000-01-01", "2021-06-30", "unit-0030"), ("unit-0030", began, None, None)])
    found = evaluate_places(store, protocol(follow_up_days=730), UNLOCKED, NO_WINDOW)
    fill_counts(store, {"ae_attendance": whole})
    assert found.primary.verdict is Verdict.AVERTED
    assert found.effect.calendar.months == 24
    assert any("unit-0000 ended on 2021-06-30; its successor is unit-0030" in text for text in found.caveats)


def test_a_treated_unit_taken_over_by_an_untreated_one_is_followed_until_then(store: Store) -> None:
    counts = panel_counts(30, 60, 11, start=36, ratio=0.8)
    counts[1, 42:] += counts[0, 42:]
    counts[0, 42:] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    put_register(
        store, [("unit-0000", "2000-01-01", "2021-06-30", "unit-0001"), ("unit-0001", "2000-01-01", None, None)]
    )
    found = evaluate_places(store, protocol(follow_up_days=730), UNLOCKED, NO_WINDOW)
    assert found.effect.calendar.months == 6
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.8)
    assert any("of which a part only was treated: followed until then" in text for text in found.caveats)
    donors = next(figure for figure in found.figures if figure.name == "donors")
    assert not any(row[0] == "unit-0001" for row in donors.rows)


def test_waves_without_anybody_never_treated_are_compared_with_the_not_yet_treated(store: Store) -> None:
    counts = panel_counts(24, 48, 11, mean=400)
    days = months("2018-01", 48)
    rows = []
    for unit in range(24):
        begun = 18 + 6 * (unit % 4)
        counts[unit, begun:] *= 0.8
        rows.append({"collaboration": "try-out", "place": unit_names(24)[unit], "start": days[begun]})
    fill_counts(store, {"ae_attendance": counts})
    store.put("enrolment", "e", pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["enrolment"])))
    plan = protocol("did", start=days[18], treated=(), unit="place", follow_up_days=900)
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.mid == pytest.approx(0.8, abs=0.02)
    assert found.primary.verdict is Verdict.AVERTED
    assert check_of(found, "donor-pool") is True  # those whose turn has not come are the comparison


@pytest.mark.parametrize(
    ("from_", "word"), [(36, "a closure, or nobody reported"), (0, "no contacts before the start")]
)
def test_a_treated_series_of_noughts_has_no_word_and_says_why(store: Store, from_: int, word: str) -> None:
    counts = panel_counts(30, 48, 11)
    counts[0, from_:] = 0
    fill_counts(store, {"ae_attendance": counts})
    found = evaluate_places(store, protocol(), UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert any(word in caveat for caveat in found.caveats)


def test_few_donors_beside_many_treated_still_make_a_bootstrap(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(29, 48, 11, start=36, ratio=0.7, treated=20)})
    plan = protocol("did", treated=tuple(unit_names(20)), options={"screen_breaks": False})
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.7)


def test_treated_units_that_break_are_dropped_by_a_locked_rule_and_both_results_are_told(store: Store) -> None:
    counts = panel_counts(60, 48, 11, start=36, ratio=0.8, treated=12)
    counts[0:4, 20:] *= 1.8
    fill_counts(store, {"ae_attendance": counts})
    plan = protocol("did", treated=tuple(unit_names(12)), options={"drop_broken": True})
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.effect.treated <= 8
    assert not set(unit_names(4)) & set(found.cohort.units.tolist())
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.8)
    assert any("left out by the rule locked beforehand" in text for text in found.caveats)
    assert any("with the units that break the ratio is" in text for text in found.caveats)


@pytest.mark.parametrize(("theirs", "word"), [(100.0, Verdict.CANNOT_TELL), (20_000.0, Verdict.AVERTED)])
def test_an_effect_larger_than_all_that_those_reached_used_is_withheld(
    store: Store, theirs: float, word: Verdict
) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(45, 48, 11, start=36, ratio=0.75)})
    reach = Reach(40, {"ae_attendance": theirs})
    found = evaluate_places(store, protocol(reach=reach), UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is word
    assert any("the 40 people reached must have averted" in check.text for check in found.checks)


def test_the_design_tells_how_often_it_errs_on_shams_of_the_same_panel(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(60, 48, 11, treated=12)})
    plan = protocol("did", treated=tuple(unit_names(12)))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert any("shams of the same panel" in text for text in found.primary.caveats)


def with_days(counts: NDArray[np.float64], named: str) -> pa.Table:
    """The count table with its months named by their last day, or with one row of a day within a month."""
    table = count_table({"ae_attendance": counts})
    days = np.array(table["period"].to_pylist(), dtype="datetime64[D]")
    if named == "ends":
        days = (days.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    elif named == "stray":
        days[48 * 3 + 10] += 9
    at = table.schema.get_field_index("period")
    return table.set_column(at, table.schema.field(at), pa.array(days.tolist(), pa.date32()))


@pytest.mark.parametrize("named", ["ends", "stray"])
def test_months_are_months_however_their_days_are_written(store: Store, named: str) -> None:
    counts = panel_counts(30, 48, 11, start=36, ratio=0.8)
    found = []
    for how in ("begins", named):
        store.put("count", how, with_days(counts, how))
        found.append(evaluate_places(store, protocol(), UNLOCKED, NO_WINDOW).primary.averted_per_year)
    assert found[0] is not None and found[1] is not None
    assert found[1].mid == pytest.approx(found[0].mid, rel=0.02)


def test_every_option_of_a_place_design_is_documented() -> None:
    text = options_docs()
    assert all(f"| `{field.name}` | `{field.default!r}` |" in text for field in fields(Options))


@pytest.mark.parametrize(("treated", "mean"), [(1, 3.0), (15, 3.0)])
def test_small_places_that_count_nothing_at_all_afterwards_are_no_success(
    store: Store, treated: int, mean: float
) -> None:
    """Noughts among small counts are counts, but a whole year of them is a closure, or nobody reported."""
    rng = np.random.default_rng(5)
    counts = rng.poisson(rng.gamma(6, mean / 6, (60, 1)) * np.ones((60, 48))).astype(float)
    counts[:treated, 36:] = 0
    fill_counts(store, {"ae_attendance": counts})
    plan = protocol("did", treated=tuple(unit_names(treated)))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert any("counted nothing at all after the start" in text for text in found.primary.withheld)


def test_a_kind_that_nobody_counts_is_said_to_be_so_and_not_that_donors_lack(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(30, 48, 11), "call": np.zeros((30, 48))})
    outcomes = (Outcome("ae_attendance", Role.PRIMARY, 0.05), Outcome("call", Role.SECONDARY))
    found = evaluate_places(store, protocol(outcomes=outcomes), UNLOCKED, NO_WINDOW)
    assert any("no contacts before the start" in text for text in found.findings[1].withheld)


def periodic(counts: NDArray[np.float64], months_each: int, *, named_last: bool) -> pa.Table:
    """The count table in periods of several months from 2010-01 on, named by their first day or their last."""
    table = count_table({"ae_attendance": counts}, "2010-01")
    day = np.array(table["period"].to_pylist(), dtype="datetime64[M]")
    first = np.datetime64("2010-01", "M")
    begun = first + (day - first).astype(int) * months_each
    days = (begun + months_each).astype("datetime64[D]") - 1 if named_last else begun.astype("datetime64[D]")
    at = table.schema.get_field_index("period")
    return table.set_column(at, table.schema.field(at), pa.array(days.tolist(), pa.date32()))


@pytest.mark.parametrize("each", [3, 12])
def test_quarters_and_years_named_by_their_last_day_are_the_same_quarters_and_years(store: Store, each: int) -> None:
    counts, found = panel_counts(30, 20, 4, start=12, ratio=0.8), []
    start = months("2010-01", 20 * each)[12 * each]
    for named_last in (False, True):
        store.put("count", str(named_last), periodic(counts, each, named_last=named_last))
        plan = protocol(start=start, follow_up_days=8 * 31 * each, history_days=3660)
        found.append(evaluate_places(store, plan, UNLOCKED, NO_WINDOW))
    assert found[0].primary.averted_per_year == found[1].primary.averted_per_year is not None
    assert found[0].effect.calendar == found[1].effect.calendar
    assert any("named by their last day" in caveat for caveat in found[1].caveats)


def test_where_the_protocol_keeps_the_past_out_it_is_not_told_to_load_it(store: Store) -> None:
    store.put("count", "years", periodic(panel_counts(30, 20, 4), 12, named_last=False))
    found = evaluate_places(store, protocol(start=date(2022, 1, 1), history_days=730), UNLOCKED, NO_WINDOW)
    assert any("10 earlier are loaded that history_days leaves out" in text for text in found.primary.withheld)


@pytest.mark.parametrize("gap", [slice(36, 42), slice(33, 44)])
def test_a_step_over_a_gap_at_the_start_is_the_start_s_own(store: Store, gap: slice) -> None:
    counts = panel_counts(30, 60, 11, start=36, ratio=0.7, noise=0.02)
    counts[0, gap] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    found = evaluate_places(store, protocol(follow_up_days=730), UNLOCKED, NO_WINDOW)
    assert check_of(found, "treated-breaks") is True
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.7)
    assert found.grade.level <= 2  # what happened in the gap cannot be told from an effect


def test_treated_units_that_are_not_in_the_data_are_named(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(30, 48, 11)})
    plan = protocol(treated=("unit-0000", "UNIT-0001", "elsewhere"))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    said = "2 of 3 treated units are not in the data: UNIT-0001 (is it unit-0001?), elsewhere."
    assert said in found.caveats


def test_months_missing_after_the_start_do_not_hide_a_peak_before_it(store: Store) -> None:
    counts = panel_counts(30, 48, 11)
    counts[:6, 37:41] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    plan = protocol("did", treated=tuple(unit_names(6)), checks=("selection-at-a-peak",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert check_of(found, "selection-at-a-peak") is True


@pytest.mark.parametrize("beside", [6, 9])
def test_few_untreated_beside_many_treated_do_not_seem_to_break_when_those_fall(store: Store, beside: int) -> None:
    counts = panel_counts(20 + beside, 48, 32, start=36, ratio=0.7, treated=20, noise=0.03)
    fill_counts(store, {"ae_attendance": counts})
    plan = protocol("did", treated=tuple(unit_names(20)), checks=("donor-pool",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.comparison.controls >= beside - 1  # one of them wanders by itself
    assert found.primary.verdict is Verdict.AVERTED
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.7)


@pytest.mark.parametrize(("at", "parts"), [(42, (1.0,)), (36, (0.6, 0.4))])
def test_a_successor_that_no_register_names_is_pointed_out(store: Store, at: int, parts: tuple[float, ...]) -> None:
    whole = panel_counts(30, 60, 11, start=36, ratio=0.8)
    counts = np.vstack([whole, np.full((len(parts), 60), np.nan)])
    for row, share in enumerate(parts, 30):
        counts[row, at:] = np.round(share * whole[0, at:])
    counts[0, at:] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    found = evaluate_places(store, protocol(follow_up_days=730), UNLOCKED, NO_WINDOW)
    said = next(check.text for check in found.checks if check.name == "boundary-change")
    assert "The counts of unit-0000 end" in said and "unit-0030" in said and "successor" in said
    assert found.grade.level <= 3
