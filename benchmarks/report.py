"""How long a report takes to be written in each format, how large it is, and what the drawing of its figures costs.

    python3 go.py bench report [--rows 200] [--write]

The content is made up: a page of sentences, every kind of figure twice over, and a table of --rows rows. Ratios are to
the time of hashing and writing the same bytes (the limit no writer can beat) and, for HTML, to the page without its
figures.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from hashlib import sha256
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

from headwater.domain.release import Amount, DataTable, Document, Drawn, Heading, Released, Sentence  # noqa: E402
from headwater.report import FORMATS, draw, render  # noqa: E402
from report_world import FIGURES, SEAL  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

VERSIONS = ("altair", "vl-convert-python", "jinja2", "typst", "python-docx", "xlsxwriter")


def content(rows: int, figures: bool = True) -> Released[Document]:
    drawn = tuple(Drawn(figure) for figure in FIGURES.values()) if figures else ()
    table = DataTable(
        "long", "A long table", ("name", "gbp"), tuple((f"row {at}", Amount(at * 1.5)) for at in range(rows))
    )
    board = (Heading("Words"), *(Sentence(f"Sentence {at} of a made-up report.") for at in range(40)))
    return Released(
        Document("bench", "A report", "Made up.", "today", board, (Heading("Figures"), *drawn, table), {}), SEAL
    )


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The least of a few runs: what the work costs when nothing else disturbs it."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def first_drawing() -> float:
    """Seconds to draw every figure once in both sizes, the renderer's own start included."""
    start = time.perf_counter()
    for figure in FIGURES.values():
        for size in ("wide", "narrow"):
            draw(figure, size)
    return time.perf_counter() - start


def limit(file: Path, spare: Path) -> float:
    body = file.read_bytes()
    return seconds(lambda: (sha256(body).hexdigest(), spare.write_bytes(body)))


def measured(rows: int) -> list[tuple[str, str]]:
    lines = [("figures drawn for the first time, both sizes", f"{len(FIGURES) * 2} in {first_drawing():.2f} s")]
    with TemporaryDirectory() as folder:
        for format in FORMATS:
            file = Path(folder) / f"bench.{format}"
            took = seconds(lambda file=file, format=format: render(content(rows), format, file))  # type: ignore[misc]
            bound = limit(file, Path(folder) / "spare")
            lines.append(
                (
                    f"{format}, figures already drawn",
                    f"{took:.3f} s, {file.stat().st_size / 1e3:,.0f} kB, {took / bound:,.0f} × its hashing and writing",
                )
            )
        plain = Path(folder) / "plain.html"
        bare = seconds(lambda: render(content(rows, figures=False), "html", plain))
        lines.append(("html without figures", f"{bare:.3f} s, {plain.stat().st_size / 1e3:,.0f} kB"))
    return lines


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--rows", type=int, default=200)
    asked.add_argument("--write", action="store_true", help="write docs/measured/report.md")
    given = asked.parse_args()
    found = measured(given.rows)
    made = [f"{name} {version(name)}" for name in VERSIONS]
    machine = f"{cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {', '.join(made)}"
    table = "\n".join(["| what | measured |", "|---|---|", *(f"| {name} | {value} |" for name, value in found)])
    text = (
        f"# Writing a report\n\n`python3 go.py bench report --rows {given.rows}`, no random"
        f" numbers.\n\n{table}\n\nMachine: {machine}.\n"
    )
    print(text)
    if given.write:
        target = ROOT / "docs" / "measured" / "report.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
