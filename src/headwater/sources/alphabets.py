"""In which encoding a file of text without a mark is written: by which one its letters stand where letters do.

UTF-8 proves itself. Of the alphabets of eight bits Windows-1252 is the usual one; where it puts capitals and signs
within words and another does not, the file is refused with the line to write, since a name read by the wrong one is
somebody else's.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.domain.errors import DataProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = 1 << 22
OPEN = "headwater-open-bytes"
"""The name under which Python finds what is done with letters that Windows-1252 lacks."""
USUAL, OTHERS = "cp1252", ("mac_roman", "cp850")
TWICE = "utf-8-twice"
"""UTF-8 that was taken for Windows-1252 and written as UTF-8 once more: Zo\u00c3\u00ab for Zo\u00eb."""
CLOSING = "\u201d\u2122\u00ae\u00a9\u00b2\u00b3"
"""Marks that stand after a word, and seldom within one."""
JOINING = "\u2014\u2026\u00a3\u00a0\u00ad\u00ab\u00bb\u00ba\u00aa\u00b4\u00b7"
"""Marks that may stand on either side of a letter."""
NO_LETTERS = "\u0192\u02c6\u02c7\u02dc\u0131\u03a9\u03c0\ufb01\ufb02"
"""Letters by their class, which no word of Western Europe holds."""
SHORTENED = "stdmrvl"
"""Letters that follow an apostrophe within an English word."""


class Letters:
    """What the bytes beyond ASCII of a file show. text: UTF-8 letters as they should be; twice: such as were encoded
    twice."""

    def __init__(self) -> None:
        self.text, self.twice, self.damaged, self.lone = 0, 0, False, False
        self.windows: set[int] = set()
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")

    def add(self, block: bytes) -> None:
        if block.isascii():
            self.damaged |= bool(self.decoder.getstate()[0])
            self.decoder.reset()
            return
        runs = set(re.findall("[^\0-\x7f]+", self.decoder.decode(block).replace("\ufeff", "")))
        bad = {letter for run in runs for letter in run if "\udc80" <= letter <= "\udcff"}
        again = {run for run in runs if len(run) > 1 and bad.isdisjoint(run) and once(run) is not None}
        self.damaged |= bool(bad)
        self.lone |= bool(bad & set("\udc81\udc8d\udc8f\udc90\udc9d\udcff"))
        self.twice += len(again)
        self.text += sum(not bad.issuperset(run) for run in runs - again)
        if bad:
            self.windows.update(_windows(block))


def encoding_of(blocks: Iterator[bytes], file: Path) -> str:
    """Raises DataProblem where an alphabet of eight bits other than the usual one may be meant."""
    seen = Letters()
    for block in blocks:
        seen.add(block)
    if seen.twice and not seen.text and not seen.damaged:
        return TWICE
    if not seen.damaged or seen.text or seen.twice:
        return "utf-8"
    odd = {name: _odd(seen.windows, name) for name in (USUAL, *OTHERS)}
    fits = [name for name in OTHERS if not odd[name]]
    if not odd[USUAL] or not (fits or not seen.lone):
        return "utf-8" if seen.lone else USUAL
    raise _doubtful(file, odd[USUAL], fits)


def _doubtful(file: Path, odd: list[int], fits: list[str]) -> DataProblem:
    shown = odd[:3]
    reads = [f'encoding = "{name}", which reads {_shown(shown, name)}' for name in (*fits, USUAL)]
    return DataProblem(
        f"{file.name}: its letters are not those of Windows-1252: {_shown(shown, USUAL)} would stand in words",
        given="bytes that are no UTF-8",
        allowed=", ".join((USUAL, *OTHERS)),
        next_step=f"write {'; or '.join(reads)}",
    )


def _shown(windows: list[int], encoding: str) -> str:
    return ", ".join(f'"{_piece(one).decode(encoding, errors="replace").strip()}"' for one in windows)


def once(run: str) -> str | None:
    """Letters beyond ASCII as they were before they were encoded a second time; None where they were not."""
    try:
        return _as_bytes(run).decode()
    except UnicodeDecodeError:
        return None


def _as_bytes(text: str) -> bytes:
    """Windows-1252; the five bytes that it leaves open are themselves, as browsers and databases take them."""
    return text.encode(USUAL, OPEN)


def _open_bytes(problem: UnicodeError) -> tuple[str | bytes, int]:
    """What Windows-1252 has no letter for is itself; a byte that no UTF-8 has stands for anything beyond one byte."""
    assert isinstance(problem, UnicodeEncodeError | UnicodeDecodeError)
    given = problem.object[problem.start : problem.end]
    if isinstance(given, bytes):
        return given.decode("latin-1"), problem.end
    return bytes(ord(one) if "\x80" <= one <= "\x9f" else 0xFF for one in given), problem.end


def _windows(block: bytes) -> set[int]:
    """Every different byte beyond ASCII with the ones before and after it."""
    letters = np.frombuffer(b"\n" + block + b"\n", np.uint8)
    at = np.flatnonzero(letters > 0x7F)
    before, here, after = (letters[at + shift].astype(np.int64) for shift in (-1, 0, 1))
    return set(np.unique(before << 16 | here << 8 | after).tolist())


def _odd(windows: set[int], encoding: str) -> list[int]:
    """Pieces of words in which a capital follows a small letter, or a sign stands between letters."""
    return [one for one in sorted(windows) if _is_odd(*_piece(one).decode(encoding, errors="replace"))]


def _piece(window: int) -> bytes:
    return window.to_bytes(3)


def _is_odd(before: str, here: str, after: str) -> bool:
    if here == "\ufffd":
        return True
    if here.isalpha() and here not in NO_LETTERS:
        capital = here.isupper() and before.isalpha() and (before.islower() or after.islower())
        return capital or (after.isdigit() and not before.isalpha())
    if here == "\u2019":
        return before.islower() and after.islower() and after not in SHORTENED
    if here == "\u2013":
        return before.islower() and after.islower()
    if here in JOINING or here.isspace():
        return False
    return (before.isalpha() and (after.isalpha() or here not in CLOSING)) or (here in NO_LETTERS and after.isalpha())


class _Once(codecs.IncrementalDecoder):
    """UTF-8 that was encoded twice, as it was meant; what was encoded once cannot be told from damage."""

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self.outer = codecs.getincrementaldecoder("utf-8")(errors=errors)
        self.inner = codecs.getincrementaldecoder("utf-8")(errors=errors)

    def decode(self, given: Any, final: bool = False) -> str:
        return self.inner.decode(_as_bytes(self.outer.decode(given, final).removeprefix("\ufeff")), final)

    def reset(self) -> None:
        self.outer.reset()
        self.inner.reset()


def _codec(name: str) -> codecs.CodecInfo | None:
    if name.replace("_", "-") != TWICE:
        return None

    def decode(given: Any, errors: str = "strict") -> tuple[str, int]:
        return _Once(errors).decode(bytes(given), True), len(given)

    def encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
        return text.encode().decode(USUAL, OPEN).encode(), len(text)

    return codecs.CodecInfo(encode, decode, incrementaldecoder=_Once, name=TWICE)


codecs.register(_codec)
codecs.register_error(OPEN, _open_bytes)
