"""Matching at the scale of a nation: from a Parquet file to pairs, exact strata, 8 covariates, three for each, beside
two peers.

python3 go.py bench matching [--people 1000000 5000000] [--seed 1] [--matchit-up-to 5000000] [--peer-up-to 1000000]
[--write]

Each way runs in a process of its own, so that its memory is its own. R's MatchIt is run beside it where R and MatchIt
are installed (`apt-get install r-base-core r-cran-matchit`); of it only the call of matchit() is timed, not the
reading. The Python peer is scikit-learn's logistic regression (statsmodels' where that is not installed) with scipy's
k-d tree, searched by stratum and greedily emptied, which is how Python matching packages do it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
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
from headwater.stats.matching import Rule, nearest_pairs, whitened
from headwater.stats.propensity import propensity_logit

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "matching" / "peers.json"
"""What the peers made of a size and seed, which does not hang on our code; remove it to run them again."""
COVARIATES = tuple(f"x{at}" for at in range(8))
WAYS = ("propensity", "Mahalanobis within a caliper", "Mahalanobis")
MATCHIT = {(1, WAYS[0]): 28.9, (1, WAYS[1]): 50.0, (1, WAYS[2]): 117.0, (5, WAYS[0]): 127.0, (5, WAYS[1]): 340.0}
"""Seconds of R's MatchIt 4.7.2 on 1.02 and 5.05 million people of the same make, 2 cores, measured elsewhere; 6.0 GB at
5 million."""


def write_people(file: Path, people: int, seed: int) -> None:
    """Age band × sex × area, eight covariates; one in 50 treated among a million, one in 100 among five, by a logit of
    them all."""
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
    """treated, strata, covariates."""
    columns = pq.read_table(file)
    age, sex, area, treated = (columns[name].to_numpy() for name in ("age", "sex", "area", "treated"))
    x = np.empty((len(treated), 8), dtype=np.float32)
    for at, name in enumerate(COVARIATES):
        x[:, at] = columns[name].to_numpy()
    return treated, (age.astype(np.int64) * 2 + sex) * 20 + area, x


def ours(file: Path, way: str) -> dict[str, Any]:
    """One run from the file to pairs; seconds by step, and what the pairs are worth."""
    times = [time.perf_counter()]
    treated, strata, x = people_of(file)
    times.append(time.perf_counter())
    scored = way != WAYS[2]
    score = propensity_logit(x, treated) if scored else np.zeros(len(treated))
    times.append(time.perf_counter())
    features = None if way == WAYS[0] else whitened(x)
    caliper = 0.2 * float(score.std()) if scored else np.inf
    pairs = nearest_pairs(treated, strata, score, Rule(3, caliper), features=features)
    times.append(time.perf_counter())
    read, propensity, match = np.diff(times)
    return {
        "read": read,
        "propensity": propensity,
        "match": match,
        "seconds": times[-1] - times[0],
        **worth(treated, x, pairs.treated, pairs.control),
    }


def matchit(file: Path, way: str) -> dict[str, Any] | None:
    """R's MatchIt on the same people; None where it is not installed."""
    if (
        shutil.which("Rscript") is None
        or subprocess.run(["Rscript", "-e", "library(MatchIt)"], capture_output=True).returncode
    ):
        return None
    treated, strata, x = people_of(file)
    stem = str(file.with_suffix(""))
    x.astype(np.float64).T.tofile(f"{stem}.x")
    np.stack([treated, strata]).astype(np.int32).tofile(f"{stem}.i")
    run = subprocess.Popen(
        ["Rscript", str(Path(__file__).with_name("matchit.R")), stem, str(len(treated)), way],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    seconds, version = run.stdout.read().split()
    _pid, status, used = os.wait4(run.pid, 0)
    if status:
        raise SystemExit(f"MatchIt stopped with {status}")
    made, control = np.fromfile(f"{stem}.pairs", dtype=np.int32).reshape(2, -1)
    return {
        "seconds": float(seconds),
        "peer": f"MatchIt {version}",
        "gb": used.ru_maxrss / 1e6,
        **worth(treated, x, made, control),
    }


def peer(file: Path, way: str) -> dict[str, Any]:
    """The same by a tree a stratum and a greedy loop over each one's 20 nearest."""
    start = time.perf_counter()
    treated, strata, x = people_of(file)
    score, search = _logit_peer(x, treated)
    used, made = np.zeros(len(treated), dtype=bool), []
    place = score[:, None] if way == WAYS[0] else x.astype(np.float64)
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

        return (
            x
            @ np.asarray(sm.Logit(treated.astype(float), np.column_stack([x, np.ones(len(x))])).fit(disp=False).params)[
                :-1
            ],
            "statsmodels + scipy",
        )
    return LogisticRegression().fit(x, treated).decision_function(x), "scikit-learn + scipy"


def worth(treated: np.ndarray, x: np.ndarray, ours: np.ndarray, control: np.ndarray) -> dict[str, Any]:
    """How many pairs, and the worst standardised mean difference between their sides, by one formula for everybody's
    pairs."""
    each = np.bincount(ours, minlength=len(treated))
    who = np.unique(ours)
    rows, weight = np.concatenate([who, control]), np.concatenate([np.ones(len(who)), 1 / each[ours]])
    smd = balance(x[rows].astype(np.float64), treated[rows], weight).smd
    return {"pairs": len(control), "treated": len(who), "smd": float(np.abs(smd).max())}


def _run(file: Path, way: str, whose: str) -> dict[str, Any] | None:
    """A process of its own; ours is run again in it, so that the first call stands apart."""
    done = subprocess.run([sys.executable, __file__, "--one", str(file), way, whose], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] | None = json.loads(done.stdout.splitlines()[-1])
    return found


def _peer(file: Path, way: str, whose: str, seed: int) -> dict[str, Any] | None:
    """A peer's answer, kept from an earlier run where there was one."""
    known: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    key = f"{whose}, {file.stem} people, seed {seed}, {way}"
    if key not in known:
        known[key] = _run(file, way, whose)
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(json.dumps(known, indent=1))
    found: dict[str, Any] | None = known[key]
    return found


REPEATS = 5
"""Runs after the first; their median is told."""


def _one(file: str, way: str, whose: str) -> None:
    if whose == "matchit":
        print(json.dumps(matchit(Path(file), way)))
        return
    make = ours if whose == "ours" else peer
    first = make(Path(file), way)
    more = [make(Path(file), way) for _ in range(REPEATS)] if whose == "ours" else [first]
    told = sorted(more, key=lambda one: one["seconds"])[len(more) // 2]
    told = told | {"first": first["seconds"], "gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}
    print(json.dumps({key: float(value) if isinstance(value, np.floating) else value for key, value in told.items()}))


Found = tuple[int, str, dict[str, Any], dict[str, Any] | None, dict[str, Any] | None]


def table(found: list[Found]) -> str:
    lines = [
        (
            "| people | way | file to pairs | reading, propensity, matching | first call later by | pairs | worst SMD |"
            " memory |"
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
    for people, way, mine, _r, _py in found:
        steps = ", ".join(f"{mine[step]:.2f}" for step in ("read", "propensity", "match"))
        lines.append(
            f"| {people:,} | {way} | {mine['seconds']:.2f} s | {steps} | {mine['first'] - mine['seconds']:+.1f} s |"
            f" {mine['pairs']:,} | {mine['smd']:.4f} | {mine['gb']:.2f} GB |"
        )
    return "\n".join(lines)


def beside(found: list[Found]) -> str:
    """The peers: time, how many times ours, pairs, balance, memory."""
    lines = [
        (
            "| people | way | MatchIt here: matchit() alone | times ours | its pairs, worst SMD, memory | MatchIt"
            " 4.7.2, measured elsewhere | times ours | Python peer | times ours | its worst SMD, memory |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for people, way, mine, theirs, python in found:
        seconds, known = mine["seconds"], MATCHIT.get((round(people / 1e6), way))
        here = (
            ("–", "–", "–")
            if theirs is None
            else (
                f"{theirs['peer']}: {theirs['seconds']:.1f} s",
                f"{theirs['seconds'] / seconds:.0f}",
                f"{theirs['pairs']:,}, {theirs['smd']:.4f}, {theirs['gb']:.2f} GB",
            )
        )
        told = ("–", "–") if known is None else (f"{known:.0f} s", f"{known / seconds:.0f}")
        last = (
            ("–", "–", "–")
            if python is None
            else (
                f"{python['peer']}: {python['seconds']:.0f} s",
                f"{python['seconds'] / seconds:.0f}",
                f"{python['smd']:.4f}, {python['gb']:.2f} GB",
            )
        )
        lines.append(f"| {people:,} | {way} | " + " | ".join((*here, *told, *last)) + " |")
    return "\n".join(lines)


def growth(found: list[Found]) -> str:
    """Microseconds a person, size by size."""
    words = []
    for way in WAYS:
        each = [(people, 1e6 * mine["seconds"] / people) for people, told, mine, *_ in found if told == way]
        words.append(f"{way} " + ", ".join(f"{cost:.2f} µs at {people / 1e6:g} million" for people, cost in each))
    return f"A person costs: {'; '.join(words)}."


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--people", type=int, nargs="+", default=[1_000_000, 5_000_000])
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--matchit-up-to", type=int, default=5_000_000, help="people up to whom R's MatchIt is run")
    words.add_argument(
        "--peer-up-to",
        type=int,
        default=1_000_000,
        help="people up to whom the Python peer is run, and every way of MatchIt",
    )
    words.add_argument("--write", action="store_true")
    words.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.one:
        return _one(*given.one)
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as folder:
        for people in given.people:
            file = Path(folder) / f"{people}.parquet"
            write_people(file, people, given.seed)
            for way in WAYS[:2]:
                _run(file, way, "ours")  # compiled kernels are kept on the disk from here on
            for way in WAYS:
                mine = _run(file, way, "ours")
                assert mine is not None
                small = people <= given.peer_up_to
                rival = people <= given.matchit_up_to and (small or way != WAYS[2])
                theirs = _peer(file, way, "matchit", given.seed) if rival else None
                # Python's packages know one tree for both Mahalanobis ways.
                python = _peer(file, way, "peer", given.seed) if small and way != WAYS[1] else None
                found.append((people, way, mine, theirs, python))
                print(found[-1], file=sys.stderr, flush=True)
            for made in Path(folder).iterdir():
                made.unlink()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    text = (
        "# Matching at the scale of a nation\n\n`python3 go.py bench matching --people"
        f" {' '.join(map(str, given.people))} --seed {given.seed}`, {machine}\n\nExact strata (age band × sex × area,"
        " 320), 8 covariates, three for each without replacement; caliper 0.2 standard deviations of the logit. Ours"
        f" runs from the Parquet file to pairs, the median of {REPEATS} runs after the first; kernels were compiled and"
        f" kept before.\n\n{table(found)}\n\n{growth(found)}\n\n## Beside others\n\n{beside(found)}\n\nBalance is"
        " judged by one formula for everybody's pairs. A peer is run once for a size and seed, on the same machine,"
        " and kept. MatchIt 4.7.2 was not to be had here; its figures are another machine's. Mahalanobis without a"
        " caliper leaves the groups as unlike in our pairs as in MatchIt's: nobody is left out.\n"
    )
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "matching.md").write_text(text)
    return None


if __name__ == "__main__":
    main()
