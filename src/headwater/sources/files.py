"""Strangers' files as batches of text columns, streamed: CSV of any kind, Parquet, workbooks, JSON, folders and
patterns of them.

Every reader yields `Batch`es: text columns under the file's own names, the number of each row (the first data row is
1), and the rows that could not be cut into columns, each with its number and reason.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import islice
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from headwater.domain.errors import DataProblem
from headwater.sources.alphabets import TWICE
from headwater.sources.batches import RAGGED, Batch, distinct_names
from headwater.sources.lines import HEAD, Lines, form_of, opened, start_of
from headwater.store.site import reached

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from headwater.domain.workspace import SourceSettings

BLOCK = 16 << 20
"""16 MiB of CSV a batch: about 150,000 contacts, some 100 MB while they are being converted."""
ENDINGS = (
    ".csv",
    ".csv.gz",
    ".tsv",
    ".txt",
    ".psv",
    ".parquet",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".ods",
    ".json",
    ".jsonl",
    ".ndjson",
    ".geojson",
    ".zip",
)
READ_ONCE = (
    "its letters were encoded twice (\u00c3\u00a9 for \u00e9) and are read as they were meant: write encoding ="
    f' "{TWICE}" to say so'
)
BAD_BYTES = "bad bytes: not in the file's encoding"
LONGEST = 100_000
"""Letters of the longest text that is kept; a longer one is a document, or a quotation mark left open, and its row is
refused."""
TELLS_DELIMITER = re.compile(r'"?sep=(.)"?[,;\t|]*\r?\n', re.IGNORECASE)
"""The line with which Excel is told what separates cells, above the heading."""
CASED = re.compile(r"[A-Za-z](?![^\[]*\])")
"""Letters of a pattern outside its brackets."""


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


def files_of(root: Path, source: SourceSettings) -> list[Path]:
    """The files a source names: one, a folder's, or a pattern's, in order of name. Raises DataProblem for none."""
    named = reached(root, source.files)
    if named.is_file():
        return [named]
    found = [
        reached(root, file)
        for file in _matching(root, source.files)
        if _readable(file) and not ignored(file.name, source)
    ]
    if not found:
        raise DataProblem(
            f"no file for the table {source.table!r}",
            given=shown(source),
            allowed="a file, a folder or a pattern within the workspace: " + ", ".join(ENDINGS),
            next_step="put the file there, or mend files = ... in headwater.toml",
        )
    return sorted(found)


def unread_of(root: Path, source: SourceSettings) -> list[str]:
    """Files that a folder or a pattern names and nothing here reads, but for those that `ignore` leaves out on
    purpose."""
    if (root / source.files).is_file():
        return []
    return sorted(
        file.name
        for file in _matching(root, source.files)
        if file.is_file() and not _readable(file) and not _hidden(file) and not ignored(file.name, source)
    )


def ignored(name: str, source: SourceSettings) -> bool:
    return any(fnmatch(name.casefold(), pattern.casefold()) for pattern in source.ignore)


def _matching(root: Path, pattern: str) -> list[Path]:
    """What a folder holds or a pattern matches, whatever the case; nothing for a pattern that is none, as one that
    starts at the disk's root."""
    if (root / pattern).is_dir():
        return list((root / pattern).rglob("*"))
    try:
        return list(root.glob(CASED.sub(lambda found: f"[{found[0].lower()}{found[0].upper()}]", pattern)))
    except (ValueError, NotImplementedError):
        return []


def shown(source: SourceSettings) -> str:
    """What `files` names, fit for a message: without the name and password that an address of a database may carry."""
    return re.sub(r"//[^@/]*@", "//…@", source.files)


def read(file: Path, source: SourceSettings, only: Iterable[str] | None = None) -> Iterator[Batch]:
    """The file's batches, of the headings in `only` where it is given. Raises DataProblem where nothing at all can be
    read."""
    if file.stat().st_size == 0:
        raise DataProblem(f"{file.name} is empty", given="0 bytes", next_step="ask for the file again")
    wanted = None if only is None else set(only)
    try:
        yield from _by_content(file, source, wanted)
    except UNREADABLE as problem:
        raise DataProblem(
            f"{file.name} cannot be read: {_why(problem)}",
            given=file.name,
            allowed="CSV (also .gz), Parquet, xlsx, xls, ods, NDJSON, zip",
            next_step="open it and save it as CSV in UTF-8, or set delimiter, encoding, sheet or header_row",
        ) from problem


def _by_content(file: Path, source: SourceSettings, only: set[str] | None) -> Iterator[Batch]:
    """What the first bytes say a file is counts, not its name."""
    from headwater.sources import documents, packed, parquet, sheets

    start = start_of(file, 4096)
    if start.startswith(b"PAR1"):
        return parquet.read(file, only)
    if sheets.is_workbook(file, start):
        return sheets.read(file, source)
    if documents.is_json(file, start):
        return documents.read(file)
    documents.refuse_marked_up(file, start)
    packed.refuse_archive(file, start)
    return _csv(file, source, only)


def names_of(file: Path, source: SourceSettings) -> list[str]:
    """The headings of a file; of one that is no text, those of its first batch."""
    from headwater.sources import documents, packed, sheets

    try:
        start = start_of(file, 4096)
        if not start or start.startswith(b"PAR1") or sheets.is_workbook(file, start) or documents.is_json(file, start):
            batch = next(read(file, source), None)
            return list(batch.columns) if batch else []
        documents.refuse_marked_up(file, start)
        packed.refuse_archive(file, start)
        return _layout(file, source).names
    except UNREADABLE:
        return []  # what is wrong is told when its rows are read


def remark(file: Path, source: SourceSettings) -> str:
    """What is to be told of how a text file is read; '' for nothing."""
    from headwater.sources import documents, sheets

    start = start_of(file, 4096)
    if start.startswith(b"PAR1") or sheets.is_workbook(file, start) or documents.is_json(file, start):
        return ""
    return READ_ONCE if form_of(file, source.encoding).encoding == TWICE and not source.encoding else ""


def head_of(file: Path, source: SourceSettings, rows: int = 30) -> list[list[str]]:
    """The first rows as they stand, a heading among them; none where a file has no free rows above its heading."""
    from headwater.sources import sheets

    start = start_of(file)
    if start.startswith(b"PAR1"):
        return []
    if sheets.is_workbook(file, start):
        return sheets.head(file, source, rows)
    layout = _layout(file, source)
    return _cut(start.decode(layout.encoding, errors="replace"), layout.delimiter)[:rows]


def _why(problem: BaseException) -> str:
    """The first words of a library's complaint, without the cells it may quote."""
    if isinstance(problem, LookupError) and "encoding" in str(problem):
        return str(problem)
    return str(problem).split(": ")[0].splitlines()[0][:100] if str(problem).strip() else type(problem).__name__


def _readable(file: Path) -> bool:
    return file.is_file() and file.name.lower().endswith(ENDINGS) and not _hidden(file)


def _hidden(file: Path) -> bool:
    return file.name.startswith((".", "~")) or file.name.lower() in {"thumbs.db", "desktop.ini"}


# CSV


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a text file is cut. skip: lines before the first row; a heading with a line end in it is two."""

    encoding: str
    delimiter: str
    names: list[str]
    skip: int


def _layout(file: Path, source: SourceSettings) -> _Layout:
    encoding = form_of(file, source.encoding).encoding
    text = start_of(file).decode(encoding, errors="replace").lstrip("\ufeff")
    text = text.replace("\r", "\n") if "\n" not in text else text
    skip = 0 if source.header_file else source.header_row
    if told := TELLS_DELIMITER.match(text):
        skip = max(skip, 1 if source.header_file else 2)
    delimiter = source.delimiter or (told[1] if told else _delimiter(text, max(skip, 1)))
    rows = _cut(text, delimiter)
    if source.header_file:
        return _Layout(encoding, delimiter, distinct_names(_headings(file, source)), skip)
    if len(rows) < skip:
        raise DataProblem(f"{file.name} has no row {skip}", given=f"header_row = {skip}", next_step="mend header_row")
    names = _as_wide([name.strip() for name in rows[skip - 1]], rows[skip:-1] or rows[skip:])
    return _Layout(encoding, delimiter, distinct_names(names), _lines_of(text, delimiter, skip))


def _lines_of(text: str, delimiter: str, rows: int) -> int:
    """How many lines the first rows take."""
    reader = csv.reader(io.StringIO(_with_feeds(text)), delimiter=delimiter)
    for _ in islice(reader, rows):
        continue
    return reader.line_num


def _headings(file: Path, source: SourceSettings) -> list[str]:
    """The headings that stand in a file of their own, within the folder of the workspace that holds the rows' file."""
    root = next((up for up in file.parents if (up / "headwater.toml").exists()), file.parent)
    ups = [up for up in file.parents if up.is_relative_to(root)]
    found = next((reached(root, up / source.header_file) for up in ups if (up / source.header_file).is_file()), None)
    if found is None:
        raise DataProblem("there is no such file of headings", given=source.header_file, next_step="mend header_file")
    text = start_of(found).decode(form_of(found).encoding, errors="replace").lstrip("\ufeff")
    lines = [line for line in text.splitlines() if line.strip()]
    one_a_line = len(lines) > 1 and not any(mark in lines[0] for mark in ",;\t|")
    return [line.strip() for line in lines] if one_a_line else _cut(text, _delimiter(text, 1))[0]


def _cut(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(_with_feeds(text)), delimiter=delimiter))


def _with_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _as_wide(names: list[str], rows: list[list[str]]) -> list[str]:
    """Headings as many as cells: where every row ends in a delimiter too much, or the heading alone does."""
    widths = {len(row) for row in rows if any(row)}
    if len(widths) != 1:
        return names
    (width,) = widths
    if width > len(names) and not any("".join(row[len(names) :]).strip() for row in rows):
        return names + [""] * (width - len(names))
    return names[:width] if not any(names[width:]) else names


def _delimiter(text: str, row: int) -> str:
    """The mark that the heading has most of; where it has none, the one that most lines have equally often."""
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:60]]
    heading = lines[row - 1] if len(lines) >= row else ""
    best = max(",;\t|", key=lambda mark: (heading.count(mark), mark == ","))
    if heading.count(best):
        return best

    def regular(mark: str) -> tuple[int, bool]:
        counts = Counter(line.count(mark) for line in lines if mark in line)
        return (counts.most_common(1)[0][1] if counts else 0), mark == ","

    return max(",;\t|", key=regular)


def _csv(file: Path, source: SourceSettings, only: set[str] | None) -> Iterator[Batch]:
    layout = _layout(file, source)
    if _ends_above(file, layout):
        return
    form = form_of(file, source.encoding)
    ragged: list[tuple[int, str]] = []

    def refuse(row: pacsv.InvalidRow) -> str:
        ragged.append((row.number, RAGGED.format(found=row.actual_columns, expected=row.expected_columns)))
        return "skip"

    names = layout.names
    taken = [name for name in names if only is None or name in only] or names[:1]
    with file.open("rb") as raw, opened(raw) as plain:
        lines = Lines(plain, form, layout.delimiter, len(names), layout.skip)
        reader = pacsv.open_csv(
            io.BufferedReader(lines, BLOCK >> 2),
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=BLOCK, column_names=names, skip_rows=layout.skip
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=refuse
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary()),
                include_columns=taken,
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
        rows = 0
        for batch in _numbered(reader, ragged, raw, layout.skip):
            rows += len(batch.rows) + len(batch.refused)
            yield batch if lines.utf8 else _without_damage(batch)
        _all_read(file, lines.rows, rows)


def _ends_above(file: Path, layout: _Layout) -> bool:
    """Whether nothing stands below the heading."""
    start = start_of(file)
    if len(start) == HEAD:
        return False
    lines = _with_feeds(start.decode(layout.encoding, errors="replace")).split("\n")
    return not any(line.strip() for line in lines[layout.skip :])


def _all_read(file: Path, lines: int, rows: int) -> None:
    """Rows counted by line and by the parser are the same, or a quotation mark has swallowed some."""
    if lines != rows:
        raise DataProblem(
            f"{file.name}: {lines:,} rows by its lines, {rows:,} by its quotation marks",
            given=f"{abs(lines - rows):,} rows that a quotation mark left open has swallowed",
            allowed="every quotation mark closed on its row",
            next_step="ask for the file with quotation marks closed, or without any",
        )


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
    """Give every row its number: ragged rows have theirs from the reader, which may be ahead; the others fill the
    gaps."""
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
