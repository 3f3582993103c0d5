"""Shares with their exact binomial intervals, and the table of a family of worlds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from scipy.stats import beta

HEADING = (
    "| world | true ratio | worlds | truth in 95 % | word withheld or cannot tell | false *averted* | false *harm* |"
    " right word | bias where a word is given (log) | bias, all (log) | sd (log)"
    " |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


def interval(hits: int, of: int) -> tuple[float, float]:
    """Clopper and Pearson's 95 % interval of a share."""
    if of == 0:
        return 0.0, 1.0
    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, of - hits + 1))
    high = 1.0 if hits == of else float(beta.ppf(0.975, hits + 1, of - hits))
    return low, high


def share(hits: int, of: int) -> str:
    """A share as `3 of 20 (3-38 %)`."""
    low, high = interval(hits, of)
    return f"{hits} of {of} ({100 * low:.0f}–{100 * high:.0f} %)"


def spread(values: Sequence[float]) -> str:
    """Mean with its standard error."""
    if not values:
        return "–"
    mean = sum(values) / len(values)
    if len(values) == 1:
        return f"{mean:+.3f}"
    deviation = math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))
    return f"{mean:+.3f} ± {deviation / math.sqrt(len(values)):.3f}"


def false_averted(row: dict[str, Any]) -> bool:
    """*Averted* was said where nothing was, or more was done by the interval than is true."""
    return row["verdict"] == "averted" and row["truth"] >= 1


def false_harm(row: dict[str, Any]) -> bool:
    """*Harm* was said where there was none."""
    return row["verdict"] == "harm" and row["truth"] <= 1


def right(row: dict[str, Any]) -> bool:
    """The word that a perfect observer would give."""
    return bool(row["verdict"] == ("averted" if row["truth"] < 1 else "nothing-found"))


def line(name: str, rows: Sequence[dict[str, Any]]) -> str:
    """One line of the table: worlds of one make and one truth."""
    held = [r for r in rows if r["low"] is not None and r["mid"]]
    inside = sum(r["low"] <= r["truth"] <= r["high"] for r in held)
    positive = [r for r in held if r["truth"] > 0 and r["mid"] > 0]
    errors = [math.log(r["mid"] / r["truth"]) for r in positive]
    worded = [math.log(r["mid"] / r["truth"]) for r in positive if r["verdict"] != "cannot-tell"]
    mean = sum(errors) / max(1, len(errors))
    sd = math.sqrt(sum((e - mean) ** 2 for e in errors) / (len(errors) - 1)) if len(errors) > 1 else math.nan
    of = len(rows)
    truth = sum(r["truth"] for r in rows) / of
    cells = [
        name,
        f"{truth:.2f}",
        str(of),
        share(inside, len(held)),
        share(sum(r["verdict"] == "cannot-tell" for r in rows), of),
        share(sum(map(false_averted, rows)), of),
        share(sum(map(false_harm, rows)), of),
        share(sum(map(right, rows)), of),
        spread(worded),
        spread(errors),
        f"{sd:.3f}",
    ]
    return "| " + " | ".join(cells) + " |"


def table(rows: Iterable[dict[str, Any]]) -> str:
    """The table of a family, a line for each make and planned ratio, and one for all."""
    groups: dict[tuple[str, float], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if "verdict" in row:
            groups[row["world"], row["planned"]].append(row)
    everything = [row for group in groups.values() for row in group]
    if not everything:
        return "nothing yet"
    lines = [line(f"{name} {planned:g}", group) for (name, planned), group in sorted(groups.items())]
    nulls = [r for r in everything if r["truth"] == 1]
    falls = [r for r in everything if r["truth"] < 1]
    lines += [line(f"**all, {label}**", group) for label, group in (("null", nulls), ("true fall", falls)) if group]
    return "\n".join([HEADING, *lines])
