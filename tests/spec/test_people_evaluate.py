"""Evaluations of people from a store: every way of comparing, and every kind of bad input, each answered by a
sentence."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.domain.calendar import Calendar
from headwater.domain.collaboration import Entry, Outcome, Role
from headwater.domain.errors import DataProblem
from headwater.domain.evidence import Measure, ShamVerdict, Verdict
from headwater.evidence.checks.people_balance import balanced
from headwater.evidence.checks.people_contamination import contamination
from headwater.evidence.people.reading import in_engine, in_memory, population
from headwater.stats.content import steady
from headwater.worlds.traps import (
    CONTROL,
    FIRST_DAY,
    FROM,
    KINDS,
    NEVER,
    OTHER,
    OUTCOME,
    TRAPS,
    SmallWorld,
    small_world,
)
from small_worlds import asked, contacts, fill, plan, put

if TYPE_CHECKING:
    from headwater.store import Store

QUICK = ("balance", "pre-trend", "attrition")


@pytest.fixture(scope="module")
def world() -> SmallWorld:
    """A true fall of 40 % among some 120 people."""
    return small_world(replace(TRAPS[1], ratio=(0.6,), people=6_000), 3)


@pytest.fixture
def filled(store: Store, world: SmallWorld) -> Store:
    fill(store, world)
    return store


WAYS = {
    "propensity": {},
    "replacement": {"replacement": True},
    "one each": {"per_unit": 1},
    "no caliper": {"caliper": None},
    "mahalanobis within a propensity caliper": {"distance": "mahalanobis"},
    "prognostic": {"distance": "prognostic"},
}


def test_every_way_of_comparing_finds_the_true_fall_and_not_the_naive_one(filled: Store, world: SmallWorld) -> None:
    for name, way in WAYS.items():
        found = asked(filled, comparison=way, checks=QUICK).primary
        assert found.rate_ratio is not None, name
        assert 0.42 < found.rate_ratio.mid < 0.85, name
        assert found.rate_ratio.low < world.truth[OUTCOME] < found.rate_ratio.high * 1.1, name
        assert 0.1 < np.log(found.rate_ratio.high / found.rate_ratio.low) < 1.2, name
        assert found.naive is not None
        assert found.naive.change < -0.6, name
        assert found.naive.expected_anyway is not None and found.naive.seen is not None
        assert found.averted_per_year is not None
        gap = found.naive.expected_anyway - found.naive.seen
        assert gap == pytest.approx(found.averted_per_year.mid), f"{name}: expected less seen is what was averted"


def test_the_table_of_balance_holds_differences_and_variance_ratios(filled: Store) -> None:
    found = asked(filled, checks=("balance",))
    love = next(figure for figure in found.figures if figure.name == "love")
    assert love.columns == ("covariate", "before", "after", "variance_ratio_before", "variance_ratio_after")
    after = np.array([row[4].value for row in love.rows], dtype=float)
    assert ((after > 0.5) & (after < 2)).all()
    assert (after != 1).any()
    assert "variance ratios lie within 0.5 and 2" in found.checks[0].text


def test_a_failed_essential_check_withholds_the_word_and_shows_the_interval(filled: Store) -> None:
    sound = asked(filled, checks=("negative-control-outcome",))
    assert sound.primary.verdict is Verdict.AVERTED
    assert sound.primary.withheld == ()
    # The fall of the outcome itself, declared as something that nothing should change.
    moved = (
        Outcome("gp_contact", Role.PRIMARY),
        Outcome(CONTROL, Role.SECONDARY),
        Outcome(OUTCOME, Role.NEGATIVE_CONTROL),
    )
    found = asked(filled, outcomes=moved, checks=("negative-control-outcome",))
    primary, second, control = found.findings
    for finding in (primary, second):
        assert finding.verdict is Verdict.CANNOT_TELL
        assert finding.withheld == ("a check that has to pass failed (negative control outcome)",)
        assert finding.rate_ratio is not None
    assert control.verdict is ShamVerdict.MOVED
    assert any("not what the programme did: a check that has to pass failed" in caveat for caveat in found.caveats)
    # A check that the protocol does not call essential takes no word away.
    free = asked(filled, outcomes=moved, checks=("negative-control-outcome",), essential=())
    assert free.primary.withheld == ()


def test_fewer_than_fifty_matched_cannot_tell_whatever_the_interval_says(store: Store, world: SmallWorld) -> None:
    fill(store, world, enrolled_only(world, 45))
    found = asked(store, checks=QUICK).primary
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.withheld == ("fewer than 50 of those enrolled could be matched",)
    assert found.rate_ratio is not None


def _alike(n: int, apart: float, measures: int = 12) -> bool | None:
    """What the check of balance says of n enrolled and three compared each, of normal measures whose means are
    `apart`."""
    rng = np.random.default_rng(n)
    treated = np.repeat([True, False, False, False], n)
    x = rng.normal(size=(4 * n, measures)) + apart * treated[:, None]
    rows, weight = np.arange(4 * n), np.where(treated, 1, 1 / 3)
    units = SimpleNamespace(treated=treated, person=rows)
    design = SimpleNamespace(covariates=x, units=units, kinds=("one",), before=rng.poisson(3, (4 * n, 1, 6)))
    people = SimpleNamespace(area=np.full(4 * n, ""))
    case = SimpleNamespace(
        design=design,
        sets=SimpleNamespace(row=rows, weight=weight),
        people=people,
        kind="one",
    )
    return balanced(case).passed  # type: ignore[arg-type]


def test_balance_allows_what_chance_explains_and_no_more() -> None:
    assert _alike(30, 0) is True  # some 0.17 in the mean by chance alone
    assert _alike(30, 0.5) is False
    assert _alike(2_000, 0) is True
    assert _alike(2_000, 0.15) is False


def test_the_engine_and_the_memory_count_the_same(filled: Store, world: SmallWorld) -> None:
    people = population(filled, plan())
    kinds = tuple(KINDS)
    rng = np.random.default_rng(1)
    person = np.sort(rng.choice(len(world.first), 300))
    index = FIRST_DAY + rng.integers(FROM - 100, FROM + 600, 300)
    # Days with a contact are the ones at which an off-by-one shows.
    busy = rng.choice(len(world.day), 200)
    person[:200], index[:200] = world.person[busy], world.day[busy]
    end = index + 1 + rng.integers(1, 400, 300)
    one = in_engine(filled, people, kinds)(person, index, end, 4)
    other = in_memory((world.person, world.day, world.kind), len(kinds))(person, index, end, 4)
    assert one[0].sum() > 0
    assert one[1].sum() > 0
    assert (one[0] == other[0]).all()
    assert (one[1] == other[1]).all()


def test_months_hold_what_each_persons_own_days_hold_by_engine_and_memory_alike(
    filled: Store, world: SmallWorld
) -> None:
    people, kinds = population(filled, plan()), tuple(KINDS)
    rng = np.random.default_rng(2)
    busy = rng.choice(len(world.day), 200)
    person, index = world.person[busy], world.day[busy]
    end = index + 1 + rng.integers(1, 400, 200)
    first, last = (date(1970, 1, 1) + timedelta(days=int(day)) for day in (index.min() + 1, end.max() - 1))
    calendar = Calendar.spanning(first, last)
    one = in_engine(filled, people, kinds).months(person, index, end, calendar)
    other = in_memory((world.person, world.day, world.kind), len(kinds)).months(person, index, end, calendar)
    assert one.sum() > 100
    assert (one == other).all()
    slow = np.zeros_like(one)
    for unit, (who, start, stop) in enumerate(zip(person, index, end, strict=True)):
        for at in np.flatnonzero((world.person == who) & (world.day > start) & (world.day < stop)):
            slow[unit, world.kind[at], calendar.index(date(1970, 1, 1) + timedelta(days=int(world.day[at])))] += 1
    assert (slow == one).all()


def test_averted_contacts_stand_in_the_months_in_which_people_were_followed(filled: Store) -> None:
    effect = asked(filled, checks=QUICK).effect
    assert effect.followed_days.sum() / 365.25 == pytest.approx(effect.unit_years, rel=1e-9)
    share = np.abs(effect.averted[:, 0].mean(axis=0))
    days = effect.followed_days
    assert np.corrcoef(share, days)[0, 1] > 0.7
    assert share[days == 0].sum() == 0


def test_the_contact_that_made_somebody_eligible_is_history_and_not_outcome() -> None:
    contacts = (np.array([0, 0]), np.array([100, 101]), np.array([0, 0]))
    before, after = in_memory(contacts, 1)(np.array([0]), np.array([100]), np.array([300]), 2)
    assert before[0, 0].tolist() == [1, 0, 0, 0, 0, 0]
    assert after[0, 0].tolist() == [1, 0]


def test_threads_move_nothing(world: SmallWorld, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from headwater.domain.workspace import EngineSettings
    from headwater.store import open_store

    found = []
    for threads in (1, 4):
        with open_store(tmp_path / f"{threads}", replace(EngineSettings(), threads=threads)) as store:
            fill(store, world)
            found.append(asked(store, checks=QUICK))
    assert found[0].primary == found[1].primary
    assert (found[0].effect.averted == found[1].effect.averted).all()


# Bad input


def enrolled_only(world: SmallWorld, keep: int) -> np.ndarray:
    days = np.full(len(world.enrolled), NEVER)
    ours = np.flatnonzero(world.enrolled < NEVER)[:keep]
    days[ours] = world.enrolled[ours]
    return days


def test_an_empty_enrolment_list_says_what_to_add(store: Store, world: SmallWorld) -> None:
    fill(store, world, np.full(len(world.enrolled), NEVER))
    with pytest.raises(DataProblem, match="nobody is enrolled") as told:
        asked(store)
    assert "enrolment" in told.value.next_step


def test_neighbours_are_shown_to_be_the_same_or_it_is_not_said(store: Store, world: SmallWorld) -> None:
    fill(store, world)
    spill = next(check for check in asked(store).checks if check.name == "spillover")
    assert spill.power is not None
    assert (spill.passed is True) == (
        "the same within" in spill.text and "not the same" not in spill.text and "neither" not in spill.text
    )


def test_figures_of_checks_are_cut_as_ratios_are(store: Store, world: SmallWorld) -> None:
    """What the order of a sum leaves in the last digits does not leave the building."""
    fill(store, world)
    figures = [check.figure for check in asked(store).checks if check.figure is not None]
    assert len(figures) > 10
    assert figures == [float(steady(np.array(figure))) for figure in figures]


def test_one_enrolled_person_cannot_tell(store: Store, world: SmallWorld) -> None:
    fill(store, world, enrolled_only(world, 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # no mean of nobody
        found = asked(store)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert found.grade.level == 1
    assert any("Too few" in caveat for caveat in found.caveats)
    assert found.primary.withheld == ("nobody of those enrolled could be compared with anybody",)
    assert any("Nobody of those enrolled had anybody similar" in caveat for caveat in found.caveats)
    told = {check.name: check.text for check in found.checks}
    assert told["negative-control-outcome"].startswith("Too few of ")
    for name in ("second-opinion", "regression-to-the-mean", "specification-curve"):
        assert told[name] == "Nobody of those enrolled could be compared with anybody."
    assert np.isnan(found.effect.averted).all()
    assert found.effect.told == ()


def test_a_rule_that_nobody_meets_says_what_to_check(filled: Store) -> None:
    with pytest.raises(DataProblem, match="nobody enrolled") as told:
        asked(filled, entry=Entry(OUTCOME, 400, 30))
    assert "did not meet the entry rule" in str(told.value.given)
    assert "[entry]" in told.value.next_step


def test_no_eligible_controls_says_what_to_load(store: Store, world: SmallWorld) -> None:
    ours = np.flatnonzero(world.enrolled < NEVER)
    # Nobody else has any contact, and the enrolled meet the rule on the day of enrolment only.
    days = np.repeat(world.enrolled[ours], 3)
    fill(store, replace(world, person=np.repeat(ours, 3), day=days, kind=np.zeros(len(days), dtype=np.int64)))
    with pytest.raises(DataProblem, match="nobody can be compared") as told:
        asked(store)
    assert "not enrolled" in told.value.next_step


def test_no_outcome_at_all_cannot_tell(store: Store, world: SmallWorld) -> None:
    keep = (world.kind != 0) | (world.day <= FIRST_DAY + FROM + 360)
    quiet = world.kind == 0
    after = quiet & (world.day > np.minimum(world.enrolled, FIRST_DAY + FROM + 100)[world.person])
    keep &= ~after
    fill(store, replace(world, person=world.person[keep], day=world.day[keep], kind=world.kind[keep]))
    found = asked(store, checks=QUICK)
    assert found.primary.verdict is Verdict.CANNOT_TELL


def test_an_outcome_that_nobody_has_is_unknown_and_not_nought(filled: Store) -> None:
    with pytest.raises(DataProblem, match="no contact of the outcome kind 'stroke_admission'") as told:
        asked(filled, outcomes=(Outcome("stroke_admission", Role.PRIMARY),))
    assert told.value.allowed == ", ".join(sorted(KINDS))


def test_an_enrolment_list_of_strangers_is_told_as_such(filled: Store) -> None:
    put(filled, "person_enrolment", {"collaboration": [], "person": [], "start": []})
    strangers = {"agency": ["one"] * 4, "record": list("wxyz"), "start": [date(2021, 7, 1)] * 4}
    put(filled, "enrolment", {"collaboration": ["trap"] * 4, **strangers})
    with pytest.raises(DataProblem, match="any record knows") as told:
        population(filled, plan())
    assert told.value.given.startswith("4 rows")


def test_people_enrolled_before_the_first_day_are_told(filled: Store, world: SmallWorld) -> None:
    """Half of them or so: the programme is said to begin on the day that halves the enrolments."""
    days = np.sort(world.enrolled[world.enrolled < NEVER])
    begins = date(1970, 1, 1) + timedelta(days=int(days[len(days) // 2]))
    found = asked(filled, start=begins, checks=QUICK)
    said = [caveat for caveat in found.caveats if "before the programme's first day" in caveat]
    assert len(said) == 1
    assert said[0].startswith(("About 50%", "About 45%", "About 40%"))
    assert f"{begins}" in said[0]
    assert population(filled, plan()).listed.early == 0


def test_separation_in_the_propensity_does_no_harm(store: Store, world: SmallWorld) -> None:
    # Sex tells exactly who is ever enrolled: of the same sex there are only those enrolled later.
    sex = np.where(world.enrolled < NEVER, "female", "male")
    fill(store, world, sex=sex)
    alone = asked(store, checks=QUICK)
    assert alone.cohort.left_out["nobody alike within the caliper"] > 0
    assert any("nobody similar to be compared with" in caveat for caveat in alone.caveats)
    loose = asked(store, comparison={"exact": (), "caliper": None}, checks=("balance",))
    assert loose.checks[0].passed is False


def test_constant_covariates_do_no_harm(store: Store, world: SmallWorld) -> None:
    n = len(world.first)
    fill(store, world, sex=["female"] * n, area=["one"] * n, deprivation=[5] * n, birth_date=[None] * n)
    for way in ("propensity", "mahalanobis", "prognostic"):
        found = asked(store, comparison={"distance": way}, checks=QUICK)
        assert found.primary.rate_ratio is not None, way


def test_enrolment_after_death_is_left_out_and_counted(store: Store, world: SmallWorld) -> None:
    ours = np.flatnonzero(world.enrolled < NEVER)
    last = world.last.copy()
    last[ours[:7]] = world.enrolled[ours[:7]] - 5
    fill(store, replace(world, last=last, why=np.where(last < world.last, "death", world.why).astype(object)))
    found = asked(store, checks=QUICK)
    assert found.cohort.left_out["enrolled before they were observed, or after death or moving"] == 7


def test_overlapping_enrolments_count_once_and_unknown_records_are_told(filled: Store, world: SmallWorld) -> None:
    from small_worlds import names

    ours = names(len(world.first))[np.flatnonzero(world.enrolled < NEVER)]
    rows = [*ours, ours[0], ours[1]]
    put(
        filled,
        "enrolment",
        {
            "collaboration": ["trap"] * (len(rows) + 3),
            "person": [*rows, None, None, None],
            "agency": ["one"] * (len(rows) + 3),
            "record": [None] * len(rows) + ["x", "y", "z"],
            "start": np.full(len(rows) + 3, "2021-07-01", dtype="datetime64[D]"),
        },
    )
    found = asked(filled, checks=QUICK)
    assert found.cohort.left_out["on the list, but linked to nobody"] == 3
    assert any("more than once" in caveat for caveat in found.caveats)


def test_an_enrolled_person_whom_nobody_observed_is_told(filled: Store, world: SmallWorld) -> None:
    ours = np.flatnonzero(world.enrolled < NEVER)
    put(
        filled,
        "person_enrolment",
        {
            "collaboration": ["trap"] * (len(ours) + 1),
            "person": [*(f"p{at:06d}" for at in ours), "stranger"],
            "start": np.append(world.enrolled[ours], world.enrolled[ours[0]]).astype("datetime64[D]"),
        },
    )
    assert asked(filled, checks=QUICK).cohort.left_out["on the list, but never observed"] == 1


def test_people_who_did_not_meet_the_rule_are_left_out_and_counted(store: Store, world: SmallWorld) -> None:
    days = world.enrolled.copy()
    quiet = np.setdiff1d(np.arange(len(days)), world.person[world.kind == 0])[:9]
    days[quiet] = FIRST_DAY + FROM + 30
    fill(store, world, days)
    assert asked(store, checks=QUICK).cohort.left_out["did not meet the entry rule when enrolled"] == 9


# Each outcome its own evidence


def unlike_earlier(world: SmallWorld, kind: int) -> SmallWorld:
    """The enrolled had three more contacts of a kind each in the second year before, and nobody else had."""
    ours = np.flatnonzero(world.enrolled < NEVER)
    days = (world.enrolled[ours][:, None] - np.array([400, 500, 600])[None, :]).ravel()
    return replace(
        world,
        person=np.append(world.person, np.repeat(ours, 3)),
        day=np.append(world.day, days),
        kind=np.append(world.kind, np.full(len(days), kind)),
    )


def test_a_secondary_outcome_is_judged_by_checks_of_its_own(store: Store, world: SmallWorld) -> None:
    outcomes = (Outcome(OUTCOME, Role.PRIMARY), Outcome(OTHER, Role.SECONDARY))
    fill(store, unlike_earlier(world, list(KINDS).index(OTHER)))
    found = asked(store, outcomes=outcomes, checks=("placebo-period", "overlap"))
    primary, second = found.findings
    assert primary.withheld == ()
    assert second.withheld == ("a check that has to pass failed (placebo period)",)
    assert second.verdict is Verdict.CANNOT_TELL
    assert primary.grade is not None
    assert second.grade is not None
    assert second.grade.level < primary.grade.level
    assert [check.outcome for check in second.checks] == ["", OTHER]
    # What is told first is the primary's.
    assert [check.outcome for check in found.checks] == ["", OUTCOME]
    assert found.grade == primary.grade


def test_the_primary_outcome_is_the_primary_wherever_it_stands_in_the_list(filled: Store) -> None:
    first = (Outcome(OUTCOME, Role.PRIMARY), Outcome(CONTROL, Role.NEGATIVE_CONTROL))
    one, other = (asked(filled, outcomes=order, checks=QUICK) for order in (first, first[::-1]))
    assert one.grade == other.grade
    assert one.primary.rate_ratio == other.primary.rate_ratio
    assert one.checks == other.checks


def test_the_flow_of_people_adds_up_from_the_list_to_the_end(store: Store, world: SmallWorld) -> None:
    ours = np.flatnonzero(world.enrolled < NEVER)
    last = world.last.copy()
    last[ours[:7]] = world.enrolled[ours[:7]] - 5
    last[ours[20:24]] = world.enrolled[ours[20:24]] + 60
    fill(store, replace(world, last=last, why=np.where(last < world.last, "death", world.why).astype(object)))
    found = asked(store, checks=("balance",))
    steps = {(step.group, step.step): step for step in found.flow}
    listed, eligible, matched, end = (step for step in found.flow if step.group == "enrolled")
    assert listed.people == len(ours)
    assert listed.people - sum(listed.lost.values()) == eligible.people
    assert listed.lost["enrolled before they were observed, or after death or moving"] == 7
    assert eligible.people - sum(eligible.lost.values()) == matched.people == found.comparison.matched
    assert matched.people - sum(matched.lost.values()) == end.people
    assert 1 <= matched.lost["died or moved"] <= 4
    could, were = steps["compared", "eligible on a day"], steps["compared", "matched"]
    assert could.people - sum(could.lost.values()) == were.people == found.comparison.controls
    assert were.people - sum(were.lost.values()) == steps["compared", "followed to the end"].people


def test_the_target_trial_is_told_part_by_part(filled: Store) -> None:
    found = asked(filled, checks=("balance",), entry=Entry(OUTCOME, 3, 90, minimum_age=18))
    told = {row.part: row for row in found.trial}
    assert (
        told["Who may take part"].target
        == f"People with at least 3 contacts ({OUTCOME}) within 90 days, aged 18 or over."
    )
    assert told["How people are allotted"].target == "At random, on the day the rule holds."
    assert "3 compared to one enrolled by propensity" in told["How people are allotted"].emulated
    assert f"{OUTCOME} (primary)" in told["What is counted"].target
    assert all(row.target and row.emulated for row in found.trial)


def test_bed_days_are_compared_whole_and_in_parts(store: Store, world: SmallWorld) -> None:
    """Each contact of the enrolled after their start amounts to half as much as anybody else's."""
    fill(store, world)
    helped = world.day > world.enrolled[world.person]
    put(store, "person_contact", {**contacts(world), "quantity": np.where(helped, 2.0, 4.0)})
    found = asked(store, checks=("balance",), outcomes=(Outcome(OUTCOME, Role.PRIMARY),))
    told = {amount.measure: amount.ratio.mid for amount in found.amounts}
    raw = found.primary.raw_ratio
    assert raw is not None
    assert told[Measure.PER_CONTACT] == pytest.approx(0.5, abs=0.01)
    assert told[Measure.AMOUNT] == pytest.approx(0.5 * raw.mid, rel=0.05)
    assert told[Measure.FIRST] < 0.9
    # Plain contacts have no amount of their own.
    put(store, "person_contact", contacts(world))
    assert {amount.measure for amount in asked(store, checks=("balance",)).amounts} == {Measure.FIRST}


def test_what_no_file_says_of_deaths_and_of_other_programmes_is_not_known(store: Store, world: SmallWorld) -> None:
    fill(store, replace(world, why=np.full(len(world.why), "study-end", dtype=object)))
    bare = population(store, plan())
    assert (bare.losses_told, bare.listed.others) == (False, 0)
    nobody = SimpleNamespace(people=bare, design=SimpleNamespace(units=None), sets=SimpleNamespace(row=None))
    found = contamination(nobody)  # type: ignore[arg-type]
    assert found.passed is None
    assert "table enrolment" in found.text
    day = np.array(["2020-01-01"], dtype="datetime64[D]")
    put(store, "observation", {"agency": ["a"], "record": ["1"], "from": day, "to": day, "why_ended": ["unknown"]})
    assert not population(store, plan()).losses_told
    put(store, "observation", {"agency": ["a"], "record": ["1"], "from": day, "to": [None], "why_ended": ["study-end"]})
    assert population(store, plan()).losses_told
    put(
        store,
        "person_enrolment",
        {"collaboration": ["trap", "other"], "person": ["p000000", "stranger"], "start": np.repeat(day, 2)},
    )
    assert population(store, plan()).listed.others == 1


def test_the_reason_an_observation_ended_is_that_of_the_day_it_ended(store: Store) -> None:
    """One moved off a list in May, still seen elsewhere, and died in August; another died in May, as the hospital
    knows, and was struck off the list in August. Leaving one list while another agency sees the person ends nothing; a
    death does."""
    from headwater.link.windows import STAGE

    days = np.array(["2022-05-10", "2022-08-01", "2022-05-10", "2022-08-01"], dtype="datetime64[D]")
    put(
        store,
        "observation",
        {
            "agency": ["a", "b", "a", "b"],
            "record": ["1", "1", "2", "2"],
            "from": np.full(4, "2020-01-01", dtype="datetime64[D]"),
            "to": days,
            "why_ended": ["moved", "death", "death", "moved"],
        },
    )
    put(
        store,
        "person_link",
        {
            "agency": ["a", "b", "a", "b"],
            "record": ["1", "1", "2", "2"],
            "person": ["x", "x", "y", "y"],
            "run": [0] * 4,
        },
    )
    put(store, "person", {"person": ["x", "y", "z"]})
    put(
        store,
        "person_enrolment",
        {
            "collaboration": ["c"],
            "person": ["x"],
            "start": np.array(["2021-01-01"], dtype="datetime64[D]"),
            "end": [None],
        },
    )
    store.run((STAGE,), {"from": "2019-01-01", "to": "2023-12-31"})
    rows = store.arrow(store.table("person_observation").order_by("person")).to_pylist()
    assert [(row["person"], str(row["to"])[:10], row["why_ended"]) for row in rows] == [
        ("x", "2022-08-01", "death"),
        ("y", "2022-05-10", "death"),
        ("z", "2023-12-31", "study-end"),
    ]
