"""One money: what is priced is what is booked, every figure has one label and one value, and what cannot be told has no
pounds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.app.unbiased import shrunk
from headwater.app.worthwhile import decided
from headwater.capacity import free
from headwater.domain.collaboration import Cost, Outcome, Protocol, Role
from headwater.domain.errors import Usage
from headwater.domain.evidence import Effect, Evaluation, Finding, Verdict, verdict
from headwater.domain.money import BUCKETS, Saving
from headwater.domain.numbers import A_YEAR, ALL, AVERAGE_COST, INVESTED, numbers
from headwater.domain.uncertainty import Interval
from headwater.report.sentences import money, worth
from headwater.report.summary import bearers
from headwater.savings import PriceBook, bookings, figures, price_book, value
from headwater.stats.shrinkage import GRID, averted_share, learnt, posterior
from money_world import AE, CONTROL, SHARED, STAY, effect, price, protocol
from report_board import evaluation

if TYPE_CHECKING:
    from pathlib import Path

BOOK = PriceBook(
    2024,
    {f"P-{kind}": price(kind, gbp) for kind, gbp in ((AE, 100.0), (STAY, 2_000.0))},
    {(price().perspective, kind): f"P-{kind}" for kind in (AE, STAY)},
)
SEEN = 500.0


def measured(mid: float, error: float, draws: int = 4_000) -> tuple[Effect, Finding]:
    """A&E of which 500 contacts were seen in the year after the start, and the ratio to what was expected."""
    logs = np.log(mid) + error * np.random.default_rng(3).normal(size=draws)
    total = SEEN * (np.exp(-logs) - 1)
    plain = effect(draws=draws)
    share = plain.followed_days / plain.followed_days.sum()
    low, middle, high = np.exp(np.quantile(logs, (0.025, 0.5, 0.975)))
    finding = Finding(AE, Role.PRIMARY, Verdict.AVERTED, Interval(low, middle, high), None, None)
    return replace(plain, averted=total[:, None, None] * share), finding


def saved(made: Effect, **changes: object) -> Saving:
    plan = protocol(bearers=SHARED, **changes)
    return value(made, free(made, BOOK.by_kind, (), plan), plan, BOOK)


def believed(mid: float, error: float, others: tuple[tuple[float, float], ...]) -> np.ndarray:
    from headwater.savings.prior import stated_prior

    known = np.array(others)
    return posterior(np.array([np.log(mid)]), np.array([error]), learnt(known[:, 0], known[:, 1], stated_prior()))


def test_the_mean_that_is_priced_is_the_posterior_mean_over_the_contacts_seen() -> None:
    made, finding = measured(0.75, 0.12)
    others = ((np.log(0.75), 0.12), (0.0, 0.05), (-0.02, 0.05))
    counted = shrunk(made, (finding,), others)
    should = SEEN * averted_share(believed(0.75, 0.12, others))[0]
    assert counted.of(AE).mean() == pytest.approx(should, rel=0.03)
    assert counted.of(AE).mean() < 0.8 * made.of(AE).mean()
    assert (counted.of(AE) > 0).mean() == pytest.approx(
        float(believed(0.75, 0.12, others)[0] @ (GRID < 0)), abs=0.03
    ), "the chance that anything was averted is the posterior's"
    assert np.argsort(counted.of(AE)).tolist() == np.argsort(made.of(AE)).tolist(), "draws keep their ranks"


def test_a_sure_estimate_stays_and_months_keep_their_shape() -> None:
    made, finding = measured(0.75, 0.005)
    counted = shrunk(made, (finding,), ((np.log(0.75), 0.005),))
    assert counted.of(AE).mean() == pytest.approx(made.of(AE).mean(), rel=0.03)
    months = counted.averted.mean(axis=0)[0]
    assert months / months.sum() == pytest.approx(made.followed_days / made.followed_days.sum())


@pytest.mark.parametrize(
    ("expected", "seen", "reach", "booked"),
    [
        (500.0, 0.0, 0.01, (0.97, 1.0)),  # nothing seen of five hundred expected
        (500.0, 10.0, 0.04, (0.97, 1.0)),
        (60.0, 3.0, 0.16, (0.9, 1.01)),
        (3.0, 0.0, 1.2, (0.0, 0.25)),  # of three expected, none says next to nothing
    ],
)
def test_where_hardly_anything_was_seen_what_was_expected_is_the_base(
    expected: float, seen: float, reach: float, booked: tuple[float, float]
) -> None:
    averted = expected - seen
    made = effect({AE: averted}, sd=averted / 20, draws=400)
    ratio = Interval(0.0 if not seen else seen / expected / 3, seen / expected, reach)
    finding = Finding(AE, Role.PRIMARY, Verdict.AVERTED, ratio, None, None, seen=seen)
    counted = shrunk(made, (finding,), ())
    assert booked[0] <= counted.of(AE).mean() / averted <= booked[1]
    assert np.quantile(counted.of(AE), 0.99) <= expected * 1.001, "no more is averted than was expected"


def test_a_sham_outcome_and_one_that_is_not_told_stay_as_they_are() -> None:
    made = effect({AE: 100.0, CONTROL: 10.0}, sd=5.0, draws=50)
    silent = made.without([AE])
    ratio = Interval(0.7, 0.8, 0.9)
    findings = tuple(
        Finding(kind, role, Verdict.AVERTED, ratio, None, None)
        for kind, role in ((AE, Role.PRIMARY), (CONTROL, Role.NEGATIVE_CONTROL))
    )
    assert np.array_equal(shrunk(silent, findings, ()).averted, silent.averted, equal_nan=True)


def test_budgets_years_and_buckets_add_to_the_one_total() -> None:
    """Shares of the hospital and the ambulance, gross; what is booked adds up to what is told, bucket by bucket."""
    saving = saved(effect({AE: 90.0, STAY: 4.0}, sd=30.0, draws=200, years=2))
    told = numbers(saving)
    rows = bookings(effect({AE: 90.0, STAY: 4.0}, sd=30.0, draws=200, years=2), saving)
    for bucket in BUCKETS:
        name = "none_gbp" if bucket == "unchanged" else f"{bucket}_gbp"
        whole = told.of(bucket).mid  # type: ignore[union-attr]
        assert sum(told.of(bucket, one.name).mid for one in saving.bearers) == pytest.approx(whole)  # type: ignore[union-attr]
        assert sum(getattr(row, name) for row in rows) == pytest.approx(whole)
        assert told.of(bucket, ALL, A_YEAR).mid * saving.delivery_years == pytest.approx(whole)  # type: ignore[union-attr]
    assert sum(told.of(bucket).mid for bucket in BUCKETS) == pytest.approx(told.of(AVERAGE_COST).mid)  # type: ignore[union-attr]
    assert told.of(INVESTED, "gp").mid == pytest.approx(saving.invested_gbp.sum() - 5_000)  # type: ignore[union-attr]


def test_the_report_tells_the_figures_of_the_set() -> None:
    saving = saved(effect(sd=40.0, draws=300))
    told = numbers(saving)
    by_name = {row[0]: row for row in bearers(saving, {}).rows}
    assert by_name["Hospital"][2].value == pytest.approx(told.of("cash", "hospital").mid)  # type: ignore[union-attr]
    lines = money(saving)
    assert lines[0].figures["gbp"].interval == told.of("cash")
    assert worth(saving).figures["npv"].interval == told.net
    assert saving.npv_gbp.mean() == pytest.approx(told.net.mid)  # type: ignore[union-attr]


def test_what_cannot_be_told_has_no_pounds_and_no_pictures() -> None:
    saving = saved(effect(sd=40.0, draws=30).without([AE]))
    told = numbers(saving)
    assert told.net is None and told.of("cash") is None
    assert told.of(INVESTED).mid == pytest.approx(saving.invested_gbp.sum()) and saving.invested_gbp.sum() > 0  # type: ignore[union-attr]
    assert figures(saving) == ()
    assert "cannot tell" in worth(saving).words and "cannot tell" in money(saving)[0].words
    assert all(cell is None for row in bearers(saving, {}).rows for cell in row[2:])


# What is worthwhile


def judged_by(tmp_path: Path, plan: Protocol, mid: float, error: float) -> Evaluation:
    """500 A&E attendances seen in the year, at £100 of which half is cash and two fifths of the half that is freed are
    released."""
    from headwater.app.place import Place
    from headwater.cli.main import main

    assert main(["new", str(tmp_path / "place")]) == 0
    place = Place(tmp_path / "place")
    made, finding = measured(mid, error)
    ratio = finding.rate_ratio
    assert ratio is not None
    word = verdict(ratio, plan.outcomes[0].smallest)
    found = replace(evaluation(), effect=made, findings=(replace(finding, verdict=word),))
    return decided(place, plan, found)


@pytest.mark.parametrize(
    ("cost", "word"),
    [
        (50.0, Verdict.CANNOT_TELL),
        (2_000.0, Verdict.CANNOT_TELL),
        (4_000.0, Verdict.NOTHING_FOUND),
        (9e9, Verdict.CANNOT_TELL),
    ],
)
def test_a_fall_worth_having_is_the_one_that_pays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cost: float, word: Verdict
) -> None:
    """A fall of 8 % is among what the interval holds. Where 1 % would pay that is worth having; where a fifth must fall
    it is not; and where no fall would ever pay, the plain 5 % decides of the effect, and money says the rest."""
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    plan = protocol(
        outcomes=(Outcome(AE, Role.PRIMARY),),
        costs=(Cost("gp", "running", cost, 0),),
        cashable={AE: 1.0},
        backfill={AE: 0.0},
    )
    found = judged_by(tmp_path, plan, 1.0, 0.042).primary
    assert found.verdict is word
    assert (found.worthwhile is None) == (cost == 9e9 or cost == 50.0)


def test_what_the_protocol_states_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    plan = protocol(outcomes=(Outcome(AE, Role.PRIMARY, 0.02),), costs=(Cost("gp", "running", 9_000.0, 0),))
    found = judged_by(tmp_path, plan, 1.0, 0.042).primary
    assert found.verdict is Verdict.CANNOT_TELL and found.worthwhile is None


def test_a_figure_read_back_is_as_wide_as_its_rounding_and_two_values_are_found() -> None:
    from money_told import printed, two_values

    for text, low, high in (
        ("£24.5k (…", 24_450, 24_550),
        ("−£906.90", -906.905, -906.895),
        ("£12,100", 12_050, 12_150),
        ("-£41", -41.5, -40.5),
        ("£0", -0.5, 0.5),
    ):
        assert printed(text) == (pytest.approx(low, abs=0.6), pytest.approx(high, abs=0.6))
    told = {
        "cash": [("page", printed("£23,300")), ("json", (24_008.0, 24_008.0))],
        "released": [("page", printed("£24.0k")), ("json", (24_008.0, 24_008.0))],
    }
    (wrong,) = two_values(told)
    assert wrong.startswith("cash: page")


# Budgets


def test_pounds_in_nobodys_budget_are_no_saving() -> None:
    book = PriceBook(2024, {"P": price(bearer="")}, {(price().perspective, AE): "P"})
    made, plan = effect(sd=5.0, draws=20), protocol()
    nobody = value(made, free(made, book.by_kind, (), plan), plan, book)
    assert nobody.kinds == () and nobody.unpriced == (AE,) and nobody.npv_gbp.max() < 0, "costs stand, gains do not"
    agreed = value(made, free(made, book.by_kind, (), plan), protocol(bearers=SHARED), book)
    assert agreed.kinds == (AE,) and numbers(agreed).of("cash", "hospital").mid > 0  # type: ignore[union-attr]


def test_a_loss_is_told_as_what_it_costs_and_never_with_a_minus() -> None:
    loss = saved(effect({AE: -900.0}), cashable={AE: 1.0})
    titles = " ".join(figure.title for figure in figures(loss))
    assert "Added demand costs £" in titles
    assert not any(minus in titles for minus in ("-£", "£-", "−£", "£−"))


def test_value_to_people_is_weighed_by_their_income_where_it_is_stated() -> None:
    """A thousandth of a QALY at £70,000 for each of 100 attendances; at half the median a pound is worth 2^1.3 =
    2.46."""
    made, book = effect(), price_book([], 2024)
    plain, poor = (
        value(made, free(made, book.for_kinds({}), (), plan), plan, book)
        for plan in (protocol(qaly={AE: 0.001}), protocol(qaly={AE: 0.001}, income_share={AE: 0.5}))
    )
    assert plain.social_gbp.sum(axis=(1, 2)).mean() == pytest.approx(100 * 70)
    assert poor.social_gbp.sum() / plain.social_gbp.sum() == pytest.approx(2**1.3)
    assert np.array_equal(poor.gbp, plain.gbp), "no budget is weighed"
    plan = protocol(qaly={AE: 0.001}, income_share={AE: 0.0})
    with pytest.raises(Usage, match="share of the median"):
        value(made, free(made, book.for_kinds({}), (), plan), plan, book)


def test_only_a_primary_outcomes_fall_can_be_the_one_that_pays() -> None:
    """What another outcome leaves unsaid is the plain 5 %, as it was always written, so that a lock on it stands."""
    assert Outcome(AE, Role.PRIMARY).worthwhile is None and Outcome(AE, Role.PRIMARY).smallest == 0.05
    assert [Outcome(AE, role).worthwhile for role in Role if role is not Role.PRIMARY] == [0.05] * 3


# One question, one answer


def test_what_is_freed_is_told_in_cash_and_in_capacity_and_never_as_one_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from headwater.app.valuing import Worth, in_words, judged

    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    made, _finding = measured(0.8, 0.02)
    found = judged_by(tmp_path, protocol(), 0.8, 0.02)
    for factor, words in (
        (1.0, "freed £{cash:,.0f} in cash and £{room:,.0f} of capacity"),
        (-1.0, "lost £{cash:,.0f} more in cash and £{room:,.0f} of capacity"),
    ):
        saving = saved(replace(made, averted=made.averted * factor))
        told = numbers(saving)
        cash, room = (round(abs(told.of(bucket).mid), -2) for bucket in ("cash", "released"))  # type: ignore[union-attr]
        said = in_words(found, Worth(made, free(made, {}, (), protocol()), saving), judged(protocol(), found, saving))
        assert words.format(cash=cash, room=room) in said
        assert f"£{round(abs(told.of('cash').mid + told.of('released').mid), -2):,.0f}" not in said  # type: ignore[union-attr]
        assert "in public value it does not pay." in said, "the word is that of one basis, which is named"


def test_a_budget_has_one_account_on_each_basis_and_no_label_two_values() -> None:
    """Cash alone is the fiscal account; released capacity, cautiously, is public value: no figure of one is told again
    by the other."""
    from headwater.app import answers
    from headwater.savings import FISCAL, PUBLIC_VALUE, accounts

    saving = replace(saved(effect(sd=40.0, draws=300)), correction=0.15)
    seen: dict[tuple[str, str, str], float] = {}
    rows = [
        {
            "basis": one.basis,
            "bearer": one.bearer,
            "chance": one.chance,
            "cost_gbp": one.cost_gbp,
            "npv_gbp": {"mid": one.net_gbp.mean()},
        }
        for one in accounts(saving)
    ]
    for row in (*rows, *answers.payers(saving)):
        for name in ("chance", "cost_gbp", "npv_gbp"):
            value_ = row[name]["mid"] if name == "npv_gbp" else row[name]
            assert seen.setdefault((row["basis"], row["bearer"], name), value_) == value_
    bearers_ = [one.name for one in saving.bearers]
    assert {(basis, who) for basis, who, _name in seen} == {
        (one, who) for one in (FISCAL, PUBLIC_VALUE) for who in ("", *bearers_)
    }
    for name in ("cost_gbp", "npv_gbp"):
        for basis in (FISCAL, PUBLIC_VALUE):
            assert sum(seen[basis, who, name] for who in bearers_) == pytest.approx(seen[basis, "", name]), (
                "they add up"
            )
    raw = {row["bearer"]: row for row in answers.bearers(saving)}
    assert not {"invested_gbp", "cash_gbp", "released_gbp"} & set(answers.payers(saving)[0]), (
        "a present value has its own name"
    )
    assert raw["gp"]["invested_gbp"] < seen[PUBLIC_VALUE, "gp", "cost_gbp"]


@pytest.mark.parametrize(
    ("gbp", "words"), [(1e-50, "nothing"), (0.3, "less than £1"), (3_844.6, "£3,845"), (0.0, "nothing")]
)
def test_what_is_next_to_nothing_is_said_in_words(gbp: float, words: str) -> None:
    from headwater.domain.money import at_most_pounds

    assert at_most_pounds(gbp) == words


def test_knowing_more_of_what_is_sure_is_worth_nothing_to_the_penny() -> None:
    """Fifteen standard errors from nought: the normal tail is 1e-50 pounds, and its rounding may even be negative."""
    from headwater.savings.bases import Account, information
    from headwater.stats.voi import unit_normal_loss

    far = Account("public value", "", np.random.default_rng(1).normal(1_000.0, 20.0, 4_000), 700.0)
    known = information(far)
    assert (known.perfect_gbp, known.sample_gbp) == (0.0, 0.0)
    assert (unit_normal_loss(np.linspace(0, 40, 4_001)) >= 0).all()
    near = information(Account("public value", "", np.random.default_rng(1).normal(1_000.0, 20.0, 4_000), 1_000.0))
    assert 0 < near.sample_gbp < near.perfect_gbp == pytest.approx(20 * 0.3989, rel=0.03)


@pytest.mark.parametrize(
    ("low", "high", "range_", "net", "then"),
    [
        (0.0, 0.4, "0.00 to 0.40", (-70_300.0, -4_048.0), "−£70.3k to −£4,048"),
        (0.03, 0.035, "0.030 to 0.035", (-20_549.0, -20_501.0), "−£20,549 to −£20,501"),
        (0.00012, 0.00019, "0.00012 to 0.00019", (5.0, 5.0), "£5"),
        (1.0, 1.0, "1.00", (1e6, 1.001e6), "£1,000,000 to £1,001,000"),
        (-1e-12, 0.0, "0.00", (0.0, 90.0), "£0 to £90"),
    ],
)
def test_a_range_never_reads_as_nothing_to_nothing(
    low: float, high: float, range_: str, net: tuple[float, float], then: str
) -> None:
    from headwater.cli.money_words import _net_then, _range
    from headwater.report.figures.parts import _joined

    factor = {"low": low, "high": high, "npv_low_gbp": net[0], "npv_high_gbp": net[1]}
    assert (_range(factor), _net_then(factor)) == (range_, then)
    assert _joined(["−£21k", "−£21k"], " to ") == "−£21k" and _joined(["£1", "£2"], " to ") == "£1 to £2"
