"""The chain of one outcome: what came before, what would have come anyway, what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Verdict
from headwater.domain.release import Count, FigureData
from headwater.report.kinds import capital, kind_words

if TYPE_CHECKING:
    from headwater.domain.evidence import Finding

STEPS = (("before", "Before it began"), ("expected", "Expected anyway"), ("seen", "Seen"))


def chain(finding: Finding, collaboration: str, *, people: bool) -> FigureData | None:
    """The three amounts as contacts a year; None where one of them is not known. people: whether disclosure control
    counts them."""
    naive = finding.naive
    if naive is None or naive.before is None or naive.expected_anyway is None or naive.seen is None:
        return None
    measure = f"{capital(kind_words(finding.kind))} a year"
    rows = tuple(
        (words, _cell(value, f"{state} {finding.kind} {collaboration}", people), _state(state, finding), measure)
        for (state, words), value in zip(STEPS, (naive.before, naive.expected_anyway, naive.seen), strict=True)
    )
    alt = (
        f"{capital(kind_words(finding.kind))} a year, of all those compared together: before, expected anyway, and"
        " seen."
    )
    counts = ("value",) if people else ()
    columns = ("label", "value", "state", "measure")
    return FigureData(f"chain-{finding.kind}", "chain", title(finding), alt, columns, rows, counts)


def _cell(value: float, name: str, people: bool) -> Count | float:
    return Count(value, "contacts", name) if people else float(round(value))


def _state(step: str, finding: Finding) -> str:
    return finding.verdict.value if step == "seen" else step


def title(finding: Finding) -> str:
    """The figure's finding: it says what the verdict says."""
    kind = kind_words(finding.kind)
    match finding.verdict:
        case Verdict.AVERTED:
            return f"Fewer {kind} than expected anyway"
        case Verdict.HARM:
            return f"More {kind} than expected anyway"
        case Verdict.NOTHING_FOUND:
            return f"{capital(kind)}: no fall worth having"
        case _:
            return f"We cannot tell whether {kind} changed"
