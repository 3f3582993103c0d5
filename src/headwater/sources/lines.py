"""The text of a file, line by line, before any parser: its encoding, its line ends, and quotation marks that were left
open.

Rows are counted here, so that a parser that swallows some is found out.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from headwater.sources.alphabets import BLOCK, encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = 1 << 16
LONGEST_CELL = 2_000
"""Lines that one quoted cell may span; a longer one is a mark left open."""
QUOTE, FEED, RETURN = 34, 10, 13
NEITHER = bytes({*range(256)} - {QUOTE, FEED})
TWO_QUOTES = 256
"""Stands for a line that begins with an empty cell in quotation marks."""
LONE_RETURN = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Form:
    """How a text file is written. only_returns: its lines end in CR alone."""

    encoding: str
    only_returns: bool = False


def start_of(file: Path, size: int = HEAD) -> bytes:
    with file.open("rb") as raw, opened(raw) as plain:
        return bytes(plain.read(size))


@contextmanager
def opened(raw: BinaryIO) -> Iterator[Any]:
    """The plain bytes of an open file, unpacked where it is gzip by its first bytes, whatever its name says."""
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    yield gzip.open(raw) if packed else raw  # noqa: SIM115 - closed with the raw file


def form_of(file: Path, encoding: str = "") -> Form:
    """By its byte order mark, its noughts or all its bytes: one look over the whole file."""
    about = file.stat()
    return _form_of(file, encoding, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=64)
def _form_of(file: Path, encoding: str, size: int, changed: int) -> Form:
    """Once for each state of a file, since it is read several times over."""
    start = start_of(file)
    found = encoding or _marked(start) or encoding_of(_blocks(file), file)
    text = start.decode(found, errors="replace")
    return Form(found, "\r" in text and "\n" not in text)


def _marked(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = max(len(start) // 2, 1)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else ""


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as raw, opened(raw) as plain:
        while block := plain.read(BLOCK):
            yield block


class Lines(io.RawIOBase):
    """A file as UTF-8 with feeds for line ends, and each quotation mark that was left open taken as a letter.

    above: lines before the first row; rows: lines below these that hold something, a quoted cell's lines being one;
    open_quotes: the lines that were mended. Lines of delimiters alone are passed over as blank ones are: spreadsheets
    write them.
    """

    def __init__(self, raw: Any, form: Form, delimiter: str, columns: int, above: int = 0) -> None:
        self.raw, self.form, self.delimiter, self.columns, self.above = raw, form, delimiter, columns, above
        mark = re.escape(delimiter.encode())
        self.hollow = re.compile(rb'(?m)^[ \t"]*' + mark + rb'[ \t"' + mark + rb"]*\r?(?:\n|\Z)")
        self.hollow_begins = {ord(delimiter), *b" \t", TWO_QUOTES}
        self.decoder = codecs.getincrementaldecoder(form.encoding)(errors="replace")
        self.utf8 = codecs.lookup(form.encoding).name in {"utf-8", "ascii", "utf-8-sig"}
        self.held, self.rest, self.ended, self.first = b"", memoryview(b""), False, True
        self.waiting = b""
        self.rows, self.lines, self.open_quotes = 0, 0, []  # type: ignore[var-annotated]

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        while not self.rest and not self.ended:
            self.rest = memoryview(self._next())
        count = min(len(room), len(self.rest))
        room[:count], self.rest = self.rest[:count], self.rest[count:]
        return count

    def _next(self) -> bytes:
        """The next whole lines; at the end, what is left."""
        block = self.raw.read(1 << 22)
        text = block if self.utf8 else self.decoder.decode(block, final=not block).encode()
        if self.first and text:
            text, self.first = text.removeprefix(codecs.BOM_UTF8), False
        text = self._with_feeds(text, last=not block)
        self.held += text
        self.ended = not block
        end = len(self.held) if self.ended else self._whole()
        whole, self.held = self.held[:end], self.held[end:]
        return self._counted(whole)

    def _with_feeds(self, text: bytes, last: bool) -> bytes:
        """Returns that stand alone end lines too; one at the end of a block waits for what comes after it."""
        text, self.waiting = self.waiting + text, b""
        if b"\r" not in text:
            return text
        if text.endswith(b"\r") and not last:
            text, self.waiting = text[:-1], b"\r"
        return LONE_RETURN.sub(b"\n", text) if text.count(b"\r") != text.count(b"\r\n") else text

    def _whole(self) -> int:
        """Where the last whole line ends: a block never ends within a cell that is plainly open."""
        end = self.held.rfind(b"\n") + 1
        if b'"' not in self.held[:end] or len(self.held) > 64 << 20:
            return end
        return self._closed(end)

    def _closed(self, end: int) -> int:
        """The last line end before which quotation marks are even, looked for in the last lines only."""
        total = int(np.count_nonzero(np.frombuffer(self.held, np.uint8, end) == QUOTE))
        tries = 0
        while total % 2 and end > 0 and tries < LONGEST_CELL:
            before = self.held.rfind(b"\n", 0, end - 1) + 1
            total -= self.held.count(b'"', before, end)
            end, tries = before, tries + 1
        return end if end and tries < LONGEST_CELL else self.held.rfind(b"\n") + 1

    def _counted(self, whole: bytes) -> bytes:
        top, below = self._parted(whole)
        self.lines += top.count(b"\n")
        if b'"' in below and _odd(below):
            return top + self._mended(below)
        self.lines += below.count(b"\n")
        starts, begun = _begun(below)
        if begun & self.hollow_begins:
            below = self.hollow.sub(b"", below)
            starts, begun = _begun(below)
        self.rows += _filled(below) if begun & {FEED, RETURN} else starts
        return top + below if top else below

    def _parted(self, whole: bytes) -> tuple[bytes, bytes]:
        """What stands above the first row, which is not counted, and the rows."""
        end = 0
        for _ in range(max(self.above - self.lines, 0)):
            end = whole.find(b"\n", end) + 1 or len(whole)
        return whole[:end], whole[end:]

    def _mended(self, whole: bytes) -> bytes:
        """Lines with a mark left open have their marks doubled, cell by cell; cells of several lines stay as they
        are."""
        lines = whole.decode("utf-8", errors="surrogateescape").split("\n")
        tail = lines.pop()  # '' after a last feed
        lines += [tail] if tail else []
        made, at = [], 0
        while at < len(lines):
            last = self._span(lines, at)
            if last == at and self.hollow.fullmatch(lines[at].encode(errors="surrogateescape")):
                at += 1
                continue
            if last < 0:
                self.open_quotes.append(self.lines + at + 1)
                made.append(self._literal(lines[at]))
                last = at
            else:
                made.append("\n".join(lines[at : last + 1]))
            self.rows += bool(made[-1].strip("\r"))
            at = last + 1
        self.lines += len(lines)
        text = "\n".join(made) + ("" if tail else "\n")
        return text.encode("utf-8", errors="surrogateescape")

    def _span(self, lines: list[str], at: int) -> int:
        """The line on which a row that begins on this one ends; −1 where a quotation mark was left open on it."""
        state = _open(lines[at], self.delimiter, False)
        if state is False:
            return at
        if state is None:
            return -1
        for last in range(at + 1, min(at + LONGEST_CELL, len(lines))):
            state = _open(lines[last], self.delimiter, True)
            if state is None:
                return -1
            if state is False:
                return last if self._is_one_row(lines[at : last + 1]) else -1
        return -1

    def _is_one_row(self, lines: list[str]) -> bool:
        """Whether lines that a quoted cell joins are one row, whole or ragged, rather than rows that a mark left open
        swallowed."""
        if self.columns < 3:
            return True
        if any(self._width(line) == self.columns for line in lines[1:-1]):
            return False
        full = [line.count(self.delimiter) >= self.columns - 1 for line in (lines[0], lines[-1])]
        return not all(full)

    def _width(self, text: str) -> int:
        return len(next(csv.reader(io.StringIO(text), delimiter=self.delimiter), []))

    def _literal(self, line: str) -> str:
        """The line with every cell as it stands, its marks kept as letters."""
        end = "\r" if line.endswith("\r") else ""
        cells = line.removesuffix("\r").split(self.delimiter)
        closed = [
            cell[1:-1].replace('""', '"') if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell for cell in cells
        ]
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in closed]
        return self.delimiter.join(quoted) + end


def _open(line: str, delimiter: str, within: bool) -> bool | None:
    """Whether a quoted cell goes on after the line; None where a mark closes a cell and no delimiter follows."""
    at, size, begins = 0, len(line.removesuffix("\r")), not within
    while at < size:
        letter = line[at]
        if within and letter == '"':
            if line[at + 1 : at + 2] == '"':
                at += 2
                continue
            within = False
            if at + 1 < size and line[at + 1] != delimiter:
                return None
        elif not within and begins and letter == '"':
            within = True
        begins = letter == delimiter and not within
        at += 1
    return within


def _odd(whole: bytes) -> bool:
    """Whether any line holds an odd number of quotation marks: then the number of marks before some line's end is
    odd."""
    marks = np.frombuffer(whole.translate(None, NEITHER), dtype=np.uint8)
    feeds = np.flatnonzero(marks == FEED)
    before = np.append(feeds - np.arange(len(feeds)), len(marks) - len(feeds))
    return bool((before & 1).any())


def _begun(rows: bytes) -> tuple[int, set[int]]:
    """How many lines there are, and the letters that they begin with."""
    letters = np.frombuffer(rows, dtype=np.uint8)
    starts = np.concatenate([[0], np.flatnonzero(letters == FEED) + 1])
    starts = starts[starts < len(letters)]
    firsts = letters[starts]
    begun = set(np.flatnonzero(np.bincount(firsts, minlength=256)).tolist())
    if QUOTE in begun:
        second = letters[np.minimum(starts[firsts == QUOTE] + 1, len(letters) - 1)]
        begun |= {TWO_QUOTES} if (second == QUOTE).any() else set()
    return len(starts), begun


def _filled(whole: bytes) -> int:
    """Lines that hold something."""
    letters = np.frombuffer(whole.replace(b"\r\n", b"\n"), dtype=np.uint8)
    if not len(letters):
        return 0
    feeds = np.flatnonzero(letters == FEED)
    ends = np.concatenate([feeds, [len(letters)]]) if letters[-1] != FEED else feeds
    return int((np.diff(np.concatenate([[-1], ends])) > 1).sum())
