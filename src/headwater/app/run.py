"""Every step in order. What was done before and has not changed is kept, so that a killed run goes on where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.app import choosing, counting, evaluating, leaving, reading
from headwater.app.evaluating import protocols
from headwater.app.ready import ready
from headwater.domain.errors import HeadwaterError
from headwater.domain.progress import silent

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.progress import Progress

FIRST_OPTIONS = 5


def run(place: Place, formats: tuple[str, ...] = ("html",), progress: Progress = silent) -> Answer:
    """Load, link, find partners, evaluate and count each collaboration, report. One that cannot be evaluated is told,
    not fatal.

    Without formats no report is written and no page made ready.
    """
    reading.load(place, progress)
    found = choosing.find(place, progress=progress) if place.settings.sources else None
    plans = protocols(place)
    # All are evaluated before any is counted: what is booked of one is shrunk towards all the others.
    told = {protocol.id: _evaluated(place, protocol.id, progress) for protocol in plans}
    rows = [told[protocol.id] or _counted(place, protocol.id, progress) for protocol in plans]
    files = leaving.report(place, formats, progress).content["files"] if formats else []
    if formats:
        ready(place, progress)
    content = {
        "collaborations": rows,
        "options": found.content["options"][:FIRST_OPTIONS] if found else [],
        "reports": [file for file in files if not file.endswith(".json")],
    }
    return place.answer("run", content)


def _evaluated(place: Place, collaboration: str, progress: Progress) -> dict[str, Any] | None:
    """None where it could be evaluated, else the row that says why not; a plan that was never locked is not opened in
    passing."""
    try:
        evaluating.need_open(place, collaboration)
        evaluating.evaluate(place, collaboration, progress)
    except HeadwaterError as problem:
        return _untold(collaboration, problem)
    return None


def _untold(collaboration: str, problem: HeadwaterError) -> dict[str, Any]:
    return {
        "collaboration": collaboration,
        "effect_verdict": "cannot-tell",
        "money_verdict": "cannot-tell",
        "in_words": f"It could not be evaluated: {problem.what}.",
        "rate_ratio": None,
        "naive": None,
        "booked": "nothing",
    }


def _counted(place: Place, collaboration: str, progress: Progress) -> dict[str, Any]:
    try:
        told = counting.count(place, collaboration, progress)
    except HeadwaterError as problem:
        return _untold(collaboration, problem)
    primary = told.value.evaluation.primary
    claims = told.content["claims"]
    lots = len(claims["lots"])
    booked = f"{lots} pool{'s' * (lots != 1)}" if lots else "refused" if claims["refused"] else "nothing"
    naive = primary.naive and {
        "change": primary.naive.change,
        "explained": primary.naive.explained_by_regression_to_the_mean,
    }
    ratio = None if primary.rate_ratio is None else dict(primary.rate_ratio.answer())
    return {
        "collaboration": collaboration,
        **{key: told.content[key] for key in ("effect_verdict", "money_verdict", "in_words")},
        "rate_ratio": ratio,
        "naive": naive,
        "booked": booked,
    }
