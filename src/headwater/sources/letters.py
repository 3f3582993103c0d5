"""Whether letters stand anywhere in a column: its bytes are looked through at once, before a pattern is asked of each
value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def holds(text: pa.StringArray, letters: bytes) -> bool:
    """Whether any of these ASCII letters stands in any value; a value that is null may count."""
    whole = letters_of(text)
    return any(letter in whole for letter in letters)


def letters_of(text: pa.StringArray) -> bytes:
    """All values one after the other, in UTF-8."""
    if not len(text) or text.buffers()[2] is None:
        return b""
    ends = memoryview(text.buffers()[1]).cast("i")
    first, last = ends[text.offset], ends[text.offset + len(text)]
    return text.buffers()[2].slice(first, last - first).to_pybytes()  # type: ignore[no-any-return]
