"""What the benchmarks of capacity and ledger share: timing, and a result table in docs/measured/."""

from __future__ import annotations

import os
import platform
import resource
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MEASURED = Path(__file__).resolve().parents[1] / "docs" / "measured"


@dataclass
class Results:
    """Rows of (what, figure, remark), printed as they come and written as one table."""

    name: str
    about: str
    command: str
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, figure: str, remark: str = "") -> None:
        self.rows.append((what, figure, remark))
        print(f"{what:<58} {figure:>14}  {remark}", flush=True)

    @contextmanager
    def timed(self, what: str, remark: str = "") -> Iterator[list[float]]:
        """Seconds of the block, added as a row; the list given to the block holds them afterwards."""
        seconds: list[float] = []
        start = time.perf_counter()
        yield seconds
        seconds.append(time.perf_counter() - start)
        self.add(what, f"{seconds[0]:.2f} s", remark)

    def write(self, packages: tuple[str, ...]) -> None:
        versions = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)])
        table = "\n".join(f"| {what} | {figure} | {remark} |" for what, figure, remark in self.rows)
        text = (
            f"# {self.about}\n\n`{self.command}`\n\n{platform.machine()}, {os.cpu_count()} cores; {versions}.\n\n"
            f"| what | figure | remark |\n|---|---|---|\n{table}\n"
        )
        MEASURED.mkdir(parents=True, exist_ok=True)
        (MEASURED / f"{self.name}.md").write_text(text, encoding="utf-8")


def peak_mib() -> float:
    """The process's largest memory so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2
