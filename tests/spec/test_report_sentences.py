"""Each rule that turns a finding into a sentence, by example."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from headwater.domain.collaboration import Role, Standing, Status, Style
from headwater.domain.evidence import Check, Finding, Grade, MoneyVerdict, Naive, Verdict
from headwater.domain.governance import Criterion, Decision, Gate, Indicator, Met
from headwater.domain.ledger import ClaimState, Statement
from headwater.domain.uncertainty import Interval
from headwater.report import choices, sentences
from headwater.report.content import filled
from headwater.report.kinds import in_words, kind_words, named, plain
from headwater.report.verdicts import why_withheld
from report_board import facts, finding, option, saving

ANSWERS = [
    (
        (0.72, 0.81, 0.91),
        "The team made A&E attendances fall by about 19%. The true fall is likely to be between 9% and 28%.",
    ),
    (
        (0.972, 0.985, 0.996),
        "The team made A&E attendances fall by about 1.5%. The true fall is likely to be between 0.4% and 2.8%.",
    ),
    (
        (1.05, 1.1, 1.2),
        (
            "The team made things worse. A&E attendances rose by about 10%. The true rise is likely to be between 5%"
            " and 20%."
        ),
    ),
    (
        (0.97, 1.0, 1.03),
        "We found no fall worth having. With the team, A&E attendances could at best have gone down by 3%.",
    ),
    (
        (0.8, 0.95, 1.1),
        (
            "We cannot tell if the team changed A&E attendances. The truth could be a fall of 20% or a rise of 10%, or"
            " in between."
        ),
    ),
]


@pytest.mark.parametrize(("ratio", "text"), ANSWERS)
def test_the_answer_follows_the_verdict(ratio: tuple[float, float, float], text: str) -> None:
    assert filled(sentences.answer(finding("ae_attendance", Role.PRIMARY, *ratio), "The team")) == text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("The team", "the team"),
        ("Streetweek: one week, twelve streets", "this work"),
        ("Wellbeing calls after repeated 999 calls", "this work"),
        ("Care plans", "Care plans"),
    ],
)
def test_a_long_name_is_not_forced_into_a_sentence(name: str, said: str) -> None:
    assert sentences.within(name) == said


def test_what_could_not_be_measured_is_not_answered() -> None:
    unknown = Finding("ae_attendance", Role.PRIMARY, Verdict.CANNOT_TELL, None, None, None)
    assert (
        filled(sentences.answer(unknown, "The team"))
        == "We cannot tell what the team did to A&E attendances. It could not be measured."
    )
    assert sentences.averted(unknown) is None


def test_a_word_that_is_withheld_says_why_and_counts_nothing() -> None:
    seen = finding("ae_attendance", Role.PRIMARY, 0.7, 0.8, 0.9)
    held = replace(seen, verdict=Verdict.CANNOT_TELL, withheld=("a check that has to pass failed (balance)",))
    assert (
        filled(sentences.answer(held, "The team"))
        == "We cannot tell if the team changed A&E attendances. We saw between a fall of 30% and a fall of 10%, but"
        " this may have some other cause. The reason: a check that must pass failed (balance)."
    )
    assert sentences.averted(held) is None


def test_a_name_with_gaps_in_it_fills_none() -> None:
    text = filled(sentences.answer(finding("ae_attendance", Role.PRIMARY, 0.7, 0.8, 0.9), "{mid} team"))
    assert text.startswith("{mid} team made")


def test_a_kind_without_words_is_said_by_its_own_name() -> None:
    assert kind_words("bike_theft") == "bike thefts"


NAIVES = [
    (
        Naive(-0.45, 0.62),
        (
            "From before to after, A&E attendances fell by 45%. But 62% of that fall would have come anyway: it also"
            " came to people like them who had no help."
        ),
    ),
    (
        Naive(-0.45, 1.2),
        (
            "From before to after, A&E attendances fell by 45%. But people like them, who had no help, fell as much or"
            " more. None of that fall is a saving."
        ),
    ),
    (
        Naive(-0.45, -0.1),
        (
            "From before to after, A&E attendances fell by 45%. None of that fall came to people like them who had no"
            " help."
        ),
    ),
    (
        Naive(0.1, 0.0),
        (
            "From before to after, A&E attendances rose by 10%. That count alone says little, as it does not show what"
            " would have come anyway."
        ),
    ),
    (
        Naive(-0.2, None),
        "From before to after, A&E attendances fell by 20%. We do not know how much of that would have come anyway.",
    ),
    (None, "A plain before and after count of A&E attendances was not measured."),
]


@pytest.mark.parametrize(("told", "text"), NAIVES)
def test_the_naive_figure_stands_beside_what_explains_it(told: Naive | None, text: str) -> None:
    assert filled(sentences.naive(told, "ae_attendance")) == text


def test_the_strength_of_the_method_is_no_certainty() -> None:
    said = filled(sentences.strength(Grade(3, "moderate", "")))
    assert said.startswith("The method is fairly strong: level 3 of 5")
    assert " sure" not in said
    assert filled(sentences.strength(Grade(1, "odd", ""))).startswith("The method is of no known strength")


@pytest.mark.parametrize(
    ("locked_at", "status", "words"),
    [
        ("", Status.EXPLORATORY, "The data run to 31 March 2025. The plan is not locked."),
        (
            "2023-03-20T10:00:00+00:00",
            Status.LOCKED,
            "The data run to 31 March 2025. The plan was locked on 20 March 2023.",
        ),
        (
            "2025-01-06",
            Status.LOCKED,
            (
                "The data run to 31 March 2025. The plan was locked on 6 January 2025, after the follow-up had ended"
                " but before results were read."
            ),
        ),
    ],
)
def test_a_lock_after_the_follow_up_is_told(locked_at: str, status: Status, words: str) -> None:
    state = Standing(status, "x", locked_at)
    assert filled(sentences.dates("2025-03-31", state, date(2024, 12, 31))) == words


CHANGES = [
    (
        (0.8, 0.95, 1.1),
        MoneyVerdict.CANNOT_TELL,
        "the effect cannot be told",
        None,
        ["More people, or a longer time. As it is, a fall of less than 10% looks the same as none."],
    ),
    (
        (0.7, 0.8, 0.9),
        MoneyVerdict.CANNOT_TELL,
        "the protocol states no costs",
        None,
        ["What it costs, written into the plan."],
    ),
    (
        (0.7, 0.8, 0.9),
        MoneyVerdict.CANNOT_TELL,
        "A&E attendances have no price",
        None,
        ["A price for A&E attendances."],
    ),
    (
        (0.7, 0.8, 0.9),
        MoneyVerdict.DOES_NOT_PAY,
        "",
        0.4,
        ["In public value, it would pay for itself if the counted fall in A&E attendances were 40% or more."],
    ),
    ((0.7, 0.8, 0.9), MoneyVerdict.DOES_NOT_PAY, "", 1.7, []),
]


@pytest.mark.parametrize(("ratio", "money", "why", "even", "said"), CHANGES)
def test_what_would_change_the_answer(
    ratio: Any, money: MoneyVerdict, why: str, even: float | None, said: list[str]
) -> None:
    found = finding("ae_attendance", Role.PRIMARY, *ratio)
    assert [filled(one) for one in sentences.would_change(found, money, why, even)] == said


def test_failed_checks_are_named_together() -> None:
    failed = [f"a check that has to pass failed ({name})" for name in ("overlap", "placebo cohort")]
    assert why_withheld(failed) == "2 checks that must pass failed (overlap, sham cohorts)"
    assert why_withheld([*failed[:1], "too few places"]) == "a check that must pass failed (overlap); too few places"


@pytest.mark.parametrize(
    ("state", "start", "style"),
    [
        (None, "There is no plan on file", "warning"),
        (Standing(Status.LOCKED, "x"), "The plan was locked before", "body"),
        (Standing(Status.LOCKED, "x", "", ("changed",)), "The plan was changed", "warning"),
        (Standing(Status.EXPLORATORY, "x"), "No plan was locked first", "warning"),
        (Standing(Status.AMENDED, "x"), "The plan was changed", "warning"),
    ],
)
def test_how_the_plan_stood(state: Standing | None, start: str, style: str) -> None:
    said = sentences.standing(state)
    assert said.words.startswith(start)
    assert said.style == style


def test_failed_checks_are_named_and_essential_ones_warn() -> None:
    run = [Check("pre-trend", True, ""), Check("placebo-cohort", False, "", essential=True), Check("x", None, "")]
    said = sentences.checks(run)
    assert (
        filled(said)
        == "We made 3 checks that could have shown us to be wrong. 1 found no fault. These failed: sham cohorts. 1"
        " could not tell."
    )
    assert said.style == "warning"
    assert sentences.checks([]).words == "No checks were run."


def test_the_four_buckets_are_said_apart_and_never_added() -> None:
    said = [filled(sentence) for sentence in sentences.money(saving())]
    assert [text.split(":")[0] for text in said[:4]] == [
        "Cash that can leave a budget",
        "Capacity released for other work",
        "Absorbed at once by other demand",
        "Fixed costs unchanged",
    ]
    assert said[4].startswith("These four are not added up")


def test_a_bucket_that_can_be_nothing_says_so_and_an_empty_one_too() -> None:
    made = saving()
    gbp = made.gbp.copy()
    gbp[..., 0] = np.random.default_rng(1).normal(0, 1000, gbp.shape[:-1])
    gbp[..., 1] = 0
    said = [filled(sentence) for sentence in sentences.money(replace(made, gbp=gbp))]
    assert said[0].endswith("It may be nothing.")
    assert said[1] == "No capacity is released."


@pytest.mark.parametrize(("sign", "words"), [(1, "more than 99 in 100"), (-1, "less than 1 in 100")])
def test_a_chance_is_never_certain(sign: int, words: str) -> None:
    made = replace(saving(), npv_gbp=np.full(100, 5000.0 * sign))
    assert filled(sentences.worth(made)).endswith(f"is {words}.")


def test_a_budget_that_loses_cash_or_room_is_named() -> None:
    lost = {"the council": (-1200.0, 0.0), "the hospital": (0.0, 0.0), "the GPs": (-5.0, -70.0)}
    assert [filled(sentence) for sentence in sentences.losses(lost)] == [
        "The council: likely to lose £1,200 of cash.",
        "The GPs: likely to lose £5 of cash and £70 of capacity.",
    ]
    assert all(sentence.style == "warning" for sentence in sentences.losses(lost))


def test_a_bucket_below_nought_is_called_a_loss() -> None:
    said = [filled(sentence) for sentence in sentences.money(replace(saving(), gbp=-np.abs(saving().gbp)))]
    assert all(text.endswith("That is a loss.") for text in said[:4])


def test_the_first_option_leads_only_where_the_draws_say_so() -> None:
    worth = {"o": 900000, "pp": 850000, "qqq": 10000}
    far, near, low = (option(id, Style.UPSTREAM, "housing", "ae_attendance", gbp) for id, gbp in worth.items())
    assert "too close" in filled(choices.best_option((far, near)))
    assert "too close" not in filled(choices.best_option((far, low)))
    assert "one comes first: A&E attendances, with Homes" in filled(choices.best_option((far,), {"housing": "Homes"}))
    said = replace(far, service="ae_attendance averted by community_nursing")
    assert choices.option_label(said, {}) == "housing: A&E attendances averted by community nursing visits"
    assert choices.best_option(()).words.startswith("No other ways")


def test_the_ledger_counts_cash_that_stands_only() -> None:
    given = facts().statement
    assert given is not None
    assert (
        filled(sentences.ledger(given)) == "£58,000 of cash is booked in the ledger. Each saving is booked only once."
    )
    lost = Statement("h", (replace(given.lines[0], cash_gbp=-443.0),))
    assert filled(sentences.ledger(lost)).startswith("A loss of £440 in cash is booked")
    undone = Statement("h", tuple(replace(line, state=ClaimState.REVERSED) for line in given.lines))
    assert filled(sentences.ledger(undone)) == "Nothing is booked in the ledger yet."


def test_a_gate_says_what_is_met_and_who_decides() -> None:
    tests = (Criterion("a", "a", Met.MET), Criterion("b", "b", Met.UNKNOWN))
    decided = Decision("g", "The chair", "2025-01-05", "conditions", "later")
    said = [
        filled(sentence)
        for sentence in sentences.gates(
            [Gate("Gate 1", "p", tests, "The board"), Gate("Gate 2", "p", (), "The board", decided)]
        )
    ]
    assert said == [
        "Gate 1: 1 of 2 tests is met. Still to decide: The board.",
        "Gate 2 has no tests. The chair said on 5 January 2025: conditions.",
    ]


def test_only_warnings_that_fired_are_said() -> None:
    fired = [Indicator("a", "c", fire, None, None, "It is wearing off.") for fire in (True, False, None)]
    assert [sentence.words for sentence in sentences.warnings(fired)] == ["Warning: It is wearing off."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ae_attendance stood at 3", "A&E attendances stood at 3"),
        ("fewer police_incident, days 1-90.", "fewer police incidents, days 1-90."),
        ("emergency_admission stood", "Emergency admissions stood"),
        ("data/ae_attendance.csv", "data/ae_attendance.csv"),
        ("my_ae_attendance", "my_ae_attendance"),
        ("no code at all", "no code at all"),
    ],
)
def test_codes_of_known_kinds_are_said_in_words(text: str, words: str) -> None:
    assert plain(text) == words


def test_an_organisation_without_a_name_is_said_by_its_code() -> None:
    assert [named(code, {"gp": "the GPs"}) for code in ("gp", "icb", "council-social-care")] == [
        "the GPs",
        "ICB",
        "council social care",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2024-06-30", "30 June 2024"),
        ("it holds until 2025-01-06.", "it holds until 6 January 2025."),
        ("data/2024-06-30.csv", "data/2024-06-30.csv"),
        ("off by -4.2% in the mean", "off by −4.2% in the mean"),
        ("a net of £-85,919", "a net of −£85,919"),
        ("gives 101 % of it", "gives 101% of it"),
        ("days 1-90, 2023-24 and A-1", "days 1-90, 2023-24 and A-1"),
        ("negative-control", "should not change"),
    ],
)
def test_dates_and_numbers_are_written_as_they_are_read(text: str, words: str) -> None:
    assert in_words(text) == words


def test_a_reason_is_told_once_without_its_own_stop_and_in_words() -> None:
    chosen = "the places were chosen for their last 3 periods and are followed for 24"
    told = why_withheld(
        (
            chosen,
            f"The places were chosen for being busy, and {chosen} for a shorter time.",
            "The treated series breaks by -43% at 2021-07-01.",
            "The treated series breaks by -43% at 2021-07-01.",
        )
    )
    assert (
        told
        == f"the places were chosen for being busy, and {chosen} for a shorter time; the treated series breaks by −43%"
        " at 1 July 2021"
    )


def test_a_chain_ends_where_what_was_averted_begins() -> None:
    """380 expected by the comparison alone, 260 seen, 101 fewer by the estimate: 361 are told as expected."""
    told = Naive(-0.4, 0.5, 470.0, 380.0, 260.0)
    assert told.with_averted(Interval(53, 101, 159)).expected_anyway == 361.0
    assert told.with_averted(None).expected_anyway == 380.0
    assert told.with_averted(Interval(-900, -800, -700)).expected_anyway == 0.0


def test_a_plan_that_stands_is_not_said_to_have_been_changed() -> None:
    """Other code or other data are no other plan."""
    state = Standing(Status.AMENDED, "ab", "2024-01-01", ("Not as it was locked: code.",))
    assert sentences.standing(state).words.startswith("The plan stands as it was locked.")
    assert (
        "changed after it was locked" in sentences.standing(replace(state, deviations=("The start was moved.",))).words
    )


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("a check that has to pass failed (overlap)", "A comparison that passes the checks it failed."),
        (
            "people enrolled may differ in ways that no record shows",
            "A fairer comparison, such as a start in random or staggered order.",
        ),
    ],
)
def test_what_would_change_a_withheld_answer_names_failed_checks_only_where_some_failed(why: str, said: str) -> None:
    doubted = replace(
        finding("ae_attendance", Role.PRIMARY, 0.7, 0.8, 0.9), verdict=Verdict.CANNOT_TELL, withheld=(why,)
    )
    assert [filled(one) for one in sentences.would_change(doubted, None, "", None)] == [said]
