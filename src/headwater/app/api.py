"""The Python door: `import headwater as hw; place = hw.open("northshire"); place.evaluate("frequent-attenders")`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from headwater.app import (
    adopting,
    booking,
    choosing,
    counting,
    evaluating,
    leaving,
    monitoring,
    planning,
    reading,
    registering,
    segmenting,
    weeks,
)
from headwater.app.demo import demo as make_county
from headwater.app.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.app.answer import Answer


class OpenPlace(Place):
    """A workspace with its use cases as methods; each answer shows itself in a notebook."""

    def check(self) -> Answer:
        return reading.check(self)

    def load(self) -> Answer:
        return reading.load(self)

    def link(self) -> Answer:
        return reading.link(self)

    def partners(self, org: str | None = None, style: str | None = None) -> Answer:
        return choosing.find(self, org, style)

    def segments(self, segment: str | None = None, org: str | None = None) -> Answer:
        """Own demand that others could meet earlier; with a segment, that one with every study of it."""
        return segmenting.segment(self, segment, org) if segment else segmenting.segments(self, org)

    def ask_first(self, org: str | None = None) -> Answer:
        """Whose records to ask for first."""
        return segmenting.ask_first(self, org)

    def adopt(self, option: str, name: str = "") -> Answer:
        return adopting.adopt(self, option, name)

    def explain(self, option: str) -> Answer:
        return choosing.explain(self, option)

    def plan(self, collaboration: str, days: Mapping[str, float] | None = None) -> Answer:
        """Before launch; with days by agency, the streets and agencies of an action week."""
        if days:
            return weeks.plan_week(self, collaboration, tuple(f"{agency}={given}" for agency, given in days.items()))
        return planning.plan(self, collaboration)

    def register(self, file: str | Path | None = None) -> Answer:
        """The register of known collaborations; with a file, that list is added to it first."""
        return registering.import_list(self, Path(file)) if file else registering.listing(self)

    def lock(self, collaboration: str, role: str, reason: str = "the plan is agreed") -> Answer:
        return planning.lock(self, collaboration, role, reason)

    def evaluate(self, collaboration: str) -> Answer:
        return evaluating.evaluate(self, collaboration)

    def monitor(self, collaboration: str) -> Answer:
        """A look before the end, by intervals that hold however often one looks."""
        return monitoring.monitor(self, collaboration)

    def count(self, collaboration: str) -> Answer:
        return counting.count(self, collaboration)

    def ledger(self) -> Answer:
        return booking.show(self)

    def report(self, formats: tuple[str, ...] = ("html",)) -> tuple[Path, ...]:
        return leaving.report(self, formats).value


def open(root: Path | str) -> OpenPlace:
    """A workspace by its folder."""
    return OpenPlace(root)


def demo(folder: Path | str, people: int = 20_000) -> OpenPlace:
    """The demonstration county, every step done, as a workspace to ask; made where it is not there yet.

    No report is written: `place.report(("html", "pdf"))` does that.
    """
    make_county(Path(folder), people, formats=())
    return OpenPlace(folder)
