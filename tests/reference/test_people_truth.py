"""The quick version of the simulated study of benchmarks/truth.py: thirty worlds and more, the traps, and what must
hold of them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "truth.py"


@pytest.fixture(scope="module")
def study() -> Any:
    spec = importlib.util.spec_from_file_location("truth_study", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["truth_study"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def worlds(study: Any) -> dict[str, list[dict[str, Any]]]:
    """36 worlds: of the trap of doing nothing most, of each other trap a few."""
    counts = {"a": 14, "b": 3, "c": 3, "d": 5, "e": 3, "f": 3, "g": 3, "h": 2}
    traps = {trap.letter: trap for trap in study.TRAPS}
    return {letter: [study.judged(traps[letter], 10_000 + seed) for seed in range(n)] for letter, n in counts.items()}


def test_where_nothing_was_done_the_truth_is_held_and_naive_ways_are_fooled(study: Any, worlds: dict[str, Any]) -> None:
    one = study.line(worlds["a"], "ours")
    assert abs(one.bias) < 0.095  # 14 worlds of standard deviation 0.1: three and a half standard errors
    assert one.coverage >= 0.8
    assert one.saved <= 0.1
    for way in ("before and after", "difference-in-differences"):
        assert study.line(worlds["a"], way).saved == 1
        assert study.line(worlds["a"], way).bias < -0.3
    assert study.line(worlds["a"], "plain propensity").bias > 1


def test_over_all_honest_traps_the_intervals_hold_the_truth(study: Any, worlds: dict[str, Any]) -> None:
    rows = [row for letter in "abcefgh" for row in worlds[letter]]
    one = study.line(rows, "ours")
    assert abs(one.bias) < 0.07
    # Of 31 intervals of 95 % that are right, fewer than 26 hold the truth once in 270 times.
    assert one.coverage * one.told * len(rows) >= 26


def test_hidden_causes_and_carry_over_are_caught_by_a_check(worlds: dict[str, Any]) -> None:
    for letter, check in (("d", "negative-control-outcome"), ("g", "displacement")):
        fired = [check in row["failed"] for row in worlds[letter]]
        assert np.mean(fired) >= 0.75, letter


def test_nothing_hidden_is_called_saved_nor_reaches_the_ledger(study: Any, worlds: dict[str, Any]) -> None:
    one = study.line(worlds["d"], "ours")
    assert (one.saved, one.booked) == (0, 0)
    assert all(row["withheld"] for row in worlds["d"] if row["said"]["ours"]["high"] < 1)


def test_too_small_cannot_tell_and_says_what_could_have_been_told(worlds: dict[str, Any]) -> None:
    assert {row["said"]["ours"]["verdict"] for row in worlds["h"]} == {"cannot-tell"}
    told = [row["detectable"] for row in worlds["h"] if row["detectable"]]
    assert all(ratio < 0.8 for ratio in told)


def test_a_world_is_the_same_each_time(study: Any) -> None:
    trap = study.TRAPS[1]
    assert study.judged(trap, 5) == study.judged(trap, 5)


def test_what_the_programme_keeps_is_what_the_world_says(study: Any) -> None:
    from dataclasses import replace

    from headwater.worlds.traps import NEVER, small_world

    trap = next(trap for trap in study.TRAPS if trap.letter == "b")
    rates = []
    for ratio in (1.0, 0.5):
        total = 0.0
        for seed in range(3):
            world = small_world(replace(trap, ratio=(ratio,)), seed)
            mine = (world.kind == 0) & (world.day > world.enrolled[world.person])
            total += mine.sum() / (world.enrolled < NEVER).sum()
        rates.append(total)
    assert rates[1] / rates[0] == pytest.approx(0.5, abs=0.05)
