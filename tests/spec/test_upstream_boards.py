"""The upstream boards on a world whose truth is known: a quick version of benchmarks/upstream_truth.py."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.domain.money import Perspective, Price
from headwater.partners.upstream.areas import pairs_of
from headwater.partners.upstream.boards import FORETELLS, evidence, foretelling, mean_effect, series, unmet
from headwater.partners.upstream.case import Case
from headwater.partners.upstream.courses import Courses
from headwater.partners.upstream.evidence import Evidence, Series, unhidden
from headwater.partners.upstream.opportunities import opportunities, too_late
from headwater.partners.upstream.options import called_late, own_demand, unpriced
from headwater.partners.upstream.options import tested as with_figures
from headwater.stats.sccs import POST, course_of
from headwater.worlds.services import DAYS, SERVICES, ServicesTruth, services_world

PEOPLE = 4_000


@pytest.fixture(scope="module")
def world() -> tuple[Courses, ServicesTruth]:
    made, truth = services_world(3, PEOPLE, link_error=0.2)
    window = (np.zeros(PEOPLE, np.int64), np.full(PEOPLE, DAYS - 1, np.int64))
    course = course_of(
        np.searchsorted(made.person, np.arange(PEOPLE + 1)), made.day, made.service, window, SERVICES + 1
    )
    return Courses(course, (*(f"service-{k}" for k in range(SERVICES)), "demand"), DAYS / 365.25), truth


@pytest.fixture(scope="module")
def fits(world: tuple[Courses, ServicesTruth]) -> Series:
    return series(world[0], [SERVICES])


def controls(truth: ServicesTruth) -> list[tuple[int, int]]:
    nothing = np.flatnonzero((truth.log_ratio == 0) & (np.arange(SERVICES) != truth.decoy))
    return [(int(service), SERVICES) for service in nothing[:10]]


@pytest.fixture(scope="module")
def board(world: tuple[Courses, ServicesTruth], fits: Series) -> Evidence:
    return evidence(fits, SERVICES, controls(world[1]))


def averted(board: Evidence) -> np.ndarray:
    rng = np.random.default_rng(1)
    return np.array([board.averted_each(service, 2000, rng).mean() for service in range(SERVICES)])


def test_averting_services_are_ranked_before_the_others(world: tuple[Courses, ServicesTruth], board: Evidence) -> None:
    averts = world[1].log_ratio < 0
    score = averted(board)
    gaps = score[averts][:, None] - score[~averts][None, :]
    # A third of the people of the full study, and a service whose effect ends after three weeks.
    assert (gaps > 0).mean() >= 0.85


def test_the_decoy_is_last_on_this_board_and_first_by_frequency(
    world: tuple[Courses, ServicesTruth], fits: Series, board: Evidence
) -> None:
    decoy = world[1].decoy
    assert fits.seen.observed[0, :SERVICES].argmax() == decoy
    assert averted(board).argmin() == decoy
    assert not board.discovered[decoy]


def test_who_is_called_because_it_is_coming_is_told_and_left_out_of_the_others_fit(
    world: tuple[Courses, ServicesTruth], fits: Series
) -> None:
    heralds = foretelling(fits.fits[0])
    assert np.flatnonzero(heralds).tolist() == [world[1].decoy]
    assert fits.fits[0].beta[world[1].decoy, POST.start] > FORETELLS


def test_calibrated_intervals_hold_more_of_the_truth_than_raw_ones(
    world: tuple[Courses, ServicesTruth], fits: Series, board: Evidence
) -> None:
    truth = world[1]
    meant = truth.mean_log_ratio(fits.seen.days[:SERVICES])
    theta, error = mean_effect(board, fits.seen.days)
    declared = [service for service, _ in controls(truth)]
    judged = np.setdiff1d(np.arange(SERVICES), [*declared, truth.decoy])
    rng = np.random.default_rng(2)
    held = [_holds(unhidden(rng.normal(theta[k], error[k], 2000)[:, None], 0.2, rng), meant[k]) for k in judged]
    assert np.mean(held) >= 0.75


def test_an_area_tells_of_every_pair_it_judged_and_not_only_of_those_it_shows(
    world: tuple[Courses, ServicesTruth], fits: Series, board: Evidence
) -> None:
    case = Case(board, fits, world[0], {}, {}, tuple(range(SERVICES)))
    found = {pair.service: pair for pair in pairs_of(case)}
    assert set(found) == {f"service-{k}" for k in board.used}
    theta, error = mean_effect(board, fits.seen.days)
    assert all((found[f"service-{k}"].log_ratio, found[f"service-{k}"].se) == (theta[k], error[k]) for k in board.used)
    assert found["service-0"].seen == (board.observed[0].sum(), board.contacts[0])
    refused = {f"service-{k}" for k, one in board.diagnoses.items() if not one.shown}
    assert {name for name, pair in found.items() if pair.refused} == refused


def _holds(draws: np.ndarray, truth: float) -> bool:
    low, high = np.quantile(draws, (0.025, 0.975))
    return bool(low <= truth <= high)


def test_with_fewer_than_ten_controls_nothing_is_calibrated_and_it_says_so(
    world: tuple[Courses, ServicesTruth], fits: Series
) -> None:
    bare = evidence(fits, SERVICES, controls(world[1])[:9])
    assert not bare.calibrated
    assert bare.beta[0] == pytest.approx(fits.fits[0].beta[0, POST])


def test_wrong_links_hide_part_of_an_effect_and_are_allowed_for() -> None:
    rng = np.random.default_rng(1)
    found = np.exp(unhidden(np.full((4000, 1), np.log(0.68)), 0.2, rng))
    assert np.median(found) == pytest.approx((0.68 - 0.2) / 0.8, abs=0.01)


def test_where_nobody_states_wrong_links_none_and_any_up_to_four_tenths_are_allowed_for() -> None:
    rng = np.random.default_rng(2)
    found = np.exp(unhidden(np.full((4000, 1), np.log(0.7)), None, rng))
    assert found.max() == pytest.approx(0.7, abs=0.001)
    assert found.min() == pytest.approx((0.7 - 0.4) / 0.6, abs=0.002)
    assert (found > 0.7 - 1e-9).mean() == pytest.approx(1 / 3, abs=0.03)


def test_a_further_contact_averts_no_more_than_the_average_one(fits: Series, board: Evidence) -> None:
    averting = int(np.flatnonzero(board.discovered)[0])
    each, further = (
        take(averting, 3000, np.random.default_rng(3)).mean() for take in (board.averted_each, board.averted_further)
    )
    assert 0 < further < each
    assert further / each == pytest.approx(float(fits.further[averting].mean()), abs=0.15)


def test_an_option_is_worth_what_its_averted_demand_frees_and_its_cost_must_be_known(
    world: tuple[Courses, ServicesTruth], fits: Series, board: Evidence
) -> None:
    """At £100, of which a fifth is fixed: £80 are freed, three eighths of them cash; without a price of the service
    nothing is told."""
    service = int(np.flatnonzero(board.discovered)[0])
    name = world[0].kinds[service]

    def price(kind: str, gbp: float) -> Price:
        return Price(kind, kind, "", gbp, "one", 2023, Perspective.FISCAL, "x", "made up", "1", "none")

    prices = {"demand": price("demand", 100.0), name: price(name, 2.0)}
    agencies = {"demand": ("hospital",), name: ("clinic",)}
    case = Case(board, fits, world[0], agencies, prices, (service,), 0.2)
    each = board.averted_further(service, 500, np.random.default_rng(1), 0.2)
    found = with_figures(case, service, each, ())
    np.testing.assert_allclose(found.benefit_gbp, each * case.further(service) * 80.0)
    assert found.yearly_cost_gbp == pytest.approx(2.0 * case.further(service))
    assert sum(reason.contribution for reason in found.reasons) == pytest.approx(found.net_gbp.mean())
    assert found.fiscal_net_gbp.mean() == pytest.approx(3 / 8 * found.benefit_gbp.mean() - found.yearly_cost_gbp)
    lacking = unpriced(case, service, each)
    assert len(lacking.benefit_gbp) == 0
    assert f"a price of {name}" in lacking.needs[0] and f"£{80 * each.mean():,.0f} of demand" in lacking.needs[0]


def test_who_is_called_because_a_demand_is_coming_is_no_demand_of_its_own(
    world: tuple[Courses, ServicesTruth], fits: Series
) -> None:
    kinds, decoy = world[0].kinds, world[1].decoy
    other = next(at for at in range(SERVICES) if at != decoy)
    assert own_demand(fits, [decoy, other, SERVICES], kinds, frozenset({kinds[decoy], kinds[other]})) == [
        other,
        SERVICES,
    ]
    assert own_demand(fits, [decoy, SERVICES], kinds, frozenset()) == [
        decoy,
        SERVICES,
    ], "an ambulance before an admission"


def test_a_service_that_the_demand_calls_is_named_with_the_reason_and_never_ranked(
    world: tuple[Courses, ServicesTruth], fits: Series, board: Evidence
) -> None:
    kinds, decoy = world[0].kinds, world[1].decoy
    demand = Price("demand", "demand", "", 100.0, "one", 2023, Perspective.FISCAL, "x", "made up", "1", "none")
    agencies = {"demand": ("hospital",), kinds[decoy]: ("clinic",)}
    case = Case(board, fits, world[0], agencies, {"demand": demand}, tuple(range(SERVICES)), 0.2)
    assert too_late(case) == [decoy]
    assert kinds[decoy] not in {one.act.removeprefix("opportunity:") for one in opportunities(case, 100, 1, ())}
    named = called_late(case, decoy)
    assert "the demand is already on its way" in named.needs[0] and len(named.benefit_gbp) == 0


def test_people_with_much_demand_whom_nobody_upstream_sees() -> None:
    # Person 0: four demands, never seen; 1: four demands, seen once; 2: one demand, never seen.
    rows = [
        (0, 10, 1),
        (0, 90, 1),
        (0, 200, 1),
        (0, 300, 1),
        (1, 5, 0),
        (1, 10, 1),
        (1, 90, 1),
        (1, 200, 1),
        (1, 300, 1),
        (2, 50, 1),
    ]
    person, day, service = (np.array(column) for column in zip(*rows, strict=True))
    course = course_of(np.searchsorted(person, np.arange(4)), day, service, (np.zeros(3), np.full(3, 364)), 2)
    assert unmet(course, 1, [0], 2.0) == (1, 4)
