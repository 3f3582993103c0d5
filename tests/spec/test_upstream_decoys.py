"""A world full of services that only look as if they averted: a quick version of the second half of
benchmarks/upstream_truth.py."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.partners.upstream.boards import evidence, series
from headwater.partners.upstream.case import Case
from headwater.partners.upstream.diagnostics import (
    already,
    brought,
    consequence,
    ends,
    expected_absolute,
    level,
    silence,
    systematic,
)
from headwater.partners.upstream.evidence import Diagnosis, Evidence, Series
from headwater.partners.upstream.options import not_shown
from headwater.stats.endings import EARLY, endings
from headwater.stats.following import as_recorded

if TYPE_CHECKING:
    from collections.abc import Mapping

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from upstream_decoys import DECOYS, DEMAND, FIRST_DECOY, NAMES, NOTHINGS, decoys_world
from upstream_truth import decoy_courses

PEOPLE = 5_000
Judged = tuple[Series, Evidence, "Mapping[str, Diagnosis]"]


@pytest.fixture(scope="module")
def judged() -> Judged:
    fits = series(decoy_courses(decoys_world(7, PEOPLE)), [DEMAND])
    board = evidence(fits, DEMAND, [(service, DEMAND) for service in range(NOTHINGS)], NAMES)
    told = board.diagnoses
    return fits, board, {NAMES[service]: one for service, one in told.items()}


def test_what_averts_stands_on_the_board(judged: Judged) -> None:
    shown = {name for name, one in judged[2].items() if one.shown}
    assert {f"averter {k}" for k in range(3)} <= shown


def test_estimates_alone_would_show_decoys_and_the_diagnostics_refuse_each(judged: Judged) -> None:
    told = judged[2]
    tempting = [name for name in told if name in DECOYS]
    assert {"discharge call", "seasonal service"} <= set(tempting)
    assert [name for name in tempting if told[name].shown] == []
    assert all(told[name].reasons for name in tempting)
    # Left out of the others' fit as a consequence of the demand, the review tempts nobody any more.
    review = FIRST_DECOY + DECOYS.index("yearly review")
    assert judged[0].follows.share()[0][0, review] > 0.5 and "yearly review" not in told


def test_each_is_refused_for_what_it_is(judged: Judged) -> None:
    fits, board, told = judged
    call, season = (told[name].checks for name in ("discharge call", "seasonal service"))
    assert "event-dependent exposure" in [one.name for one in call if one.passed is False]
    assert "time trend and season of its users" in [one.name for one in season if one.passed is False]
    quiet, lost, last = (FIRST_DECOY + DECOYS.index(name) for name in ("remission", "lost to sight", "end of life"))
    assert already(board, quiet, 2, level(board, quiet)).passed is False
    ended = endings(fits.course, EARLY)
    assert silence(ended, lost).passed is False
    assert ends(ended, last).passed is False
    for averter in range(NOTHINGS, FIRST_DECOY):
        assert silence(ended, averter).passed
        assert ends(ended, averter).passed


def test_a_waiting_list_is_a_consequence_of_the_demand_whatever_its_estimate(judged: Judged) -> None:
    fits, board, _ = judged
    share, error = fits.follows.share()
    waiting = FIRST_DECOY + DECOYS.index("waiting list")
    assert share[0, waiting] == pytest.approx(1.0, abs=5 * error[0, waiting] + 0.02)
    # Without windows before the contact its ratio would be some 0.8; with them it is nearly one.
    assert np.exp(board.around[waiting, 3:7]) == pytest.approx(1.0, abs=0.2)


def test_what_the_demand_brings_has_the_demand_long_before_it_and_what_averts_has_not(judged: Judged) -> None:
    """A wait of 40 to 120 days shows in the windows of those days, whatever share of its contacts is wrongly linked."""
    board = judged[1]
    waiting, review = (FIRST_DECOY + DECOYS.index(name) for name in ("waiting list", "yearly review"))
    assert brought(board, waiting, 1, -0.2).passed is False
    assert "the demand that brings them" in brought(board, waiting, 1, -0.2).text
    assert brought(board, review, 1, -0.2).passed is not False, "a year's lag lies beyond these windows: others know it"
    for averter in range(NOTHINGS, FIRST_DECOY):
        assert all(brought(board, averter, window, level(board, averter)).passed is not False for window in (0, 1))


def test_the_page_and_the_methods_name_one_line_from_which_a_service_is_a_consequence() -> None:
    told = [consequence(wrong) for wrong in (0.0, 0.15, None)]
    assert all(one.startswith("from 50% on a service is a consequence of the demand") for one in told), (
        "one line, as the methods say"
    )
    assert [re.findall(r"\d+%", one)[1:] for one in told] == [[], ["42%", "15%"], ["30%", "40%"]]


def test_a_share_that_follows_is_read_through_the_links_that_are_wrong(judged: Judged) -> None:
    follows, at = judged[0].follows, FIRST_DECOY + DECOYS.index("discharge call")
    assert [as_recorded(wrong) for wrong in (0.0, 0.15, 0.9, None)] == pytest.approx([0.5, 0.425, 0.3, 0.3])
    diluted = replace(follows, seen=0.42 * follows.seen + 0.58 * follows.chance)
    assert diluted.mostly()[0, at] and not diluted.mostly(0.0)[0, at]


def test_as_low_before_a_contact_as_pairs_that_are_nothing_is_no_fall(judged: Judged) -> None:
    board = judged[1]
    effect, seen = -0.2, board.around.copy()
    seen[NOTHINGS, 2] = -0.13
    low = replace(board, around=seen, before=np.zeros(len(board.before)))
    assert already(low, NOTHINGS, 2, effect).passed is False
    assert already(replace(low, before=np.full(len(low.before), -0.05)), NOTHINGS, 2, effect).passed is not False


def test_who_is_lost_to_sight_is_seen_through_wrong_links(judged: Judged) -> None:
    """Nine in a hundred users never seen again, where one would be usual: with wrong links that is many, without any it
    is few."""
    ended, lost = endings(judged[0].course, EARLY), FIRST_DECOY + DECOYS.index("lost to sight")
    silent, usual = ended.silent.copy(), ended.usual.copy()
    silent[lost], usual[lost] = 0.087, 0.008
    diluted = replace(ended, silent=silent, usual=usual)
    assert silence(diluted, lost).passed is False
    assert silence(diluted, lost, 0.0).passed


def test_systematic_error_beyond_a_quarter_shows_nothing(judged: Judged) -> None:
    board = judged[1]
    assert systematic(board).passed
    assert expected_absolute(0.0, 0.3) == pytest.approx(0.3 * np.sqrt(2 / np.pi))
    assert expected_absolute(-0.5, 1e-12) == pytest.approx(0.5)
    draws = np.abs(np.random.default_rng(1).normal(0.2, 0.15, 400_000))
    assert expected_absolute(0.2, 0.15) == pytest.approx(draws.mean(), abs=1e-3)


def test_a_refused_pair_is_an_option_that_needs_a_trial_and_says_why(judged: Judged) -> None:
    fits, board, _told = judged
    call = NAMES.index("discharge call")
    found = decoy_courses(decoys_world(7, 500))
    case = Case(board, fits, found, {"demand": ("hospital",), "discharge call": ("clinic",)}, {}, (call,))
    option = not_shown(case, call)
    assert option.partners == ("hospital", "clinic")
    assert len(option.benefit_gbp) == 0
    assert "follow demand" in option.needs[0]
    assert not case.averts(call)
