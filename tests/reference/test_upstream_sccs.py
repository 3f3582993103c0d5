"""The case series by stretches against a dense obvious twin; the shift null against shifting; averaging against
integration."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import multivariate_normal, norm

from headwater.stats import sccs
from headwater.stats.calibration import calibrated, null_distribution, systematic_error
from headwater.stats.precedence import precedence
from headwater.stats.sccs import REACH, WINDOWS, Course, Model, course_of, joint_sccs, seasonal
from headwater.stats.unknown_window import SPREADS, averaged, discovered, ends

EVENT = 3
WITHIN = WINDOWS[:-1]
"""The windows that fit into the 240 days of these people; the last one is made as the others are."""


def world(seed: int, people: int = 60, days: int = 240) -> Course:
    """Three services, three age bands, unlike windows, several contacts on a day, a few known to the month only."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        for service, rate in enumerate((0.02, 0.01, 0.03, 0.02)):
            rows += [(person, int(day), service) for day in np.flatnonzero(rng.random(days) < rate)]
        rows += [(person, 50, 0), (person, 50, 0)] if person % 7 == 0 else []
    person, day, service = (np.array(column) for column in zip(*sorted(rows), strict=True))
    blur = np.where((service == 1) & (rng.random(len(day)) < 0.2), 20, 0)
    start, end = rng.integers(0, 20, people), days - 1 - rng.integers(0, 60, people)
    first = np.searchsorted(person, np.arange(people + 1))
    return course_of(first, day, service, (start, end), 4, rng.integers(0, 3, people), blur)


def dense(course: Course, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x[person-day, column], events[person-day], person[person-day]) by looking at every day of everybody."""
    x, y, group = [], [], []
    for person in range(course.people):
        rows = range(course.first[person], course.first[person + 1])
        days = range(int(course.start[person]), int(course.end[person]) + 1)
        table = np.zeros((len(days), EVENT * len(windows)))
        for at, today in enumerate(days):
            for service in range(EVENT):
                mine = [row for row in rows if course.service[row] == service]
                # The latest contact that is surely past, and any that may lie ahead within the pre-window or be
                # today's.
                past = [(int(course.day[r]), int(course.blur[r])) for r in mine if course.day[r] < today]
                if past:
                    day, blur = past[-1]
                    for w, (low, high) in enumerate(windows):
                        table[at, service * len(windows) + w] = low > 0 and low <= today - day - blur <= high
                for w, (low, high) in enumerate(windows):
                    if high <= 0:
                        table[at, service * len(windows) + w] = any(
                            course.day[r] + low <= today <= course.day[r] + course.blur[r] + high for r in mine
                        )
        events = [int(course.day[r]) for r in rows if course.service[r] == EVENT]
        x.append(np.hstack([table, _calendar(np.array(days), int(course.band[person]))]))
        y.append([events.count(today) for today in days])
        group.append(np.full(len(days), person))
    return np.vstack(x), np.concatenate(y), np.concatenate(group)


def _calendar(days: np.ndarray, band: int) -> np.ndarray:
    terms = seasonal(days)
    trends = np.zeros((len(days), 3))
    trends[:, band] = terms[:, 2]
    return np.hstack([terms[:, :2], trends])


@pytest.fixture(scope="module")
def both() -> tuple[sccs.SelfControlled, np.ndarray, np.ndarray, np.ndarray]:
    course = world(1)
    (found,) = joint_sccs(course, [EVENT], Model(WITHIN, seasonal, ridge=0.0, tolerance=1e-16, passes=80))
    return found, *dense(course, WITHIN)


def test_the_fit_by_stretches_is_poisson_regression_on_a_table_of_days(both: tuple) -> None:
    found, table, counts, group = both
    telling = np.bincount(group, counts)[group] > 0
    dummies = (group[telling, None] == np.unique(group[telling])[None, :]).astype(float)
    theirs = sm.GLM(counts[telling], np.hstack([table[telling], dummies]), family=sm.families.Poisson()).fit(tol=1e-13)
    assert found.events == counts.sum()
    assert found.beta[:EVENT].ravel() == pytest.approx(theirs.params[: EVENT * len(WITHIN)], abs=1e-5)


def test_the_errors_are_the_sandwich_of_personal_scores(both: tuple) -> None:
    found, table, counts, group = both
    beta = np.concatenate([found.beta[:EVENT].ravel(), found.calendar])
    information, meat = np.zeros((len(beta),) * 2), np.zeros((len(beta),) * 2)
    for person in np.unique(group):
        x, y = table[group == person], counts[group == person]
        share = np.exp(x @ beta)
        share /= share.sum()
        mean = share @ x
        information += y.sum() * ((x * share[:, None]).T @ x - np.outer(mean, mean))
        own = y @ x - y.sum() * mean
        meat += np.outer(own, own)
    bread = np.linalg.inv(information)
    whole = bread @ meat @ bread
    windows = len(WITHIN)
    for service in range(EVENT):
        mine = slice(service * windows, (service + 1) * windows)
        assert found.covariance[service] == pytest.approx(whole[mine, mine], rel=1e-5, abs=1e-8)


def test_kinds_fitted_together_are_as_fitted_alone() -> None:
    course = world(2)
    exact = Model(WINDOWS, seasonal, tolerance=1e-14)
    together = joint_sccs(course, [3, 2], exact)
    alone = joint_sccs(course, [2], exact)
    assert together[1].beta == pytest.approx(alone[0].beta, abs=1e-6)
    assert together[1].covariance == pytest.approx(alone[0].covariance, rel=1e-4, abs=1e-9)


def test_bends_from_some_of_the_people_lead_to_the_estimate_of_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    course = world(3, people=400)
    model = Model(WITHIN, seasonal, tolerance=1e-16, passes=300)
    (whole,) = joint_sccs(course, [EVENT], model)
    for name, value in (("BLOCK", 20), ("MANY", 100)):
        monkeypatch.setattr(sccs, name, value)
    (parts,) = joint_sccs(course, [EVENT], model)
    assert parts.beta == pytest.approx(whole.beta, abs=1e-6)
    errors = [np.sqrt(np.einsum("sww->sw", one.covariance[:EVENT])) for one in (parts, whole)]
    assert errors[0] == pytest.approx(errors[1], rel=0.4)
    assert errors[0].mean() == pytest.approx(errors[1].mean(), rel=0.1)
    assert not np.array_equal(parts.covariance, whole.covariance)


def test_a_service_left_out_is_as_if_it_were_not_there() -> None:
    course = world(4)
    without = np.zeros((1, 4), dtype=bool)
    without[0, 2] = True
    exact = Model(WINDOWS, seasonal, tolerance=1e-14)
    (found,) = joint_sccs(course, [EVENT], exact, without)
    kept = course.service != 2
    person = np.repeat(np.arange(course.people), np.diff(course.first))[kept]
    less = course_of(
        np.searchsorted(person, np.arange(course.people + 1)),
        course.day[kept],
        course.service[kept],
        (course.start, course.end),
        4,
        course.band,
        course.blur[kept],
    )
    (bare,) = joint_sccs(less, [EVENT], exact)
    assert found.beta[:2] == pytest.approx(bare.beta[:2], abs=1e-4)
    assert not found.supported[2].any()


def test_what_shifting_would_give_is_the_mean_over_all_shifts() -> None:
    course = world(5, people=25, days=220)
    course = course_of(course.first, course.day, course.service, (course.start, course.end), 4)
    found = precedence(course, [EVENT])
    observed, chance, squares = np.zeros(EVENT), np.zeros(EVENT), np.zeros(EVENT)
    for person in range(course.people):
        mine = slice(course.first[person], course.first[person + 1])
        since, length = int(course.start[person]), int(course.end[person] - course.start[person] + 1)
        day, service = course.day[mine] - since, course.service[mine]
        inside = (day >= 0) & (day < length)
        events = day[inside & (service == EVENT)]
        for u in range(EVENT):
            own = day[inside & (service == u)]
            seen = [sum(_preceded(event, (own + shift) % length) for event in events) for shift in range(length)]
            observed[u] += seen[0]
            chance[u] += np.mean(seen)
            squares[u] += (seen[0] - np.mean(seen)) ** 2
    assert found.observed[0, :EVENT] == pytest.approx(observed)
    assert found.chance[0, :EVENT] == pytest.approx(chance)
    assert found.error[0, :EVENT] == pytest.approx(np.sqrt(squares))
    assert found.lead[0, :EVENT].sum(axis=1) == pytest.approx(observed)


def _preceded(event: int, contacts: np.ndarray) -> bool:
    return bool(((event - contacts >= 1) & (event - contacts <= REACH)).any())


def test_averaging_over_the_window_is_bayes_by_numbers() -> None:
    beta, covariance = np.array([[-0.3, -0.2, 0.0, 0.05]]), np.diag([0.01, 0.01, 0.02, 0.02])[None]
    found = averaged(beta, covariance)
    size = np.linspace(-8, 8, 16_001)
    evidence = []
    for spread, often in zip(SPREADS, found.sizes, strict=True):
        for shape in ends(4):
            likely = multivariate_normal(np.zeros(4), covariance[0]).pdf(beta[0] - size[:, None] * shape)
            evidence.append(often * np.trapezoid(likely * norm.pdf(size, 0, spread), size) / len(ends(4)))
    none = multivariate_normal(np.zeros(4), covariance[0]).pdf(beta[0])
    whole = found.share * none + (1 - found.share) * np.sum(evidence)
    assert found.nothing[0] == pytest.approx(found.share * none / whole, rel=1e-4)
    assert found.weight[0] == pytest.approx((1 - found.share) * np.array(evidence) / whole, rel=1e-3, abs=1e-9)
    drawn = found.draws(0, 40_000, np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx(found.expected()[0], abs=0.005)
    assert (drawn == 0).all(axis=1).mean() == pytest.approx(found.nothing[0], abs=0.01)


def test_a_board_of_nothings_discovers_nothing_most_of_the_time() -> None:
    rng = np.random.default_rng(7)
    spread = np.broadcast_to(np.diag([0.02, 0.01, 0.01, 0.01]), (24, 4, 4))
    boards = [averaged(rng.multivariate_normal(np.zeros(4), spread[0], 24), spread) for _ in range(60)]
    assert sum(discovered(board.lower()).any() for board in boards) <= 6


def test_one_service_that_foretells_the_demand_does_not_hide_what_is_small_and_true() -> None:
    """Five in all with an effect, one of them tenfold: the four of a sixth are found as they are without it."""
    rng, spread = np.random.default_rng(11), np.broadcast_to(np.diag([0.004, 0.002, 0.001, 0.001]), (24, 4, 4))
    beta = rng.multivariate_normal(np.zeros(4), spread[0], 24)
    beta[:4] -= 0.18 * np.array([1.0, 1.0, 1.0, 0.0])
    alone = discovered(averaged(beta, spread).lower())
    beta[23] = [2.3, 1.5, 0.5, 0.3]
    assert discovered(averaged(beta, spread).lower())[:4].sum() >= alone[:4].sum() >= 3


def test_the_null_distribution_is_the_highest_of_the_likelihood() -> None:
    rng = np.random.default_rng(3)
    error = rng.uniform(0.05, 0.4, 30)
    estimate = rng.normal(0.3, 0.2, 30) + rng.normal(0, error)
    means, spreads = np.meshgrid(np.linspace(0, 0.6, 301), np.linspace(0.01, 0.5, 246))
    likely = norm.logpdf(estimate[:, None, None], means, np.hypot(spreads, error[:, None, None])).sum(axis=0)
    best = np.unravel_index(likely.argmax(), likely.shape)
    assert null_distribution(estimate, error) == pytest.approx((means[best], spreads[best]), abs=0.003)


@pytest.mark.parametrize("controls", [10, 30])
def test_calibrated_intervals_cover_what_is_nothing(controls: int) -> None:
    covered, raw = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        error = rng.uniform(0.03, 0.1, controls + 1)
        estimate = rng.normal(0.1, 0.08, controls + 1) + rng.normal(0, error)
        moved, wider = calibrated(estimate[:1], error[:1], systematic_error(estimate[1:], error[1:]))
        covered.append(abs(moved[0]) <= 1.96 * wider[0])
        raw.append(abs(estimate[0]) <= 1.96 * error[0])
    assert 0.92 <= np.mean(covered) <= 0.985
    assert np.mean(raw) < 0.75


def test_fewer_than_ten_controls_calibrate_nothing() -> None:
    known = systematic_error(np.full(9, 0.3), np.full(9, 0.1))
    assert (known.mean, known.sd, known.controls) == (0.0, 0.0, 9)


def test_controls_that_are_sent_in_a_crisis_calibrate_those_that_are_too() -> None:
    """Half of the controls are off by as much as their marker says: the line finds it, and one mean for all would miss
    either half."""
    rng = np.random.default_rng(5)
    marker = np.repeat([0.0, 0.1], 6) + rng.normal(0, 0.005, 12)
    error = np.full(12, 0.02)
    known = systematic_error(1.5 * marker + rng.normal(0, 0.02, 12), error, marker)
    assert known.slope == pytest.approx(1.5, abs=3 * known.slope_se)
    assert known.expected(np.array([0.0, 0.1, 9.0])) == pytest.approx([0.0, 0.15, 0.15], abs=0.03), (
        "the line ends where the controls do"
    )
    assert known.doubt(np.array([0.05])) < 0.04


def test_a_marker_that_says_nothing_changes_nothing() -> None:
    rng, lined = np.random.default_rng(6), 0
    for _ in range(100):
        error, marker = np.full(12, 0.02), rng.normal(0, 0.05, 12)
        estimate = rng.normal(0.05, 0.04, 12)
        found = systematic_error(estimate, error, marker)
        lined += found.slope != 0
        assert found.slope != 0 or found == systematic_error(estimate, error)
    assert lined <= 15
