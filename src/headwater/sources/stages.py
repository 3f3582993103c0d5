"""Which of the times of one event began it and which ended it: by what came to pass first and last in its rows, not by
where a column stands. A list of calls holds when each was received, sent on, met and closed, and a visit when somebody
came, was seen and left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.content import given_values, sort_of, spans_lives
from headwater.sources.time_evidence import TimeEvidence, time_reading
from headwater.sources.times import moments
from headwater.sources.whose import EVENTS, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.sources.times import Moments

    Columns = Mapping[str, pa.StringArray]

MEANT = {
    "target",
    "due",
    "plan",
    "planned",
    "expected",
    "scheduled",
    "estimated",
    "review",
    "next",
    "booked",
    "booking",
    "decision",
    "decided",
    "referral",
    "referred",
    "request",
    "requested",
    "onset",
    "injury",
    "expiry",
    "expires",
    "valid",
}
"""Words of a heading whose time was meant for later, or led to the event, and is no part of its course."""
WRITTEN = {
    "updated",
    "update",
    "modified",
    "modification",
    "amended",
    "changed",
    "edited",
    "extract",
    "extracted",
    "loaded",
    "load",
    "batch",
    "run",
    "snapshot",
    "exported",
    "export",
    "submitted",
    "submission",
    "inserted",
    "refreshed",
}
"""Words of a heading whose time is that of the row, not of what it tells."""
ENDED = {
    "end",
    "ended",
    "finish",
    "finished",
    "close",
    "closed",
    "closure",
    "complete",
    "completed",
    "completion",
    "clear",
    "cleared",
    "resolved",
    "departure",
    "departed",
    "discharge",
    "discharged",
    "left",
    "stop",
    "ceased",
    "concluded",
    "finalised",
}
"""Words of a heading whose time ends something."""
OF_ALL = {
    "date",
    "time",
    "datetime",
    "day",
    "dt",
    "tm",
    "ts",
    "at",
    "on",
    "of",
    "the",
    "last",
    "scene",
    "appliance",
    "vehicle",
    "resource",
    "unit",
    "units",
    "stay",
    "department",
    "hospital",
    "service",
    "contact",
    "message",
    "record",
    "status",
    "log",
    "utc",
    "gmt",
    "bst",
    "local",
}
"""Words beside an end that make it no end of something within the event."""
SAID = (
    "call",
    "received",
    "reported",
    "created",
    "logged",
    "raised",
    "opened",
    "arrival",
    "arrived",
    "start",
    "started",
    "begin",
    "began",
)
"""Words of a beginning, the likeliest first, for columns that the rows themselves do not tell apart."""
FEWEST = 0.5
"""Share of the rows in which a time is given, below which it is no beginning of every event."""


def begun_by(columns: Columns) -> str:
    """The heading of the time that began the events of a file, one a row; '' where no column holds one."""
    times = {name: found for name, found in _times(columns).items() if not set(words_of(name)) & (ENDED | WRITTEN)}
    course = {name: found for name, found in times.items() if not set(words_of(name)) & MEANT} or times
    return min(_order(course), key=lambda one: (one[1], _said(one[0]), one[0]), default=("", 0.0))[0]


def ended_by(columns: Columns) -> str:
    """The one of several ends whose time is the last; '' for none."""
    found = _order(_times(columns, fewest=0.0))
    return min(found, key=lambda one: (-one[1], one[0]), default=("", 0.0))[0]


def called_an_end(heading: str) -> bool:
    """Whether a heading calls its time the end of the event itself: that of an assessment within a contact is none."""
    words = set(words_of(heading))
    return bool(words & ENDED) and words <= ENDED | OF_ALL | set(EVENTS)


def _said(heading: str) -> int:
    words = set(words_of(heading))
    return next((at for at, word in enumerate(SAID) if word in words), len(SAID))


def _times(columns: Columns, fewest: float = FEWEST) -> dict[str, Moments]:
    """Heading → datetime64[us][row] of each column that holds times of what happened; not of lives."""
    found = {}
    for name, column in columns.items():
        values = given_values(column)
        if len(values) < max(1, fewest * len(column)) or sort_of(column) != "times" or spans_lives(values):
            continue
        text = pc.utf8_trim_whitespace(column)
        text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
        evidence = TimeEvidence()
        evidence.add(text)
        found[name] = moments(text, time_reading(evidence, name, ""))[0]
    return found


def _order(times: Mapping[str, Moments]) -> list[tuple[str, float]]:
    """(heading, how late it stands): over the other columns, the share of rows in which it is later less that in which
    it is earlier."""
    told = []
    for name, mine in times.items():
        late = 0.0
        for other, theirs in times.items():
            both = ~np.isnat(mine) & ~np.isnat(theirs)
            if other != name and both.any():
                late += float(np.mean(mine[both] > theirs[both]) - np.mean(mine[both] < theirs[both]))
        told.append((name, round(late, 6)))
    return told
