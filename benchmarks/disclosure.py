"""Random tables with true margins: how many masked cells an attacker can reckon exactly, with and without our
protection.

python3 go.py bench disclosure [--tables 1000] [--write]
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from pathlib import Path

import numpy as np

from headwater.disclosure.attack import known
from headwater.disclosure.cells import Cells
from headwater.disclosure.protect import masked, ranges_of
from headwater.disclosure.rules import rule_named

ROOT = Path(__file__).resolve().parents[1]


def table(rng: np.random.Generator) -> np.ndarray:
    """Four to six rows by three to five columns of counts, sparse as small areas are, with their margins."""
    shape = (int(rng.integers(4, 7)), int(rng.integers(3, 6)))
    inner = rng.negative_binomial(0.6, 0.6 / (0.6 + rng.choice((4.0, 15.0, 50.0))), shape).astype(float)
    down = np.vstack([inner, inner.sum(axis=0)])
    return np.hstack([down, down.sum(axis=1, keepdims=True)])


def system(counts: np.ndarray) -> Cells:
    """A table with margins as quantities and the sums between them."""
    rows, columns = counts.shape
    names = [[f"{row},{column}" for column in range(columns)] for row in range(rows)]
    across = {(line[-1], tuple(line[:-1])) for line in names}
    down = {(names[-1][at], tuple(line[at] for line in names[:-1])) for at in range(columns)}
    values = {names[row][at]: int(counts[row, at]) for row in range(rows) for at in range(columns)}
    return Cells("", values, across | down, set(values))


def attacked(rule_name: str, tables: int, protected: bool) -> tuple[int, int, int, float]:
    """Masked cells, those exactly known, cells masked beyond the rule, seconds."""
    rule, rng = rule_named(rule_name), np.random.default_rng(1)
    began, cells, given, beyond = time.perf_counter(), 0, 0, 0
    for _ in range(tables):
        found = system(table(rng))
        small = {name for name, value in found.values.items() if rule.masks(value)}
        hidden = masked(found, rule, secondary=protected)
        cells, beyond = cells + len(hidden), beyond + len(hidden - small)
        given += len(known(found.sums, ranges_of(found, rule, hidden), small))
    return cells, given, beyond, time.perf_counter() - began


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--tables", type=int, default=200)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    lines = [
        "| rule | protection | masked cells | exactly known | masked beyond the rule | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for rule in ("threshold-10", "hospital-episodes"):
        for protected in (False, True):
            cells, given_away, beyond, seconds = attacked(rule, given.tables, protected)
            share = f"{given_away:,} ({given_away / max(cells, 1):.1%})"
            lines.append(
                f"| {rule} | {'ours' if protected else 'primary suppression alone'} | {cells:,} | {share} | {beyond:,}"
                f" | {seconds:.1f} |"
            )
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    text = (
        f"# Masked cells under attack\n\n`python3 go.py bench disclosure --tables {given.tables}`, seed 1,"
        f" {machine}\n\n" + "\n".join(lines) + "\n"
    )
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "disclosure.md").write_text(text)


if __name__ == "__main__":
    main()
