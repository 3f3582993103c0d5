"""Answers of the studies of places: kept one by one, so that a stopped run goes on where it was, and told as a
table."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from places_worlds import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

KEPT = Path(__file__).resolve().parents[1] / "build" / "places_truth"


def cell(group: str, name: str, keys: Iterable[int], one: Callable[[int], Seen]) -> list[Seen]:
    """The answers of a cell: those that are kept, and the missing ones asked for now. A change of the method asks for
    an empty build/places_truth."""
    file = KEPT / group / f"{name.replace(' ', '_').replace('/', '-')}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    there = kept(file)
    wanted = list(keys)
    with file.open("a") as out:
        for key in wanted:
            if key not in there:
                there[key] = one(key)
                out.write(json.dumps({"key": key, **asdict(there[key])}) + "\n")
                out.flush()
    answers = [there[key] for key in wanted]
    print("  ".join(f"{key} {value}" for key, value in line(name, answers).items()), flush=True)
    return answers


def kept(file: Path) -> dict[int, Seen]:
    """Key → answer. A line that a stopped run left half written is asked for again."""
    found: dict[int, Seen] = {}
    for text in file.read_text().splitlines() if file.exists() else []:
        try:
            row = json.loads(text)
        except json.JSONDecodeError:
            continue
        key = row.pop("key")
        found[key] = Seen(**row)
    return found


def line(name: str, answers: list[Seen]) -> dict[str, object]:
    """A row of the table. told: the share whose interval was not withheld; coverage and width are of these; of all:
    coverage of every interval that was made, the withheld among them."""
    words, n = Counter(answer.verdict for answer in answers), max(1, len(answers))
    made = [answer.held for answer in answers if answer.held is not None]
    told = [answer for answer in answers if answer.held is not None and answer.stands]
    widths = [answer.width for answer in told if answer.width is not None]
    return {
        "case": name,
        "worlds": len(answers),
        "told": _share(len(told), n),
        "coverage": _share(sum(bool(a.held) for a in told), len(told)),
        "of all": _share(sum(made), len(made)),
        "averted": _share(words["averted"], n),
        "harm": _share(words["harm"], n),
        "nothing found": _share(words["nothing-found"], n),
        "cannot tell": _share(words["cannot-tell"], n),
        "width (log)": round(float(np.median(widths)), 3) if widths else None,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def tables(group: str) -> str:
    """Markdown of what is kept of a study: a line a cell, and one for all together."""
    cells = {file.stem.replace("_", " "): list(kept(file).values()) for file in sorted((KEPT / group).glob("*.jsonl"))}
    rows = [line(name, answers) for name, answers in cells.items()]
    if len(rows) > 1:
        rows.append(line("together", [answer for answers in cells.values() for answer in answers]))
    if not rows:
        return f"nothing is kept of {group}"
    head = ["| " + " | ".join(rows[0]) + " |", "|" + " --- |" * len(rows[0])]
    return "\n".join(
        head + ["| " + " | ".join("" if v is None else str(v) for v in row.values()) + " |" for row in rows]
    )
