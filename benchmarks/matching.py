"""Matching at the scale of a nation: from a Parquet file to pairs, exact strata, 8 covariates, three for each, beside a peer.

python3 go.py bench matching [--people 1000000 5000000] [--seed 1] [--write]

Each way runs in a process of its own, so that its memory is its own. The peer is scikit-learn's nearest neighbours, or scipy's
k-d tree where that is not installed, searched by stratum and greedily emptied, which is how Python matching packages do it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.spatial import cKDTree

from headwater.stats.balance import balance
from headwater.stats.matching import nearest_pairs, whitened
from headwater.stats.propensity import propensity_logit

ROOT = Path(__file__).resolve().parents[1]
COVARIATES = tuple(f"x{at}" for at in range(8))
WAYS = ("propensity", "mahalanobis within a caliper")
MATCHIT = {(1, WAYS[0]): 28.9, (1, WAYS[1]): 50.0, (5, WAYS[0]): 127.0, (5, WAYS[1]): 340.0}
"""Seconds of R's MatchIt 4.7.2 on 1.02 and 5.05 million people of the same make, 2 cores, measured elsewhere; 6.0 GB at 5 million."""


def write_people(file: Path, people: int, seed: int) -> None:
    """Age band × sex × area, eight covariates; one in 50 treated among a million, one in 100 among five, by a logit of them all."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(people, 8)).astype(np.float32)
    area_weight = 1 / np.sqrt(np.arange(1, 21))
    age, sex, area = (
        rng.integers(0, 8, people),
        rng.integers(0, 2, people),
        rng.choice(20, people, p=area_weight / area_weight.sum()),
    )
    pull = x @ np.array([0.5, 0.4, 0.3, 0.2, -0.2, 0.1, 0.0, 0.3]) + 0.1 * age + rng.gumbel(size=people)
    treated = np.zeros(people, dtype=bool)
    treated[
        np.argpartition(-pull, people // (50 if people < 3_000_000 else 100))[
            : people // (50 if people < 3_000_000 else 100)
        ]
    ] = True
    columns = {"age": age.astype(np.int8), "sex": sex.astype(np.int8), "area": area.astype(np.int8), "treated": treated}
    pq.write_table(pa.table({**columns, **{name: x[:, at] for at, name in enumerate(COVARIATES)}}), file)


def people_of(file: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """treated, strata, covariates, read a column at a time."""
    source = pq.ParquetFile(file)
    age, sex, area, treated = (source.read([name])[name].to_numpy() for name in ("age", "sex", "area", "treated"))
    x = np.empty((len(treated), 8), dtype=np.float32)
    for at, name in enumerate(COVARIATES):
        x[:, at] = source.read([name])[name].to_numpy()
    return treated, (age.astype(np.int64) * 2 + sex) * 20 + area, x


def ours(file: Path, way: str) -> dict[str, Any]:
    """One run from the file to pairs; seconds by step, and what the pairs are worth."""
    times = [time.perf_counter()]
    treated, strata, x = people_of(file)
    times.append(time.perf_counter())
    score = propensity_logit(x, treated)
    times.append(time.perf_counter())
    near = way != WAYS[0]
    pairs = nearest_pairs(
        treated, strata, score, per_unit=3, caliper=0.2 * score.std(), features=whitened(x) if near else None
    )
    times.append(time.perf_counter())
    read, propensity, match = np.diff(times)
    return {
        "read": read,
        "propensity": propensity,
        "match": match,
        "seconds": times[-1] - times[0],
        **worth(treated, x, pairs.treated, pairs.control),
    }


def peer(file: Path, way: str) -> dict[str, Any]:
    """The same by a tree a stratum and a greedy loop over each one's 20 nearest."""
    start = time.perf_counter()
    treated, strata, x = people_of(file)
    score, search = _logit_peer(x, treated)
    used, made = np.zeros(len(treated), dtype=bool), []
    place = score[:, None] if way == WAYS[0] else x
    for stratum in np.unique(strata[treated]):
        mine = np.flatnonzero((strata == stratum) & treated)
        pool = np.flatnonzero((strata == stratum) & ~treated)
        found = cKDTree(place[pool]).query(place[mine], k=min(20, len(pool)), workers=1)[1]
        for turn in range(3):
            for at in np.argsort(-score[mine], kind="stable"):
                for near in pool[found[at]]:
                    if not used[near]:
                        used[near] = True
                        made.append((mine[at], near, turn))
                        break
    pairs = np.array(made)
    return {"seconds": time.perf_counter() - start, "peer": search, **worth(treated, x, pairs[:, 0], pairs[:, 1])}


def _logit_peer(x: np.ndarray, treated: np.ndarray) -> tuple[np.ndarray, str]:
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        import statsmodels.api as sm

        return x @ np.asarray(
            sm.Logit(treated.astype(float), np.column_stack([x, np.ones(len(x))])).fit(disp=False).params
        )[:-1], "statsmodels + scipy"
    return LogisticRegression().fit(x, treated).decision_function(x), "scikit-learn + scipy"


def worth(treated: np.ndarray, x: np.ndarray, ours: np.ndarray, control: np.ndarray) -> dict[str, Any]:
    each = np.bincount(ours, minlength=len(treated))
    who = np.unique(ours)
    rows, weight = np.concatenate([who, control]), np.concatenate([np.ones(len(who)), 1 / each[ours]])
    smd = balance(x[rows], treated[rows], weight).smd
    return {"pairs": len(control), "treated": len(who), "smd": float(np.abs(smd).max())}


def _run(file: Path, way: str, whose: str) -> dict[str, Any]:
    """A process of its own; ours is run twice in it, the first call apart."""
    done = subprocess.run(
        [sys.executable, __file__, "--one", str(file), way, whose],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _one(file: str, way: str, whose: str) -> None:
    make = ours if whose == "ours" else peer
    first = make(Path(file), way)
    again = make(Path(file), way) if whose == "ours" else first
    again |= {"first": first["seconds"], "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}
    print(json.dumps({key: float(value) if isinstance(value, np.floating) else value for key, value in again.items()}))


def table(found: list[tuple[int, str, dict[str, Any], dict[str, Any] | None]]) -> str:
    lines = ["| people | way | file to pairs | of it matching | first call later by | pairs | worst SMD | memory | peer: time, worst SMD, memory | times the peer | MatchIt, measured elsewhere |", "|---|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for people, way, mine, other in found:
        theirs = MATCHIT.get((round(people / 1e6), way))
        lines.append(
            f"| {people:,} | {way} | {mine['seconds']:.1f} s | {mine['match']:.1f} s | {mine['first'] - mine['seconds']:+.1f} s | {mine['pairs']:,} | {mine['smd']:.4f} | "
            f"{mine['gb']:.2f} GB | "
            + (
                f"{other['peer']}: {other['seconds']:.0f} s, {other['smd']:.4f}, {other['gb']:.2f} GB | {other['seconds'] / mine['seconds']:.0f} | "
                if other
                else "– | – | "
            )
            + (f"{theirs:.0f} s ({theirs / mine['seconds']:.0f} times) |" if theirs else "– |")
        )
    return "\n".join(lines)


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--people", type=int, nargs="+", default=[1_000_000, 5_000_000])
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true")
    words.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.one:
        return _one(*given.one)
    found: list[tuple[int, str, dict[str, Any], dict[str, Any] | None]] = []
    with tempfile.TemporaryDirectory() as folder:
        for people in given.people:
            file = Path(folder) / f"{people}.parquet"
            write_people(file, people, given.seed)
            _run(file, WAYS[0], "ours")  # compiled kernels are kept on the disk from here on
            found += [(people, way, _run(file, way, "ours"), _run(file, way, "peer")) for way in WAYS]
            file.unlink()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    text = (
        f"# Matching at the scale of a nation\n\n`python3 go.py bench matching --people {' '.join(map(str, given.people))} --seed {given.seed}`, {machine}\n\n"
        f"Exact strata (age band × sex × area, 320), 8 covariates, three for each without replacement, caliper 0.2 standard deviations.\n\n{table(found)}\n"
    )
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "matching.md").write_text(text)
    return None


if __name__ == "__main__":
    main()
