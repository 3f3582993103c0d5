"""Counts told as small alone, changes of source, a start within a gap: what the data themselves leave open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from headwater.domain.evidence import Evaluation, Panel, Verdict
from headwater.domain.workspace import SourceSettings
from headwater.evidence.places.evaluation import evaluate_places
from headwater.evidence.places.recoding import recodings
from headwater.sources import load
from headwater.sources.numbers import few, limits
from headwater.stats.small_counts import expected_counts, within
from places_world import NO_WINDOW, UNLOCKED, count_table, panel_counts, protocol
from sources_world import KEY, place, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from headwater.store import Store


def filled(store: Store, counts: NDArray[np.float64], **columns: Sequence[object]) -> None:
    """The `count` table of a panel by month from 2018-01; columns: of the table, a value a cell (unit after unit)."""
    table = count_table({"ae_attendance": counts})
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(at, table.schema.field(at), pa.array(list(values), table.schema.field(at).type))
    store.put("count", f"{sorted(columns)}{counts.sum()}{hash(str(columns))}", table)


def asked(store: Store, method: str = "did", **more: object) -> Evaluation:
    return evaluate_places(store, protocol(method, **more), UNLOCKED, NO_WINDOW)  # type: ignore[arg-type]


def check_of(found: Evaluation, name: str) -> bool | None:
    return next(check.passed for check in found.checks if check.name == name)


def streets(ratio: float, seed: int = 1) -> NDArray[np.float64]:
    """Sixty places with about seven contacts a month; the first twenty change by the ratio from month 36 on."""
    rate = np.random.default_rng(seed).gamma(20, 0.35, (60, 1)) * np.ones(60)
    rate[:20, 36:] *= ratio
    return np.random.default_rng([seed, 2]).poisson(rate).astype(float)


TWENTY = tuple(f"unit-{k:04d}" for k in range(20))


@pytest.mark.parametrize("mark", ["range", "bare"])
def test_small_counts_are_intervals_and_not_gaps(store: Store, mark: str) -> None:
    counts = streets(0.6)
    small = (counts >= 1) & (counts <= 4)
    bounds = np.where(small, 4.0, np.nan) if mark == "range" else np.full(counts.shape, np.nan)
    filled(
        store,
        counts,
        contacts=np.where(small, None, counts).ravel(),
        most=[None if value != value else value for value in bounds.ravel()],
    )
    found = asked(store, treated=TWENTY)
    told = found.primary.rate_ratio
    assert told is not None and told.holds(0.6)
    assert found.primary.verdict is Verdict.AVERTED
    assert any(f"{small.sum()} counts are told as small alone" in caveat for caveat in found.caveats)
    assert check_of(found, "small-counts") is not None or found.grade.level <= 2


def test_gaps_in_the_small_counts_stead_would_hide_the_fall(store: Store) -> None:
    counts = streets(0.6)
    filled(store, np.where((counts >= 1) & (counts <= 4), np.nan, counts))
    gaps = asked(store, treated=TWENTY).primary.rate_ratio
    assert gaps is None or not gaps.holds(0.6)


def test_where_all_is_hidden_nothing_is_told(store: Store) -> None:
    counts = np.minimum(streets(0.6), 4)
    filled(store, counts, contacts=[None] * counts.size, least=[1] * counts.size, most=[4] * counts.size)
    found = asked(store, treated=TWENTY)
    assert found.primary.verdict is Verdict.CANNOT_TELL
    assert found.grade.level <= 2


def test_expected_counts_are_those_of_a_truncated_poisson_law() -> None:
    mean, variance = within(np.array([2.5]), np.array([1.0]), np.array([4.0]))
    k = np.arange(1, 5)
    share = stats.poisson.pmf(k, 2.5) / stats.poisson.pmf(k, 2.5).sum()
    np.testing.assert_allclose([mean[0], variance[0]], [share @ k, share @ k**2 - (share @ k) ** 2])
    y = np.random.default_rng(4).poisson(3.0, (1, 5000)).astype(float)
    hidden = y <= 4
    found = expected_counts(
        np.where(hidden, 2.0, y), np.ones_like(y), np.where(hidden, 0.0, np.nan), np.where(hidden, 4.0, np.nan)
    )
    assert found.counts.mean() == pytest.approx(y.mean(), rel=0.02)


@pytest.mark.parametrize(
    ("mark", "least", "most"),
    [
        ("<5", None, "4"),
        ("1-4", "1", "4"),
        ("1 to 7", "1", "7"),
        ("≤5", "0", "5"),
        ("5 or fewer", "0", "5"),
        ("*", None, None),
    ],
)
def test_a_mark_says_how_small(mark: str, least: str | None, most: str | None) -> None:
    text = pa.array([mark, "12", "..", None])
    assert few(text).tolist() == [True, False, False, False]
    assert [part.to_pylist() for part in limits(text)] == [[least, None, None, None], [most, None, None, None]]


def sources(counts: NDArray[np.float64], rows: slice, at: int) -> list[str]:
    told = np.full(counts.shape, "old", dtype="<U3")
    told[rows, at:] = "new"
    return [str(text) for text in told.ravel()]


@pytest.mark.parametrize(
    ("rows", "at", "passes", "word"),
    [
        (slice(0, 1), 36, False, Verdict.CANNOT_TELL),  # the treated alone, at the start
        (slice(None), 30, None, None),  # all together
        (slice(0, 1), 12, True, None),  # the treated alone, long before: only the periods since count
        (slice(5, 6), 36, True, None),  # a donor alone: it is none
    ],
)
def test_a_change_of_source_withholds_caps_or_is_cut_away(
    store: Store, rows: slice, at: int, passes: bool | None, word: Verdict | None
) -> None:
    counts = panel_counts(30, 48, 3, start=36, ratio=0.8)
    if passes:
        counts[rows, :at] = np.round(counts[rows, :at] * 0.7)
    filled(store, counts, source=sources(counts, rows, at))
    found = asked(store, "synthetic-did")
    assert check_of(found, "source-change") is passes
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.8)
    assert (found.primary.verdict is word) if word else (found.grade.level <= 2 or passes is not None)


def test_counts_rounded_from_the_start_on_are_noticed_though_nobody_declares_it(store: Store) -> None:
    counts = panel_counts(30, 48, 3)
    counts[0, 36:] = 5 * np.round(counts[0, 36:] / 5)
    filled(store, counts)
    assert check_of(asked(store, "synthetic-did"), "source-change") is False


def test_a_first_small_count_among_rounded_ones_is_no_change_of_rounding() -> None:
    """All are told to fives from the first month on; the mark comes because there is less to count."""
    counts = 5 * np.round(panel_counts(6, 48, 3) / 5) + 5
    least, most = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    counts[0, 40], least[0, 40], most[0, 40] = 4.0, 1.0, 7.0
    panel = Panel(
        "x", tuple(map(str, range(6))), tuple(map(str, range(48))), counts, np.ones(counts.shape), least, most
    )
    assert recodings(panel, np.array([0])) == ()


@pytest.mark.parametrize(("gap", "passes", "cap"), [(slice(34, 38), None, 2), (slice(10, 12), True, 4)])
def test_a_start_within_a_gap_caps_the_grade(store: Store, gap: slice, passes: bool | None, cap: int) -> None:
    counts = panel_counts(30, 60, 6, start=36, ratio=0.8)
    counts[:, gap] = np.nan
    filled(store, counts)
    found = asked(store, "synthetic-did")
    assert check_of(found, "start-in-a-gap") is passes
    assert found.grade.level <= cap
    assert found.grade.level == cap or passes


def test_a_month_that_the_start_cuts_is_no_gap(store: Store) -> None:
    filled(store, panel_counts(30, 60, 6))
    assert check_of(asked(store, "synthetic-did", start=date(2021, 1, 14)), "start-in-a-gap") is True


def test_a_protocol_cannot_leave_out_what_is_essential(store: Store) -> None:
    filled(store, panel_counts(30, 60, 6))
    plan = replace(protocol("synthetic-did"), checks=("donor-pool",))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    names = {check.name for check in found.checks}
    assert {"pre-fit", "treated-breaks", "selection-at-a-peak", "start-in-a-gap", "donor-pool"} <= names
    assert "leave-one-donor-out" not in names


def test_a_small_count_keeps_its_row_and_a_number_that_there_is_not_does_not(store: Store, tmp_path: Path) -> None:
    marks = ("120", "<5", "*", "1-4", "..", "0")
    write(
        tmp_path,
        "data/n.csv",
        "trust,month,att\n" + "".join(f"A,2023-{k:02d}-01,{mark}\n" for k, mark in enumerate(marks, 1)),
    )
    columns = {"unit": "trust", "period": "month", "contacts": "att"}
    source = SourceSettings("count", "data/n.csv", columns=columns, constants={"kind": "ae_attendance"})
    (found,) = load(store, *place(tmp_path, source), KEY)
    assert (found.kept, found.quarantined) == (5, 1)
    rows = store.arrow(store.table("count").order_by("period")).to_pylist()
    told = [(row["contacts"], row["least"], row["most"]) for row in rows]
    assert told == [(120, None, None), (None, None, 4), (None, None, None), (None, 1, 4), (0, None, None)]
