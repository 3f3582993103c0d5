"""The hour that London's clocks strike twice, between 1 and 2 on the last Sunday of October: how long a stay over it
truly was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from headwater.sources.forms import OFFSET
from headwater.sources.times import minutes_of

if TYPE_CHECKING:
    from typing import Any

    import pyarrow as pa

    from headwater.sources.times import Mask, Moments

HOUR = np.timedelta64(1, "h")
CLOCKED = re.compile(
    r"(?P<h>\d{1,2})[:.](?P<i>\d{2})[:.\d]* ?(?:[ap]\.?m\.?)? ?(?P<off>z|utc|gmt|bst|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
)


def an_hour_longer(start: Moments, end: Moments, text: tuple[pa.StringArray, pa.StringArray]) -> Mask:
    """bool[row]: stays whose clocks went back before they ended, within the hour that struck twice. text: start and end
    as written.

    An end before its start can be nothing else; one that is not is told by the offset it bears, where it bears one.
    """
    late, early = _struck_twice(end), _struck_twice(start)
    back: Mask = late & (end < start) & (end + HOUR >= start)
    if not (late & ~back).any():
        return back
    ended_after = _strike(text[1], late) == 2
    began_before = np.where(early, _strike(text[0], early) == 1, start < end)
    found: Mask = back | (ended_after & began_before)
    return found


def _struck_twice(moments: Moments) -> Mask:
    day = moments.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    last_sunday = ((day.astype(np.int64) + 4) % 7 == 0) & ((day - month.astype("datetime64[D]")).astype(np.int64) >= 24)
    clock = (moments - day.astype("datetime64[us]")) / HOUR
    found: Mask = ~np.isnat(moments) & last_sunday & (month.astype(np.int64) % 12 == 9) & (clock >= 1) & (clock < 2)
    return found


def _strike(text: pa.StringArray, rows: Mask) -> np.ndarray[Any, np.dtype[np.int8]]:
    """int8[row]: 1 or 2 as the offset says which of the two hours is meant; 0 where it bears none, and for other
    rows."""
    found = np.zeros(len(text), dtype=np.int8)
    at = np.flatnonzero(rows)
    told = pc.utf8_lower(text.take(at))
    bears = pc.fill_null(pc.match_substring_regex(told, OFFSET), False).to_pylist()
    for row, value, has in zip(at, told.to_pylist(), bears, strict=True):
        clock = CLOCKED.search(value) if has else None
        if clock:
            utc = (int(clock["h"]) * 60 + int(clock["i"]) - minutes_of(clock["off"])) % (24 * 60)
            found[row] = 1 + (utc >= 60)
    return found
