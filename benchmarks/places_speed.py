"""How long a place evaluation takes: 300 organisations with every placebo, and 35,000 areas with clusters.

    python3 go.py bench places_speed [--write]

Each is set beside the fastest Python peer measured in the same run: non-negative least squares of scipy with the sum of
weights as a heavy extra row (the quickest way there to a synthetic control; a placebo at a time), and the two-way
fixed-effects Poisson and linear regressions of pyfixest with errors clustered by area.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import nnls

from headwater.domain.evidence import Panel
from headwater.stats.imputation import NEVER, imputed
from places_worlds import asked, protocol, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.domain.evidence import Finding

PAGE = Path(__file__).resolve().parents[1] / "docs" / "measured" / "places-speed.md"
ORGANISATIONS, MONTHS, BEFORE = 300, 120, 108
AREAS, PERIODS = 35_000, 171
CHECKS = ("pre-fit", "treated-breaks")
Row = tuple[str, str, str]


def timed(work: Callable[[], Any], times: int = 1) -> float:
    """The best of a few runs, seconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def organisations() -> list[Row]:
    panel = world(ORGANISATIONS, BEFORE, 1, 0.9)
    start = date.fromisoformat(panel.periods[BEFORE])
    few = world(20, 36, 1, 0.9)
    rows = []
    for method in ("synthetic-control", "synthetic-did"):
        plan = protocol(method, start, {}, treated=("unit-0000",), checks=CHECKS)
        compiling = timed(lambda plan=plan: asked(few, {"unit-0000": date(2013, 1, 1)}, plan))
        ours = timed(lambda plan=plan: asked(panel, {"unit-0000": start}, plan), 3)
        rows.append(
            (
                (
                    f"{method}: {ORGANISATIONS} organisations × {MONTHS} months, {ORGANISATIONS - 1} placebos, breaks "
                    "and fit judged"
                ),
                f"{ours:.2f} s",
                f"goal 10 s; first use in a process takes {compiling:.1f} s more",
            )
        )
    weights = timed(lambda: all_weights(panel.counts), 3)
    peer = timed(lambda: peer_weights(panel.counts[:, :BEFORE], 10)) / 10 * ORGANISATIONS
    rows.append(("weights of all 300 synthetic controls alone", f"{weights:.3f} s", "one Gram matrix for all"))
    rows.append(
        (
            "the same by scipy's nnls, unit by unit",
            f"{peer:.2f} s",
            f"10 units measured; {peer / weights:.0f} times ours",
        )
    )
    return rows


def all_weights(counts: np.ndarray) -> np.ndarray:
    from headwater.stats.simplex import simplex_weights

    y = counts[:, :BEFORE] / counts[:, :BEFORE].mean(axis=1, keepdims=True)
    gram = y @ y.T
    return simplex_weights(gram, gram, ~np.eye(len(y), dtype=bool))


def peer_weights(counts: np.ndarray, units: int) -> list[np.ndarray]:
    y = counts / counts.mean(axis=1, keepdims=True)
    heavy = 1e3
    found = []
    for k in range(units):
        others = np.delete(y, k, axis=0)
        found.append(nnls(np.vstack([others.T, heavy * np.ones(len(others))]), np.r_[y[k], heavy])[0])
    return found


def areas() -> list[Row]:
    counts, starts = area_panel()
    exposure = np.ones_like(counts)
    clusters = np.arange(AREAS)
    ours = timed(lambda: imputed(counts, exposure, starts, clusters, 1000, 1))
    rows = [
        (
            f"imputation on counts: {AREAS:,} areas × {PERIODS} months, six cohorts, 1,000 cluster draws",
            f"{ours:.1f} s",
            "goal 60 s",
        )
    ]
    rows.append(
        (
            f"whole evaluation of them: {AREAS:,} series looked through for breaks, donors, draws, verdict",
            f"{timed(lambda: whole(counts, starts)):.1f} s",
            "goal 60 s",
        )
    )
    limit = timed(lambda: (counts.sum(), exposure.sum()))
    rows.append(
        (
            "physical limit: reading the two arrays once",
            f"{limit:.3f} s",
            f"ours takes {ours / limit:.0f} times as long",
        )
    )
    return rows + area_peers(counts, starts, ours)


def whole(counts: np.ndarray, starts: np.ndarray) -> Finding:
    days = (np.datetime64("2005-01", "M") + np.arange(PERIODS)).astype("datetime64[D]").astype(str)
    panel = Panel("contacts", tuple(f"area-{k:05d}" for k in range(AREAS)), tuple(days), counts, np.ones_like(counts))
    begun = {
        panel.units[k]: date.fromisoformat(panel.periods[starts[k]]) for k in np.flatnonzero(starts < NEVER).tolist()
    }
    plan = protocol("did", min(begun.values()), {}, treated=tuple(begun), unit="place", follow_up_days=3650)
    return asked(panel, begun, plan)


def area_panel() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    starts = np.full(AREAS, NEVER, dtype=np.int64)
    starts[: AREAS // 10] = rng.choice([100, 110, 120, 130, 140, 150], AREAS // 10)
    rate = rng.gamma(4.0, 1.0, (AREAS, 1)) * np.exp(0.1 * np.sin(2 * np.pi * np.arange(PERIODS) / 12))
    rate = np.where(np.arange(PERIODS) >= starts[:, None], 0.9 * rate, rate)
    return rng.poisson(rate).astype(float), starts


def area_peers(counts: np.ndarray, starts: np.ndarray, ours: float) -> list[Row]:
    """pyfixest needs the cells as rows; making the table is not counted."""
    import pandas as pd
    import pyfixest as pf

    unit, period = np.divmod(np.arange(counts.size), PERIODS)
    frame = pd.DataFrame(
        {
            "y": counts.ravel(),
            "d": (period >= starts[unit]).astype(float),
            "unit": unit.astype("int32"),
            "period": period.astype("int16"),
        }
    )
    rows = []
    for name, fit in (("feols", pf.feols), ("fepois", pf.fepois)):
        fit("y ~ d | unit + period", frame[: 200 * PERIODS], vcov={"CRV1": "unit"}, lean=True)
        taken = timed(
            lambda fit=fit: fit(
                "y ~ d | unit + period", frame, vcov={"CRV1": "unit"}, copy_data=False, store_data=False, lean=True
            )
        )
        rows.append(
            (
                f"pyfixest {name}, two-way effects, one effect for all cohorts, errors by area",
                f"{taken:.1f} s",
                f"{taken / ours:.1f} times ours",
            )
        )
    return rows


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--write", action="store_true")
    given = read.parse_args()
    rows = [*organisations(), *areas()]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(("largest memory, peers included", f"{peak:,.0f} MiB", ""))
    head = [
        "# Places and organisations: how long it takes",
        "",
        "`python3 go.py bench places_speed`",
        "",
        f"{platform.machine()}, {os.cpu_count()} cores; Python {platform.python_version()}, numpy {np.__version__}.",
        "",
        "| what | figure | remark |",
        "|---|---|---|",
    ]
    text = "\n".join([*head, *(f"| {what} | {figure} | {remark} |" for what, figure, remark in rows), ""])
    print(text)
    if given.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
