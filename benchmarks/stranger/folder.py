"""A world on disk, as a council's analyst would lay it out, and what the product says of it through its public door."""

from __future__ import annotations

import csv
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class File:
    """One CSV file of a world: its heading and rows, and the table and settings it is declared with."""

    table: str
    heading: Sequence[str]
    rows: Rows
    settings: str = ""  # further lines of its [[source]]
    name: str = ""


@dataclass(frozen=True)
class World:
    """Files, settings, protocols, and the truth that only the judge sees.

    `truth` is the true rate ratio of the primary outcome among the treated, `averted` the contacts truly averted
    among them over the follow-up.
    """

    files: Sequence[File]
    protocols: Mapping[str, str]
    truth: float
    averted: float = 0.0
    settings: str = ""
    also: Mapping[str, Any] = field(default_factory=dict)


def written(world: World, folder: Path) -> Path:
    """The workspace of a world, made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    (folder / "collaborations").mkdir()
    sources = []
    for number, file in enumerate(world.files):
        name = f"data/{file.name or file.table + '-' + str(number)}.csv"
        with (folder / name).open("w", newline="", encoding="utf-8") as handle:
            csv.writer(handle).writerows([file.heading, *file.rows])
        sources.append(f'[[source]]\ntable = "{file.table}"\nfiles = "{name}"\n{file.settings}')
    head = 'place = "Made up"\n[engine]\nname = "duckdb"\nthreads = 1\n' + world.settings
    (folder / "headwater.toml").write_text(head + "\n" + "\n".join(sources), encoding="utf-8")
    for name, text in world.protocols.items():
        (folder / "collaborations" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def opened(folder: Path, *, people: bool) -> Any:
    """The workspace loaded and, where people are in it, linked."""
    import headwater

    place = headwater.open(str(folder))
    place.load()
    if people:
        place.link()
    return place


def verdict(place: Any, name: str) -> dict[str, Any]:
    """The locked evaluation of one collaboration, cut to what is judged."""
    begun = time.time()
    place.lock(name, role="head of strategy")
    said: dict[str, Any] = place.evaluate(name).content
    ratio = said.get("rate_ratio") or {}
    return {
        "verdict": said["effect_verdict"],
        "low": ratio.get("low"),
        "mid": ratio.get("mid"),
        "high": ratio.get("high"),
        "withheld": said["withheld"],
        "naive": (said.get("naive") or {}).get("change"),
        "matched": float(getattr(said["comparison"]["matched"], "value", said["comparison"]["matched"])),
        "grade": said["grade"]["level"],
        "failed": [c["name"] for c in said["checks"] if c["passed"] is False and c["essential"]],
        "untold": [c["name"] for c in said["checks"] if c["passed"] is None and c["essential"]],
        "words": said["in_words"],
        "seconds": round(time.time() - begun, 1),
    }


def dates(days: Iterable[int], first: date) -> list[str]:
    """Day numbers as ISO dates."""
    return [date.fromordinal(first.toordinal() + int(day)).isoformat() for day in days]
