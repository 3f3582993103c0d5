"""Strangers' files as batches of text columns, streamed: CSV of any kind, Parquet, XLSX, folders and patterns of them.

Every reader yields `Batch`es: text columns under the file's own names, the number of each row (the first data row is 1), and
the rows that could not be cut into columns, each with its number and reason.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from headwater.domain.errors import DataProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.domain.workspace import SourceSettings

BLOCK = 16 << 20
"""16 MiB of CSV a batch: about 150,000 contacts, some 100 MB while they are being converted."""
ROWS = 100_000
ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt", ".parquet", ".xlsx")
BAD_BYTES = "bad bytes: not in the file's encoding"
LONGEST = 100_000
"""Letters of the longest text that is kept; a longer one is a document, or a quotation mark left open, and its row is refused."""
RAGGED = "ragged line: {found} columns instead of {expected}"


UNREADABLE = (
    pa.ArrowException,
    BadZipFile,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    SyntaxError,
    csv.Error,
    zlib.error,
)
"""What the libraries below raise for files that are damaged or something else than their names say."""


@dataclass(frozen=True, slots=True)
class Batch:
    """columns: text by the file's own names; rows: int64[row]; refused: row number → reason; read: bytes read so far."""

    columns: dict[str, pa.StringArray]
    rows: np.ndarray[Any, np.dtype[np.int64]]
    refused: dict[int, str]
    read: int


def files_of(root: Path, source: SourceSettings) -> list[Path]:
    """The files a source names: one, a folder's, or a pattern's, in order of name. Raises DataProblem for none."""
    named = root / source.files
    if named.is_file():
        return [named]
    found = [file for file in _matching(root, source.files) if _readable(file)]
    if not found:
        raise DataProblem(
            f"no file for the table {source.table!r}",
            given=shown(source),
            allowed="a file, a folder or a pattern within the workspace: " + ", ".join(ENDINGS),
            next_step="put the file there, or mend files = ... in headwater.toml",
        )
    return sorted(found)


def _matching(root: Path, pattern: str) -> list[Path]:
    """What a folder holds or a pattern matches; nothing for a pattern that is none, as one that starts at the disk's root."""
    if (root / pattern).is_dir():
        return list((root / pattern).rglob("*"))
    try:
        return list(root.glob(pattern))
    except (ValueError, NotImplementedError):
        return []


def shown(source: SourceSettings) -> str:
    """What `files` names, fit for a message: without the name and password that an address of a database may carry."""
    return re.sub(r"//[^@/]*@", "//…@", source.files)


def read(file: Path, source: SourceSettings) -> Iterator[Batch]:
    """The file's batches. Raises DataProblem where nothing at all can be read."""
    if file.stat().st_size == 0:
        raise DataProblem(f"{file.name} is empty", given="0 bytes", next_step="ask for the file again")
    try:
        if file.suffix == ".parquet":
            yield from _parquet(file)
        elif file.suffix == ".xlsx":
            yield from _xlsx(file, source)
        else:
            yield from _csv(file, source)
    except UNREADABLE as problem:
        raise DataProblem(
            f"{file.name} cannot be read: {_why(problem)}",
            given=file.name,
            allowed="CSV (also .gz), Parquet, XLSX",
            next_step="open it and save it as CSV in UTF-8, or set delimiter, encoding, sheet or header_row",
        ) from problem


def _why(problem: BaseException) -> str:
    """The first words of a library's complaint, without the cells it may quote."""
    if isinstance(problem, LookupError) and "encoding" in str(problem):
        return str(problem)
    return str(problem).split(": ")[0].splitlines()[0][:100] if str(problem).strip() else type(problem).__name__


def _readable(file: Path) -> bool:
    return file.is_file() and file.name.lower().endswith(ENDINGS) and not file.name.startswith((".", "~"))


# CSV


def _csv(file: Path, source: SourceSettings) -> Iterator[Batch]:
    encoding = source.encoding or _encoding(file)
    delimiter = source.delimiter or _delimiter(file, encoding, source.header_row)
    ragged: list[tuple[int, str]] = []

    def refuse(row: pacsv.InvalidRow) -> str:
        ragged.append((row.number, RAGGED.format(found=row.actual_columns, expected=row.expected_columns)))
        return "skip"

    with file.open("rb") as raw:
        plain: Any = gzip.open(raw) if file.suffix == ".gz" else raw  # noqa: SIM115 - closed with the raw file
        utf8 = codecs.lookup(encoding).name in {"utf-8", "utf-8-sig", "ascii"}
        content = plain if utf8 else io.BufferedReader(_Utf8(plain, encoding), BLOCK >> 2)
        names = _header(file, encoding, delimiter, source.header_row)
        reader = pacsv.open_csv(
            content,
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=BLOCK, column_names=names, skip_rows=source.header_row
            ),
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
        for batch in _numbered(reader, ragged, raw, source.header_row):
            yield batch if utf8 else _without_damage(batch)


class _Utf8(io.RawIOBase):
    """A stream in another encoding, read as UTF-8; bytes that are no character become U+FFFD, so that their row is known."""

    def __init__(self, raw: Any, encoding: str) -> None:
        self.raw, self.rest = raw, b""
        self.decoder = codecs.getincrementaldecoder(encoding)(errors="replace")

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        while not self.rest:
            block = self.raw.read(1 << 20)
            self.rest = self.decoder.decode(block, final=not block).encode()
            if not block:
                break
        count = min(len(room), len(self.rest))
        room[:count], self.rest = self.rest[:count], self.rest[count:]
        return count


def _without_damage(batch: Batch) -> Batch:
    bad = np.zeros(len(batch.rows), dtype=bool)
    for column in batch.columns.values():
        bad |= pc.match_substring(column, "\ufffd").to_numpy(zero_copy_only=False)
    if not bad.any():
        return batch
    columns = {name: column.filter(pa.array(~bad)) for name, column in batch.columns.items()}
    refused = {**batch.refused, **dict.fromkeys(batch.rows[bad].tolist(), BAD_BYTES)}
    return Batch(columns, batch.rows[~bad], refused, batch.read)


def _numbered(reader: Any, ragged: list[tuple[int, str]], raw: Any, header: int) -> Iterator[Batch]:
    """Give every row its number: ragged rows have theirs from the reader, which may be ahead; the others fill the gaps."""
    last = 0
    waiting: dict[int, str] = {}
    for batch in reader:
        waiting |= _taken(ragged, header)
        numbers = np.arange(last + 1, last + 1 + batch.num_rows + len(waiting), dtype=np.int64)
        taken = np.isin(numbers, np.fromiter(waiting, dtype=np.int64, count=len(waiting)))
        rows = numbers[~taken][: batch.num_rows]
        last = int(rows[-1]) if len(rows) else last
        passed = {row: waiting.pop(row) for row in sorted(waiting) if row < last}
        yield decoded(batch, rows, passed, raw.tell())
    waiting |= _taken(ragged, header)
    if waiting:
        none = {name: pa.array([], pa.string()) for name in reader.schema.names}
        yield Batch(none, np.empty(0, dtype=np.int64), dict(sorted(waiting.items())), raw.tell())


def _taken(ragged: list[tuple[int, str]], header: int) -> dict[int, str]:
    found = {number - header: reason for number, reason in ragged}
    ragged.clear()
    return found


def decoded(batch: pa.RecordBatch, rows: Any, refused: dict[int, str], read: int) -> Batch:
    """Bytes to text; a row with bytes that are no text is refused whole."""
    try:
        columns = {name: batch.column(name).cast(pa.string()) for name in batch.schema.names}
        return Batch(columns, rows, refused, read)
    except pa.ArrowInvalid:
        bad = np.zeros(batch.num_rows, dtype=bool)
        for name in batch.schema.names:
            bad |= np.fromiter((not _is_text(value) for value in batch.column(name).to_pylist()), bool, batch.num_rows)
        refused = {**refused, **dict.fromkeys(rows[bad].tolist(), BAD_BYTES)}
        return decoded(batch.filter(pa.array(~bad)), rows[~bad], refused, read)


def _is_text(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def _start(file: Path, size: int = 1 << 16) -> bytes:
    with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as raw:
        return bytes(raw.read(size))


def _encoding(file: Path) -> str:
    """By its byte order mark; else UTF-8, unless its start is plainly not, which in this country means Windows-1252."""
    start = _start(file)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        start[: start.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError as problem:
        # A few bad bytes in a UTF-8 file are bad rows; many high bytes that never form UTF-8 are another encoding.
        good = sum(byte > 0xC1 for byte in start) and _multibyte(start)
        return (
            "utf8"
            if good or problem.reason == "unexpected end of data" or b"\x00" in start or _lone(start)
            else "cp1252"
        )
    return "utf8"


def _multibyte(start: bytes) -> bool:
    """Whether some character is well-formed UTF-8 of two bytes or more."""
    text = start.decode("utf-8", errors="ignore")
    return any(ord(letter) > 127 for letter in text)


def _lone(start: bytes) -> bool:
    """Whether bytes occur that Windows-1252 does not know: then it is damage, not an encoding."""
    return any(byte in start for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xFF))


def _delimiter(file: Path, encoding: str, header_row: int) -> str:
    text = _start(file).decode(encoding, errors="replace")
    line = text.splitlines()[header_row - 1] if len(text.splitlines()) >= header_row else text
    return max(",;\t|", key=lambda mark: (line.count(mark), mark == ","))


def _header(file: Path, encoding: str, delimiter: str, header_row: int) -> list[str]:
    text = _start(file).decode(encoding, errors="replace").lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    if len(rows) < header_row:
        raise DataProblem(
            f"{file.name} has no row {header_row}", given=f"header_row = {header_row}", next_step="mend header_row"
        )
    return _distinct([name.strip() for name in rows[header_row - 1]])


def _distinct(names: list[str]) -> list[str]:
    """A repeated or empty heading gets its number, so that no column hides another."""
    seen: set[str] = set()
    found = []
    for at, name in enumerate(names, 1):
        new = name if name and name not in seen else f"{name or 'column'}_{at}"
        seen.add(new)
        found.append(new)
    return found


# Parquet and XLSX


def _parquet(file: Path) -> Iterator[Batch]:
    reader = pq.ParquetFile(file)
    last = 0
    for batch in reader.iter_batches(batch_size=ROWS):
        plain = [field.name for field in batch.schema if not pa.types.is_nested(field.type)]
        columns = {name: _text(batch.column(name)) for name in plain}
        rows = np.arange(last + 1, last + batch.num_rows + 1, dtype=np.int64)
        last += batch.num_rows
        yield Batch(columns, rows, {}, last)


def _text(column: pa.Array) -> pa.StringArray:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return pc.fill_null(column.cast(pa.string()), "")


def _xlsx(file: Path, source: SourceSettings) -> Iterator[Batch]:
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=True)
    if source.sheet and source.sheet not in book.sheetnames:
        raise DataProblem(
            f"{file.name} has no sheet {source.sheet!r}",
            allowed=", ".join(book.sheetnames),
            next_step="mend sheet = ...",
        )
    sheet = book[source.sheet] if source.sheet else book.worksheets[0]
    lines = sheet.iter_rows(min_row=source.header_row, values_only=True)
    headings = [_cell(value) for value in next(lines, ())]
    while headings and not headings[-1]:
        headings.pop()  # a sheet is as wide as its widest line
    names = _distinct(headings)
    held: list[tuple[int, list[str]]] = []
    last = 0
    for line in lines:
        cells = [_cell(value) for value in line]
        if not any(cells):
            continue
        last += 1
        held.append((last, cells + [""] * (len(names) - len(cells))))
        if len(held) == ROWS:
            yield _sheet_batch(names, held)
            held = []
    if held:
        yield _sheet_batch(names, held)


def _sheet_batch(names: list[str], held: list[tuple[int, list[str]]]) -> Batch:
    """Blank lines were passed over, as in CSV; a line with something to the right of the last heading is ragged."""
    longest = {row: max(at for at, cell in enumerate(cells, 1) if cell) for row, cells in held}
    refused = {row: RAGGED.format(found=n, expected=len(names)) for row, n in longest.items() if n > len(names)}
    sound = [(row, cells) for row, cells in held if row not in refused]
    columns = {name: pa.array([cells[at] for _, cells in sound], pa.string()) for at, name in enumerate(names)}
    return Batch(columns, np.array([row for row, _ in sound], dtype=np.int64), refused, held[-1][0])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
