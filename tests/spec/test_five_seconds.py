"""Somebody who sees a report for five seconds says what its two verdicts say: for every pair, the first screen agrees
with both."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from headwater import savings
from headwater.app import valuing
from headwater.disclosure.release import release
from headwater.domain.calendar import Calendar, Month
from headwater.domain.evidence import MoneyVerdict, Verdict
from headwater.domain.money import Freed
from headwater.domain.release import Sentence
from headwater.domain.workspace import DisclosureSettings
from headwater.report import BoardFacts, board_document
from headwater.report import html as page
from headwater.report.content import paper
from headwater.report.figures.theme import DARK_BLUE, DARK_PINK
from headwater.report.summary import answer
from headwater.report.verdicts import EFFECTS, MONEY, points_to
from report_board import evaluation, facts, protocol, saving

RATIOS = {
    Verdict.AVERTED: (0.72, 0.81, 0.91),
    Verdict.HARM: (1.05, 1.1, 1.2),
    Verdict.NOTHING_FOUND: (0.97, 1.0, 1.03),
    Verdict.CANNOT_TELL: (0.8, 0.95, 1.1),
}
COSTS = {MoneyVerdict.PAYS: 0.02, MoneyVerdict.CANNOT_TELL: 1.15, MoneyVerdict.DOES_NOT_PAY: 20.0}
"""Verdict on money → what it cost, as a multiple of what the made-up world's programme costs."""
SAYS = {
    Verdict.AVERTED: r"^Fewer A&E attendances",
    Verdict.HARM: r"^More A&E attendances",
    Verdict.NOTHING_FOUND: r"^No fall worth having was found in A&E attendances",
    Verdict.CANNOT_TELL: r"^We cannot tell whether A&E attendances changed",
}
PAYS = {
    MoneyVerdict.PAYS: r"it pays\.$",
    MoneyVerdict.DOES_NOT_PAY: r"it does not pay\.$",
    MoneyVerdict.CANNOT_TELL: r"cannot tell (yet )?if it pays",
}
FREED = Freed("frequent-attenders", (), Calendar(Month(2023, 4), 1), np.zeros((1, 0, 1, 4)), {}, 0.0)
PAIRS = [(effect, money) for effect in RATIOS for money in COSTS]


def reported(effect: Verdict, money: MoneyVerdict) -> tuple[valuing.Judged, BoardFacts, str]:
    """What the money is judged to be, and the page of the report that is made of it."""
    found = replace(evaluation(*RATIOS[effect]), figures=())
    made = saving()
    worth = replace(made, cost_gbp=made.cost_gbp * COSTS[money])
    judged = valuing.judged(protocol(), found, worth)
    given = replace(
        facts(found),
        title=protocol().name,
        saving=worth,
        verdicts=valuing.in_words(found, valuing.Worth(found.effect, FREED, worth), judged),
        money=judged.money,
        why_money=judged.why,
        figures=savings.figures(worth)[:1],
        options=(),
        statement=None,
        risks=(),
        gates=(),
        indicators=(),
    )
    return judged, given, page.write(paper(release(board_document(given), DisclosureSettings()))).decode()


@pytest.mark.parametrize(("effect", "money"), PAIRS)
def test_the_first_screen_agrees_with_both_verdicts(effect: Verdict, money: MoneyVerdict) -> None:
    judged, given, text = reported(effect, money)
    told = MoneyVerdict.CANNOT_TELL if effect is Verdict.CANNOT_TELL else money
    assert (judged.effect, judged.money) == (effect.value, told), "what cannot be told is never judged in money"
    assert re.search(SAYS[effect], given.verdicts)
    assert re.search(PAYS[told], given.verdicts)
    board = unescape(text[text.index("<h1") : text.index("Methods</h2>")])
    assert given.verdicts in board
    assert f"This points to: {points_to(effect.value, told.value)[0]}." in board
    assert board.index(given.verdicts) < board.index("This points to") < board.index("<figure")
    first = board[board.index("<figure") : board.index("</figure>")]
    figure = {
        Verdict.AVERTED: "Fewer A&E attendances than expected anyway",
        Verdict.HARM: "More A&E attendances than expected anyway",
        Verdict.NOTHING_FOUND: "A&E attendances: no fall worth having",
        Verdict.CANNOT_TELL: "We cannot tell whether A&E attendances changed",
    }[effect]
    assert figure in first
    assert (DARK_BLUE in first, DARK_PINK in first) == (effect is Verdict.AVERTED, effect is Verdict.HARM)
    said = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", board, flags=re.DOTALL)
    assert not re.search(r"\b(very|fairly|not) sure\b|\bsaved?\b", said)
    assert ("chance that it pays for itself" in said) is (effect is not Verdict.CANNOT_TELL)


def test_green_is_for_money_that_pays_and_nothing_else() -> None:
    assert [word for word, (_, colour) in {**EFFECTS, **MONEY}.items() if colour == "green"] == ["pays"]
    assert EFFECTS["moved"] == ("Moved; should not have", "orange")


def test_every_pair_points_somewhere_and_only_a_fall_points_on() -> None:
    acts = {(effect, money): points_to(effect, money)[0] for effect in SAYS for money in PAYS}
    assert [pair[0] for pair, act in acts.items() if act == "go on"] == ["averted", "averted"]
    assert {acts["cannot-tell", money] for money in PAYS} == {"wait"}
    assert acts["harm", "does-not-pay"] == acts["nothing-found", "does-not-pay"] == "stop"


@pytest.mark.parametrize(
    ("chance", "act"), [(None, "go on"), (0.5, "go on"), (0.94, "go on"), (0.49, "change it"), (0.06, "change it")]
)
def test_nobody_is_pointed_on_where_it_is_likelier_not_to_pay(chance: float | None, act: str) -> None:
    assert points_to("averted", "cannot-tell", chance)[0] == act
    assert points_to("averted", "pays", chance)[0] == "go on"
    assert points_to("harm", "cannot-tell", chance)[0] == "stop"


def test_a_budget_that_loses_is_drawn_as_losing() -> None:
    worth = saving()
    figure = savings.figures(replace(worth, gbp=-np.abs(worth.gbp)))[0]
    assert {row[1] for row in figure.rows if float(row[2] or 0) < 0} >= {"cash", "released"}  # type: ignore[arg-type]


@pytest.mark.parametrize("effect", RATIOS)
def test_what_two_programmes_did_is_told_as_both_in_the_first_sentence(effect: Verdict) -> None:
    found = evaluation(*RATIOS[effect])
    worth = saving()
    for both in (True, False):
        told = replace(found, together=both)
        said = valuing.in_words(told, valuing.Worth(told.effect, FREED, worth), valuing.judged(protocol(), told, worth))
        assert re.search(SAYS[effect], said)
        assert ("with this programme and another together" in re.split(r"[.;]", said)[0]) is both
        first, second = answer(replace(facts(told), evaluation=told, verdicts=said))[:2]
        assert isinstance(first, Sentence) and isinstance(second, Sentence)
        assert ("and another programme together" in str(second.figures.get("what"))) is both
