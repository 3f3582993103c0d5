"""How a collaboration on places or organisations is evaluated: panels in, the one result shape out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.calendar import Calendar, Month
from headwater.domain.collaboration import ComparisonPlan, Outcome, Role
from headwater.domain.evidence import Evaluation, Verdict
from headwater.domain.tables import TABLES
from headwater.evidence.places.evaluation import evaluate_places
from headwater.store import arrow_schema
from places_world import NO_WINDOW, UNLOCKED, count_table, fill_counts, months, panel_counts, protocol, unit_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.store import Store


@pytest.mark.parametrize("method", ["synthetic-control", "synthetic-did", "did"])
def test_a_fall_that_only_the_treated_show_is_saved(store: Store, method: str) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(45, 60, 11, start=36, ratio=0.75)})
    found = evaluate_places(store, protocol(method), UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.AVERTED
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.75)
    assert found.design == method


def test_averted_contacts_are_the_counterfactual_less_the_observed(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(45, 48, 11, start=36, ratio=0.75)})
    found = evaluate_places(store, protocol(), UNLOCKED, NO_WINDOW)
    series = next(figure for figure in found.figures if figure.kind == "series")
    after = [row for row in series.rows if row[5] == "after"]
    gap = sum(float(row[2]) - float(row[1]) for row in after)
    assert len(after) == 12
    assert float(np.mean(found.effect.of("ae_attendance"))) == pytest.approx(gap, rel=0.01)
    assert found.effect.calendar == Calendar(Month(2021, 1), 12)
    assert found.effect.unit_years == pytest.approx(1.0, abs=0.02)


def test_several_outcomes_are_judged_at_once_each_by_its_role(store: Store) -> None:
    saved, still = (panel_counts(30, 48, 11, start=36, ratio=0.7), panel_counts(30, 48, 12))
    fill_counts(store, {"ae_attendance": saved, "gp_contact": still, "ambulance_call": panel_counts(30, 48, 13)})
    outcomes = (
        Outcome("ae_attendance", Role.PRIMARY),
        Outcome("gp_contact", Role.NEGATIVE_CONTROL),
        Outcome("ambulance_call", Role.DISPLACEMENT),
    )
    found = evaluate_places(store, protocol("did", outcomes=outcomes), UNLOCKED, NO_WINDOW)
    assert [finding.kind for finding in found.findings] == ["ae_attendance", "gp_contact", "ambulance_call"]
    assert found.effect.averted.shape[1] == 3
    passed = {check.name: check.passed for check in found.checks}
    assert passed["negative-control-outcome"] is True
    assert passed["displacement"] is True


def test_a_negative_control_that_moves_lowers_the_grade(store: Store) -> None:
    moved = panel_counts(45, 48, 12, start=36, ratio=0.6)
    fill_counts(store, {"ae_attendance": panel_counts(45, 48, 11, start=36, ratio=0.7), "gp_contact": moved})
    outcomes = (Outcome("ae_attendance", Role.PRIMARY), Outcome("gp_contact", Role.NEGATIVE_CONTROL))
    found = evaluate_places(store, protocol("did", outcomes=outcomes), UNLOCKED, NO_WINDOW)
    assert found.grade.level == 2
    assert "negative control outcome" in found.grade.text


def test_the_donors_are_shown_with_their_weights_and_why_others_are_none(store: Store) -> None:
    counts = panel_counts(30, 48, 11, start=36, ratio=0.75)
    counts[4, 20:] *= 2
    counts[5, 42:] *= 2
    counts[6, 20] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    plan = ComparisonPlan(method="synthetic-control", excluded=("unit-0007",))
    found = evaluate_places(store, protocol(plan=plan), UNLOCKED, NO_WINDOW)
    rows = {row[0]: row for row in next(f for f in found.figures if f.kind == "donors").rows}
    assert sum(float(row[1]) for row in rows.values()) == pytest.approx(1.0, abs=1e-4)
    assert "its level shifts" in str(rows["unit-0004"][3])
    assert "(seen after the start)" in str(rows["unit-0005"][3])
    assert rows["unit-0006"][3] == "1 period missing"
    assert rows["unit-0007"][3] == "excluded by the protocol"
    assert {"leave-one-donor-out", "donor-pool", "pre-fit"} <= {check.name for check in found.checks}


def test_whoever_breaks_around_the_start_is_no_donor_but_a_placebo(store: Store) -> None:
    """The treated would not be stopped by such a break, so the size of errors must know that it happens."""
    counts = panel_counts(45, 48, 11)
    counts[1:7, 37:] *= 1.7
    counts[7, 20:] *= 1.7
    widths = []
    for jumps in (counts, np.delete(counts, range(1, 7), axis=0)):
        fill_counts(store, {"ae_attendance": jumps})
        found = evaluate_places(store, protocol("did"), UNLOCKED, NO_WINDOW)
        held = found.primary.rate_ratio
        assert held is not None
        widths.append(held.high / held.low)
        steps = {row[0]: row for row in next(f for f in found.figures if f.name == "donors").rows}
        assert steps["all untreated"][1] + steps["a break of its own"][1] == steps["compared with"][1]
        assert "unit-0001" in str(steps["a break of its own"][4])
    assert widths[0] > 1.5 * widths[1]


def test_a_treated_series_that_breaks_by_itself_cannot_tell(store: Store) -> None:
    counts = panel_counts(30, 48, 11)
    counts[0, 18:] *= 1.6
    fill_counts(store, {"ae_attendance": counts})
    found = evaluate_places(store, protocol("synthetic-did"), UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert found.grade.level == 1
    assert any("The treated series shifts where the start is no reason" in caveat for caveat in found.caveats)


@pytest.mark.parametrize("ratio, broken, passed", [(0.6, 0, True), (1.0, 0, True), (0.6, 5, False)])
def test_an_effect_at_the_start_is_no_break_of_the_treated_and_a_break_before_it_is(
    store: Store, ratio: float, broken: int, passed: bool
) -> None:
    counts = np.random.default_rng(4).poisson(200, (40, 60)).astype(float)
    counts[:12, 40:] *= ratio
    counts[:broken, 28:] *= 1.5
    fill_counts(store, {"ae_attendance": np.round(counts)})
    plan = protocol("did", treated=unit_names(12), start=date(2021, 5, 1), checks=("treated-breaks",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert [check.passed for check in found.checks if check.name == "treated-breaks"] == [passed]


@pytest.mark.parametrize("ratio, word", [(0.8, Verdict.AVERTED), (1.0, Verdict.NOTHING_FOUND)])
def test_twenty_of_many_by_lot_are_judged_by_the_units_own_spread(store: Store, ratio: float, word: Verdict) -> None:
    """Four groups of twenty are too few placebos; leaving out units one by one says how large an error is usual."""
    counts = panel_counts(100, 48, 3, start=36, ratio=ratio, treated=20, mean=200)
    fill_counts(store, {"ae_attendance": counts})
    outcomes = (Outcome("ae_attendance", Role.PRIMARY, 0.15),)
    plan = protocol(treated=unit_names(20), outcomes=outcomes, checks=("treated-breaks",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    held = found.primary.rate_ratio
    assert held is not None and held.holds(ratio) and held.high / held.low < 1.25
    assert found.primary.verdict is word
    assert any("jackknife over units" in said for said in found.caveats)


@pytest.mark.parametrize("ended", [True, False])
def test_each_of_two_intakes_is_followed_from_its_own_start_to_its_own_end(store: Store, ended: bool) -> None:
    counts, days = panel_counts(60, 60, 1, noise=0.02), months("2018-01", 61)
    rows = []
    for unit, name in enumerate(unit_names(24)):
        begun = 36 if unit < 12 else 45
        counts[unit, begun : begun + 12 if ended else None] *= 0.7
        last = {"end": days[begun + 12] - timedelta(days=1)} if ended else {}
        rows.append({"collaboration": "try-out", "place": name, "start": days[begun], **last})
    fill_counts(store, {"ae_attendance": np.round(counts)})
    store.put("enrolment", "e", pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["enrolment"])))
    follow = 700 if ended else 365
    plan = protocol("did", start=days[36], treated=(), unit="place", follow_up_days=follow)
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.AVERTED and found.primary.rate_ratio is not None
    assert found.primary.rate_ratio.holds(0.7)
    assert found.effect.unit_years == pytest.approx(24, abs=0.1)
    averted = found.effect.of("ae_attendance").mean()
    told = sum(counts[u, a : a + 12].sum() for u, a in [(u, 36 if u < 12 else 45) for u in range(24)])
    assert averted == pytest.approx(told * 3 / 7, rel=0.05)


@pytest.mark.parametrize("mean, noise, recoded, passed", [(60, 0.15, 0, True), (400, 0.03, 13, False)])
def test_waves_to_all_that_wander_keep_their_word_and_many_that_break_at_once_do_not(
    store: Store, mean: float, noise: float, recoded: int, passed: bool
) -> None:
    counts, days = panel_counts(40, 72, 2, mean=mean, rho=0.8, noise=noise), months("2018-01", 72)
    counts[:recoded, 28:] *= 0.6
    starts = [36 + 3 * (unit // 5) for unit in range(40)]
    for unit, begun in enumerate(starts):
        counts[unit, begun:] *= 0.8
    fill_counts(store, {"ae_attendance": np.round(counts)})
    rows = [
        {"collaboration": "try-out", "place": name, "start": days[begun]}
        for name, begun in zip(unit_names(40), starts, strict=True)
    ]
    store.put("enrolment", "e", pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["enrolment"])))
    plan = protocol("did", start=days[36], treated=(), unit="place", checks=("treated-breaks",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    check = next(check for check in found.checks if check.name == "treated-breaks")
    assert check.passed is passed
    assert check.figure is not None and check.figure > 4  # it is no panel without breaks that passes


def test_where_there_is_no_figure_the_word_is_withheld_for_the_true_reason(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(5, 48, 11, start=36, ratio=0.7)})
    found = evaluate_places(store, protocol(checks=("donor-pool",)), UNLOCKED, NO_WINDOW)
    assert found.primary.rate_ratio is None and found.primary.verdict is Verdict.CANNOT_TELL
    assert "4 sound donors" in found.primary.withheld[0]
    assert "4 sound donors" in found.grade.text
    assert len([said for said in found.caveats if "4 sound donors" in said]) == 1


def test_a_population_that_grows_is_no_effect(store: Store) -> None:
    """Twice the people have twice the contacts: with exposure nothing is found, without it harm."""
    counts = panel_counts(45, 48, 11)
    counts[0, 36:] *= 2
    people = np.full(counts.shape, 50_000.0)
    people[0, 36:] *= 2
    table = count_table({"ae_attendance": counts})
    plan = protocol("did", options={"screen_breaks": False})
    store.put("count", "heads", table)
    assert evaluate_places(store, plan, UNLOCKED, NO_WINDOW).primary.verdict is Verdict.HARM
    at = table.schema.get_field_index("exposure")
    store.put("count", "rates", table.set_column(at, table.schema.field(at), pa.array(people.ravel())))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(1.0)


@pytest.mark.parametrize("estimator", ["imputation", "callaway-santanna"])
def test_staggered_starts_are_compared_with_those_not_yet_treated(store: Store, estimator: str) -> None:
    counts = panel_counts(60, 48, 11, mean=600)
    days = months("2018-01", 48)
    rows = []
    for unit in range(20):
        begun = 24 + 6 * (unit % 3)
        counts[unit, begun:] *= 0.75
        rows.append({"collaboration": "try-out", "place": unit_names(60)[unit], "start": days[begun]})
    fill_counts(store, {"ae_attendance": counts})
    store.put("enrolment", "e", pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["enrolment"])))
    plan = protocol("did", start=days[24], treated=(), unit="place", options={"estimator": estimator})
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.effect.treated == 20
    assert found.primary.verdict is Verdict.AVERTED
    # Each unit's own before and after, not the sum of those who had begun beside the sum of all.
    assert found.primary.naive is not None and -0.35 < found.primary.naive.change < -0.1
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.75)


def test_one_of_many_treated_that_is_missing_costs_its_own_periods_only(store: Store) -> None:
    counts = panel_counts(60, 48, 11, mean=600)
    counts[:20, 36:] *= 0.75
    whole = counts.copy()
    counts[3, 36:] = np.nan
    ratios = []
    for given in (whole, counts):
        fill_counts(store, {"ae_attendance": given})
        plan = protocol("did", treated=tuple(unit_names(20)), options={"screen_breaks": False})
        found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
        assert found.primary.verdict is Verdict.AVERTED
        assert found.primary.rate_ratio is not None
        ratios.append(found.primary.rate_ratio.mid)
    assert ratios[1] == pytest.approx(ratios[0], abs=0.02)
    assert any("12 unit-periods of the treated are missing and left out" in caveat for caveat in found.caveats)


def test_a_series_alone_is_set_against_its_own_past(store: Store) -> None:
    rng = np.random.default_rng(5)
    t = np.arange(60)
    mean = 500 * np.exp(0.002 * t + 0.1 * np.sin(2 * np.pi * t / 12)) * np.where(t >= 48, 0.75, 1.0)
    fill_counts(store, {"ae_attendance": rng.negative_binomial(200, 200 / (200 + mean))[None].astype(float)})
    found = evaluate_places(store, protocol("its", start=date(2022, 1, 1)), UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.AVERTED
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.75)
    assert found.grade.level <= 2


def streets(store: Store, ratio: float, near: float, seed: int = 3) -> list[str]:
    """Streets 200 m apart on a line with contacts by month; every eighth of the first half is treated from 2021-01 on.

    The treated are multiplied by `ratio`, their neighbours by `near`. Every contact's month alone is known.
    """
    names = [f"street-{k:03d}" for k in range(160)]
    treated = names[4:84:8]
    rate = np.full((160, 24), 12.0)
    for name in treated:
        k = names.index(name)
        rate[k, 12:] *= ratio
        rate[[k - 1, k + 1], 12:] *= near
    counts = np.random.default_rng(seed).poisson(rate)
    places = [{"place": n, "easting": 200.0 * k, "northing": 0.0, "population": 100.0} for k, n in enumerate(names)]
    days = months("2020-01", 24)
    where, when = (np.repeat(part.ravel(), counts.ravel()) for part in np.indices(counts.shape))
    contacts = {
        "contact": [str(n) for n in range(len(where))],
        "agency": ["police"] * len(where),
        "service": ["s"] * len(where),
        "place": [names[k] for k in where],
        "start": [datetime(*days[t].timetuple()[:3]) for t in when],
        "precision": ["month"] * len(where),
        "kind": ["police_incident"] * len(where),
    }
    for table, rows in (("place", _columns(places)), ("contact", contacts)):
        schema = arrow_schema(TABLES[table])
        size = len(next(iter(rows.values())))
        store.put(table, table, pa.table({f: rows.get(f, [None] * size) for f in schema.names}, schema=schema))
    return treated


def _columns(rows: list[dict[str, object]]) -> dict[str, list[object]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.mark.parametrize(("near", "passes"), [(1.0, True), (1.6, False)])
def test_a_ring_around_the_treated_streets_tells_displacement(store: Store, near: float, passes: bool) -> None:
    treated = streets(store, 0.5, near)
    outcomes = (Outcome("police_incident", Role.PRIMARY),)
    plan = protocol("buffer", unit="place", treated=tuple(treated), outcomes=outcomes, options={"buffer_metres": 250})
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    spill = next(check for check in found.checks if check.name == "spillover")
    assert found.primary.verdict is Verdict.AVERTED
    assert spill.passed is passes
    kinds = {figure.kind: figure for figure in found.figures}
    parts = [row[3] for row in kinds["street-map"].rows]
    assert (parts.count("treated"), parts.count("buffer")) == (10, 20)
    assert [row[0] for row in kinds["displacement"].rows] == ["treated", "buffer", "net"]


def test_a_month_that_cannot_be_cut_is_in_neither_part(store: Store) -> None:
    treated = streets(store, 0.5, 1.0)
    outcomes = (Outcome("police_incident", Role.PRIMARY),)
    plan = protocol("did", unit="place", treated=tuple(treated), outcomes=outcomes, start=date(2021, 1, 11))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    rows = next(figure for figure in found.figures if figure.kind == "series").rows
    when = {row[0]: row[5] for row in rows}
    assert when["2020-12-01"] == "before"
    assert when.get("2021-01-01", "absent") in ("absent", "between")
    assert when["2021-02-01"] == "after"


def enrolled(store: Store, rows: list[tuple[int, date, date | None]]) -> None:
    table = [{"collaboration": "try-out", "place": unit_names(99)[u], "start": s, "end": e} for u, s, e in rows]
    store.put("enrolment", "e", pa.Table.from_pylist(table, schema=arrow_schema(TABLES["enrolment"])))


@pytest.mark.parametrize("method", ["synthetic-did", "did", "its"])
def test_few_that_begin_in_turns_are_each_followed_from_their_own_start(store: Store, method: str) -> None:
    """Six units in three turns half a year apart: from the first start on, their sum would show half of the effect."""
    counts, days = panel_counts(40, 66, 5, noise=0.02), months("2018-01", 66)
    begun = [36 + 6 * (unit // 2) for unit in range(6)]
    for unit, at in enumerate(begun):
        counts[unit, at:] *= 0.75
    fill_counts(store, {"ae_attendance": np.round(counts)})
    enrolled(store, [(unit, days[at], None) for unit, at in enumerate(begun)])
    plan = protocol(method, start=days[36], treated=(), unit="place", options={"screen_breaks": False}, checks=("x",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    held = found.primary.rate_ratio
    assert held is not None and held.holds(0.75) and abs(held.mid - 0.75) < 0.05
    assert found.effect.unit_years == pytest.approx(6, abs=0.1)
    told = sum(counts[unit, at : at + 12].sum() for unit, at in enumerate(begun))
    assert found.effect.of("ae_attendance").mean() == pytest.approx(told / 3, rel=0.2)


@pytest.mark.parametrize(("method", "number"), [("synthetic-did", 1), ("synthetic-did", 12), ("did", 12)])
def test_who_pauses_and_begins_again_is_followed_in_both_stretches_and_not_between(
    store: Store, method: str, number: int
) -> None:
    counts, days = panel_counts(40, 60, 6, noise=0.02), months("2018-01", 61)
    rows = []
    for unit in range(number):
        for at in (36, 48):
            counts[unit, at : at + 6] *= 0.7
            rows.append((unit, days[at], days[at + 6] - timedelta(days=1)))
    fill_counts(store, {"ae_attendance": np.round(counts)})
    enrolled(store, rows)
    plan = protocol(method, start=days[36], treated=(), unit="place", follow_up_days=700, checks=("treated-breaks",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    held = found.primary.rate_ratio
    assert held is not None and held.holds(0.7) and abs(held.mid - 0.7) < 0.05
    assert found.effect.unit_years == pytest.approx(number, abs=0.1 * number)
    assert any("pause and begin again" in caveat for caveat in found.caveats)
    assert check_passed(found, "treated-breaks") is True  # the return to the old level is no break


def check_passed(found: Evaluation, name: str) -> bool | None:
    return next(check.passed for check in found.checks if check.name == name)


@pytest.mark.parametrize(("units", "waves", "never"), [(8, 4, 0), (20, 4, 3)])
def test_turns_with_few_units_or_few_never_treated_are_compared_with_those_whose_turn_comes_later(
    store: Store, units: int, waves: int, never: int
) -> None:
    counts, days = panel_counts(units + never, 60, 8, noise=0.02), months("2018-01", 60)
    rows = []
    for unit in range(units):
        at = 30 + 6 * (unit % waves)
        counts[unit, at:] *= 0.75
        rows.append((unit, days[at], None))
    fill_counts(store, {"ae_attendance": np.round(counts)})
    enrolled(store, rows)
    plan = protocol("did", start=days[30], treated=(), unit="place", follow_up_days=900, checks=("x",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.75)
    assert found.primary.verdict is Verdict.AVERTED


def test_where_all_begin_in_turns_and_no_design_is_named_those_whose_turn_comes_later_are_it(store: Store) -> None:
    counts, days = panel_counts(16, 48, 8, noise=0.02), months("2018-01", 48)
    rows = [(unit, days[30 + 4 * (unit % 4)], None) for unit in range(16)]
    fill_counts(store, {"ae_attendance": counts})
    enrolled(store, rows)
    plan = protocol("matched", start=days[30], treated=(), unit="place", follow_up_days=500, checks=("x",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.design == "did" and found.primary.rate_ratio is not None
    assert found.comparison.controls == 12  # those of the later turns


@pytest.mark.parametrize(("number", "beside"), [(2, 8), (6, 20)])
def test_several_beside_few_have_an_interval_from_units_one_by_one(store: Store, number: int, beside: int) -> None:
    counts = panel_counts(number + beside, 48, 11, start=36, ratio=0.7, treated=number)
    fill_counts(store, {"ae_attendance": counts})
    plan = protocol("synthetic-did", treated=tuple(unit_names(number)), options={"screen_breaks": False}, checks=("x",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.7)


@pytest.mark.parametrize(
    ("method", "options", "last"),
    [
        ("stepped-wedge", {"screen_breaks": False}, 24),
        ("did", {"estimator": "callaway-santanna"}, 40),
        ("did", {"post_periods": 21}, 40),
        ("synthetic-did", {"post_periods": 21}, 40),
    ],
)
def test_a_programme_that_ends_is_followed_to_its_end_in_every_design(
    store: Store, method: str, options: dict[str, str | int | float | bool], last: int
) -> None:
    """Units begin in four turns three months apart, each for half a year, and fall back to their old level."""
    counts, days = panel_counts(last, 60, 7, noise=0.02, mean=600), months("2018-01", 61)
    rows = []
    for unit in range(24):
        at = 36 + 3 * (unit % 4)
        counts[unit, at : at + 6] *= 0.7
        rows.append((unit, days[at], days[at + 6] - timedelta(days=1)))
    fill_counts(store, {"ae_attendance": np.round(counts)})
    enrolled(store, rows)
    plan = protocol(
        method, start=days[36], treated=(), unit="place", follow_up_days=450, options=options, checks=("x",)
    )
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    held = found.primary.rate_ratio
    assert held is not None and held.holds(0.7) and abs(held.mid - 0.7) < 0.02
    assert found.effect.unit_years == pytest.approx(12, abs=0.2)
    told = sum(counts[u, 36 + 3 * (u % 4) : 42 + 3 * (u % 4)].sum() for u in range(24))
    assert found.effect.of("ae_attendance").mean() == pytest.approx(told * 3 / 7, rel=0.1)


@pytest.mark.parametrize(("method", "whose"), [("synthetic-did", [0]), ("did", range(12)), ("did", range(60))])
def test_a_year_is_a_year_of_the_months_that_were_counted(store: Store, method: str, whose: Sequence[int]) -> None:
    """Months after the start that are not in the file are unknown, and no months in which nothing was seen or
    averted."""
    counts, days = panel_counts(60, 60, 3, noise=0.02), months("2018-01", 61)
    treated = len(whose) if len(whose) < 60 else 12
    counts[:treated, 36:] *= 0.8
    counts[np.ix_(list(whose), [40, 41, 45, 50, 51])] = np.nan
    fill_counts(store, {"ae_attendance": np.round(counts)})
    plan = protocol(method, treated=tuple(unit_names(treated)), follow_up_days=730)
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    told = [k for k in range(36, 60) if k not in (40, 41, 45, 50, 51)]
    years = sum((days[k + 1] - days[k]).days for k in told) / 365.25
    seen = np.round(counts)[:treated, told].sum() / years
    naive, ratio, averted = found.primary.naive, found.primary.rate_ratio, found.primary.averted_per_year
    assert naive is not None and naive.seen is not None and naive.expected_anyway is not None
    assert ratio is not None and averted is not None
    assert found.effect.delivery_years == pytest.approx(years)
    assert naive.seen == pytest.approx(seen, rel=0.001)
    assert naive.seen / naive.expected_anyway == pytest.approx(ratio.mid, rel=0.005)
    assert averted.mid == pytest.approx(seen * (1 / ratio.mid - 1), rel=0.03)
