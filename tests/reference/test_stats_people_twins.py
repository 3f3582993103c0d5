"""The fast kernels against slow obvious twins and other people's software."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.domain.uncertainty import Interval
from headwater.stats.balance import balance
from headwater.stats.matching import Rule, _in_order, nearest_pairs, whitened
from headwater.stats.poisson import rate_model
from headwater.stats.propensity import propensity_logit
from headwater.stats.sensitivity import benjamini_hochberg, e_value, e_value_of_limit, equivalent, holm


def sets_of(rng: np.random.Generator, sets: int = 60, size: int = 4) -> tuple[np.ndarray, ...]:
    group = np.repeat(np.arange(sets), size)
    treated = (np.arange(sets * size) % size == 0).astype(float)
    x = rng.normal(size=sets * size)
    exposure = rng.uniform(0.3, 1.0, sets * size)
    level = np.repeat(rng.gamma(2.0, 1.0, sets), size)
    return (
        rng.poisson(level * exposure * np.exp(-0.4 * treated + 0.2 * x)).astype(float),
        exposure,
        np.column_stack([treated, x]),
        group,
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_rate_model_is_poisson_regression_with_a_dummy_a_set(seed: int) -> None:
    counts, exposure, design, group = sets_of(np.random.default_rng(seed))
    model = rate_model(counts, exposure, design, group)
    assert model is not None
    # With a dummy for every set that has an event, plain Poisson regression has the same estimates.
    telling = np.bincount(group, counts)[group] > 0
    dummies = (group[telling, None] == np.unique(group[telling])[None, :]).astype(float)
    table = np.hstack([design[telling], dummies])
    theirs = sm.GLM(counts[telling], table, family=sm.families.Poisson(), exposure=exposure[telling]).fit(tol=1e-12)
    assert model.beta == pytest.approx(theirs.params[:2], abs=1e-6)


def test_the_rate_model_and_its_errors_are_those_of_pyfixest() -> None:
    import pandas as pd
    import pyfixest as pf

    counts, exposure, design, group = sets_of(np.random.default_rng(5))
    model = rate_model(counts, exposure, design, group, leverage=False)
    assert model is not None
    frame = pd.DataFrame(
        {"y": counts, "treated": design[:, 0], "x": design[:, 1], "set": group, "lt": np.log(exposure)}
    )
    theirs = pf.fepois(
        "y ~ treated + x | set", frame, vcov={"CRV1": "set"}, offset="lt", iwls_tol=1e-12, fixef_tol=1e-12
    )
    assert model.beta == pytest.approx(theirs.coef().to_numpy(), abs=1e-6)
    # pyfixest's small-sample factor also counts coefficients, (N − 1)/(N − k); ours is G/(G − 1) alone.
    assert model.se == pytest.approx(theirs.se().to_numpy(), rel=0.02)


def dense_loglik_step(
    rows: np.ndarray, data: tuple[np.ndarray, ...], beta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Score and expected information of some rows, a set at a time, each set's expected total being `total` of those
    who stay."""
    counts, exposure, design, group, total = data
    score, information = np.zeros(len(beta)), np.zeros((len(beta), len(beta)))
    for at in np.unique(group[rows]):
        mine = rows[group[rows] == at]
        risk = exposure[mine] * np.exp(design[mine] @ beta)
        share = risk / risk.sum()
        mean = share @ design[mine]
        score += counts[mine] @ (design[mine] - mean)
        for row, part in zip(mine, share, strict=True):
            gap = design[row] - mean
            information += total[mine].sum() * part * np.outer(gap, gap)
    return score, information


def dense_jackknife(data: tuple[np.ndarray, ...], beta: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Each cluster's rows left out in turn, and a Newton step made from the estimate of all on what stays."""
    codes, rows = np.unique(clusters), np.arange(len(clusters))
    steps = []
    for code in codes:
        score, information = dense_loglik_step(rows[clusters != code], data, beta)
        steps.append(np.linalg.solve(information, score))
    found: np.ndarray = np.array(steps).T @ np.array(steps) * (len(codes) - 1) / len(codes)
    return found


def repeated(seed: int) -> tuple[np.ndarray, ...]:
    """Sets in which people stand again and again: counts, exposure, design, group, person."""
    rng = np.random.default_rng(seed)
    counts, exposure, design, group = sets_of(rng, 15)
    person = np.where(design[:, 0] == 1, 100 + group, rng.integers(0, 12, len(group)))
    return counts, exposure, design, group, person


@pytest.mark.parametrize("seed", range(3))
def test_errors_are_the_jackknife_of_sets_and_of_people(seed: int) -> None:
    counts, exposure, design, group, person = repeated(seed)
    telling = (np.bincount(group, counts) > 0)[group]
    counts, exposure, design, group, person = (part[telling] for part in (counts, exposure, design, group, person))
    model = rate_model(counts, exposure, design, group, person=person)
    assert model is not None
    beta = model.beta
    risk = exposure * np.exp(design @ beta)
    # What each row is expected to add to its set's total: whoever leaves takes theirs along.
    total = np.bincount(group, counts)[group] * risk / np.bincount(group, risk)[group]
    data = (counts, exposure, design, group, total)
    by_set, by_person, by_both = (
        dense_jackknife(data, beta, clusters) for clusters in (group, person, group * 1000 + person)
    )
    assert model.covariance == pytest.approx(by_set + by_person - by_both, rel=1e-6, abs=1e-9)
    alone = rate_model(counts, exposure, design, group)
    assert alone is not None
    assert alone.covariance == pytest.approx(by_set, rel=1e-6)


def test_a_step_is_near_to_fitting_anew_without_a_set() -> None:
    counts, exposure, design, group = sets_of(np.random.default_rng(11), 40)
    model = rate_model(counts, exposure, design, group)
    assert model is not None
    telling = np.unique(group[(np.bincount(group, counts) > 0)[group]])
    anew = [rate_model(*(part[group != at] for part in (counts, exposure, design, group))) for at in telling]
    gaps = np.array([one.beta - model.beta for one in anew if one is not None])
    slow = np.sqrt((gaps**2).sum(axis=0) * (len(telling) - 1) / len(telling))
    assert model.se == pytest.approx(slow, rel=0.03)


@pytest.mark.parametrize("two_way", [False, True])
def test_without_leverage_errors_are_the_common_sandwich(two_way: bool) -> None:
    counts, exposure, design, group, person = repeated(4)
    model = rate_model(counts, exposure, design, group, person=person if two_way else None, leverage=False)
    assert model is not None
    telling = (np.bincount(group, counts) > 0)[group]
    dummies = (group[telling, None] == np.unique(group[telling])[None, :]).astype(float)
    poisson = sm.GLM(
        counts[telling], np.hstack([design[telling], dummies]), family=sm.families.Poisson(), exposure=exposure[telling]
    )
    keys = (group, person, group * 1000 + person) if two_way else (group,)
    found = []
    for key in keys:
        code = np.unique(key[telling], return_inverse=True)[1]
        kwds = {"groups": code, "use_correction": False}
        g = code.max() + 1
        cov = np.asarray(poisson.fit(tol=1e-12, cov_type="cluster", cov_kwds=kwds).cov_params())[:2, :2]
        found.append(cov * g / (g - 1))
    theirs = found[0] + found[1] - found[2] if two_way else found[0]
    assert model.covariance == pytest.approx(theirs, abs=1e-6)


def test_leverage_sees_how_a_persons_counts_in_two_sets_go_together() -> None:
    # Pairs of sets with the same three people compared, whose counts are the same in both: as good as half as many
    # sets.
    rng = np.random.default_rng(12)
    ratios = []
    for _ in range(60):
        level = rng.gamma(1.0, 3.0, (40, 1, 1)) * np.ones((40, 2, 4))
        counts = rng.poisson(level).astype(float)
        counts[:, 1, 1:] = counts[:, 0, 1:]
        person = np.arange(320).reshape(40, 2, 4)
        person[:, 1, 1:] = person[:, 0, 1:]
        treated = np.zeros((40, 2, 4))
        treated[:, :, 0] = 1
        args = (counts.ravel(), np.ones(320), treated.reshape(-1, 1), np.repeat(np.arange(80), 4))
        models = [rate_model(*args, person=person.ravel(), leverage=lever) for lever in (True, False)]
        ratios.append([models[0].beta[0], *(one.se[0] for one in models)])  # type: ignore[union-attr]
    true, (fair, common) = np.std([row[0] for row in ratios]), np.mean(ratios, axis=0)[1:]
    assert common < fair
    assert abs(fair / true - 1) < 0.25  # 60 worlds give a standard deviation to 9 %


def test_clusters_by_person_widen_what_repeats() -> None:
    counts, exposure, design, group = sets_of(np.random.default_rng(7))
    once = rate_model(counts, exposure, design, group)
    twice = rate_model(
        np.tile(counts, 2),
        np.tile(exposure, 2),
        np.tile(design, (2, 1)),
        np.concatenate([group, group + 1000]),
        person=np.tile(np.arange(len(counts)), 2),
    )
    assert once is not None
    assert twice is not None
    assert twice.beta == pytest.approx(once.beta, abs=1e-8)
    assert twice.se[0] > 0.9 * once.se[0]


@pytest.mark.parametrize("counts", [np.zeros(8), np.array([1.0, 0, 0, 0, 2.0, 0, 0, 0])])
def test_nothing_to_tell_is_none_and_no_error(counts: np.ndarray) -> None:
    design = np.array([[1.0], [0], [0], [0]] * 2)
    assert rate_model(counts, np.ones(8), design, np.repeat([0, 1], 4)) is None


def test_propensity_is_logistic_regression() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(500, 3))
    treated = rng.random(500) < 1 / (1 + np.exp(-(x @ [0.8, -0.5, 0.0] - 1)))
    theirs = sm.Logit(treated.astype(float), sm.add_constant(x)).fit(disp=False)
    assert propensity_logit(x, treated, ridge=1e-9) == pytest.approx(sm.add_constant(x) @ theirs.params, abs=1e-5)


@pytest.mark.parametrize("cores", [1, 2, 5])
def test_neither_blocks_nor_cores_move_a_logit_or_a_pair(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    rng = np.random.default_rng(9)
    x, strata = rng.normal(size=(4_000, 3)), rng.integers(-5, 20, 4_000)
    treated = rng.random(4_000) < 1 / (1 + np.exp(-(x @ [0.8, -0.5, 0.0] - 1)))
    whole = propensity_logit(x, treated)
    pairs = nearest_pairs(treated, strata, whole, Rule(caliper=0.3), features=x)
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr("headwater.stats.matching.FEW", 10)
    again = nearest_pairs(treated, strata, whole, Rule(caliper=0.3), features=x)
    assert (np.column_stack([again.treated, again.control]) == np.column_stack([pairs.treated, pairs.control])).all()
    monkeypatch.setattr("headwater.stats.blocks.BLOCK", 300)
    blocks = propensity_logit(x, treated)
    assert blocks == pytest.approx(whole, abs=1e-9)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert (propensity_logit(x, treated) == blocks).all()


def test_separation_and_constant_columns_do_no_harm() -> None:
    x = np.column_stack([np.arange(20.0), np.ones(20)])
    found = propensity_logit(x, np.arange(20) >= 10)
    assert np.isfinite(found).all()
    assert (np.diff(found) > 0).all()


def slow_pairs(
    treated: np.ndarray, strata: np.ndarray, score: np.ndarray, per_unit: int, caliper: float
) -> list[tuple[int, int]]:
    """Rounds over the treated from the highest score on; the nearest free one of the stratum, ties to the smaller
    number."""
    free = {row for row in range(len(treated)) if not treated[row]}
    ours = sorted(np.flatnonzero(treated), key=lambda row: (-score[row], row))
    found = []
    for _ in range(per_unit):
        for unit in ours:
            near = sorted(
                (abs(score[row] - score[unit]), row)
                for row in free
                if strata[row] == strata[unit] and abs(score[row] - score[unit]) <= caliper
            )
            if near:
                found.append((int(unit), int(near[0][1])))
                free.remove(near[0][1])
    return sorted(found)


@given(st.integers(0, 2**32 - 1), st.integers(5, 60), st.integers(1, 3), st.sampled_from([0.1, 0.5, np.inf]))
@settings(max_examples=60, deadline=None)
def test_matching_is_its_slow_twin(seed: int, rows: int, per_unit: int, caliper: float) -> None:
    rng = np.random.default_rng(seed)
    treated, strata, score = rng.random(rows) < 0.3, rng.integers(0, 3, rows), rng.normal(size=rows).round(1)
    pairs = nearest_pairs(treated, strata, score, Rule(per_unit, caliper))
    assert list(zip(pairs.treated.tolist(), pairs.control.tolist(), strict=True)) == slow_pairs(
        treated, strata, score, per_unit, caliper
    )
    assert (strata[pairs.treated] == strata[pairs.control]).all()
    assert (np.abs(score[pairs.treated] - score[pairs.control]) <= caliper).all()
    assert len(np.unique(pairs.control)) == len(pairs.control)


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=40, deadline=None)
def test_nobody_is_their_own_control_nor_twice_in_a_set(seed: int, replacement: bool) -> None:
    rng = np.random.default_rng(seed)
    rows = 40
    treated, owner, when = rng.random(rows) < 0.3, rng.integers(0, 15, rows), rng.uniform(0, 300, rows)
    pairs = nearest_pairs(
        treated,
        np.zeros(rows, dtype=np.int64),
        rng.normal(size=rows),
        Rule(3, apart=60.0, replacement=replacement),
        owner=owner,
        when=when,
    )
    assert (owner[pairs.treated] != owner[pairs.control]).all()
    assert (np.abs(when[pairs.treated] - when[pairs.control]) <= 60).all()
    in_set = np.column_stack([pairs.treated, owner[pairs.control]])
    assert len(np.unique(in_set, axis=0)) == len(in_set)
    if not replacement:
        assert len(np.unique(pairs.control)) == len(pairs.control)


@pytest.mark.parametrize("span", [1, 40, 2**40])
@pytest.mark.parametrize("score", ["spread", "alike", "one far off", "rounded"])
def test_candidates_lie_in_the_order_of_stratum_score_and_row(span: int, score: str) -> None:
    rng = np.random.default_rng(8)
    strata, value = rng.integers(-span, span, 2_000), rng.normal(size=2_000)
    if score == "alike":
        value = 1 + 1e-15 * rng.integers(0, 9, 2_000)
    if score == "one far off":
        value[7] = 1e300  # the steps between the others vanish
    if score == "rounded":
        value = value.round(1)
    assert _in_order(strata, value).tolist() == np.lexsort((np.arange(2_000), value, strata)).tolist()
    assert _in_order(strata[:1], value[:1]).tolist() == [0]
    assert _in_order(strata[:0], value[:0]).tolist() == []


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_the_order_of_rows_moves_no_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = 60
    treated, strata, score = rng.random(rows) < 0.3, rng.integers(0, 3, rows), rng.normal(size=rows)
    order = rng.permutation(rows)
    one = nearest_pairs(treated, strata, score, Rule(2, 0.8))
    other = nearest_pairs(treated[order], strata[order], score[order], Rule(2, 0.8))
    assert set(zip(one.treated, one.control, strict=True)) == set(
        zip(order[other.treated], order[other.control], strict=True)
    )


@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([0.3, 1.5]), st.sampled_from([40.0, np.inf]))
@settings(max_examples=60, deadline=None)
def test_matching_by_features_is_its_slow_twin(seed: int, replacement: bool, caliper: float, apart: float) -> None:
    """Half are treated, so that those nearest to many are soon taken and a stratum must be searched again."""
    rng = np.random.default_rng(seed)
    rows = 90
    treated, strata, score = rng.random(rows) < 0.45, rng.integers(0, 2, rows), rng.normal(size=rows)
    x, owner, when = rng.normal(size=(rows, 3)).round(1), rng.integers(0, 60, rows), rng.uniform(0, 100, rows)
    pairs = nearest_pairs(
        treated,
        strata,
        score,
        Rule(2, caliper, apart, replacement),
        owner=owner,
        when=when,
        features=x,
    )
    made: list[tuple[int, int]] = []
    for _ in range(2):
        for unit in sorted(np.flatnonzero(treated), key=lambda row: (-score[row], row)):
            set_of = {int(owner[unit])} | {int(owner[row]) for one, row in made if one == unit}
            near = [
                (float(np.sqrt(((x[row] - x[unit]) ** 2).sum())), int(row))
                for row in np.flatnonzero(~treated)
                if strata[row] == strata[unit]
                and abs(score[row] - score[unit]) <= caliper
                and abs(when[row] - when[unit]) <= apart
                and int(owner[row]) not in set_of
                and (replacement or row not in [c for _, c in made])
            ]
            made += [(unit, min(near)[1])] if near else []
    assert list(zip(pairs.treated.tolist(), pairs.control.tolist(), strict=True)) == sorted(made)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_mahalanobis_without_a_caliper_needs_no_score(seed: int) -> None:
    rng = np.random.default_rng(seed)
    treated, x = rng.random(700) < 0.1, rng.normal(size=(700, 2))
    pairs = nearest_pairs(treated, np.zeros(700, dtype=np.int64), np.zeros(700), Rule(1), features=x)
    free, made = set(np.flatnonzero(~treated).tolist()), []
    for unit in np.flatnonzero(treated).tolist():
        made.append((unit, min(free, key=lambda row: (float(np.sqrt(((x[row] - x[unit]) ** 2).sum())), row))))
        free.remove(made[-1][1])
    assert list(zip(pairs.treated.tolist(), pairs.control.tolist(), strict=True)) == made


def test_single_precision_is_reckoned_in_double() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(3_000, 4)).astype(np.float32)
    treated = rng.random(3_000) < 0.2
    assert (propensity_logit(x, treated) == propensity_logit(x.astype(np.float64), treated)).all()
    assert (whitened(x) == whitened(x.astype(np.float64))).all()


def test_a_climb_that_starts_from_a_sample_ends_at_the_same_summit(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(20_000, 3))
    treated = rng.random(20_000) < 1 / (1 + np.exp(-(x @ [1.5, -1.0, 0.2] - 2)))
    whole = propensity_logit(x, treated)
    monkeypatch.setattr("headwater.stats.propensity.SAMPLE", 1_000)
    assert propensity_logit(x, treated) == pytest.approx(whole, abs=1e-9)


def test_whitened_distance_is_mahalanobis() -> None:
    x = np.random.default_rng(2).normal(size=(50, 3)) @ np.array([[1, 0.5, 0], [0, 2, 0.3], [0, 0, 1]])
    inverse = np.linalg.inv(np.cov(x, rowvar=False))
    gap = x[0] - x[1]
    white = whitened(x)
    assert np.sum((white[0] - white[1]) ** 2) == pytest.approx(gap @ inverse @ gap)


def test_balance_by_hand() -> None:
    x = np.array([[1.0], [3.0], [2.0], [2.0]])
    found = balance(x, np.array([True, True, False, False]))
    assert found.smd[0] == 0
    spread = balance(np.array([[1.0], [3.0], [0.0], [4.0]]), np.array([True, True, False, False]))
    assert (spread.smd[0], spread.variance_ratio[0]) == (0, 0.25)
    assert balance(np.ones((4, 1)), np.array([True, True, False, False])).smd[0] == 0


def test_e_values_are_those_of_the_paper() -> None:
    # VanderWeele & Ding 2017, Annals of Internal Medicine 167: a risk ratio of 3.9 (1.8 to 8.7) has E-values 7.26 and
    # 3.00.
    assert e_value(3.9) == pytest.approx(7.26, abs=0.01)
    assert e_value_of_limit(Interval(1.8, 3.9, 8.7)) == pytest.approx(3.0, abs=0.01)
    assert e_value_of_limit(Interval(0.9, 1.2, 1.5)) == 1


def test_equivalence_needs_the_whole_interval() -> None:
    assert equivalent(Interval(0.9, 1.0, 1.1), 1.25) is True
    assert equivalent(Interval(1.3, 1.5, 1.8), 1.25) is False
    assert equivalent(Interval(0.7, 1.0, 1.4), 1.25) is None


def test_corrections_agree_with_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p = [0.001, 0.04, 0.03, 0.2, 0.01]
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])
