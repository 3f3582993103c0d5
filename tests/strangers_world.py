"""Random tables as strangers write them: date orders, decimal marks, encodings, line ends and containers, with the
truth beside them.

A file is read right, or refused, or its odd rows are quarantined. A row that is kept with another value than was
written is a misreading.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from headwater.domain.errors import DataProblem
from headwater.domain.workspace import SourceSettings
from headwater.sources.origins import origins_of
from headwater.sources.passing import Reader
from headwater.sources.rows import Making, make_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

LONDON = ZoneInfo("Europe/London")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
NOTES = ("", "x", "Zoë Müller", "café, high street", 'said "no"', "two\nlines", "£5", "naïve; odd", "a|b", "tab\there")


def _utc(moment: datetime, hours: int) -> datetime:
    """A wall time of London as somebody with clocks so many hours from UTC writes it; the first of two where clocks
    strike twice."""
    return moment.replace(tzinfo=LONDON).astimezone(timezone(timedelta(hours=hours)))


def _twelve(at: datetime) -> str:
    return (
        f"{at.day:02d}/{at.month:02d}/{at.year} {(at.hour - 1) % 12 + 1}:{at.minute:02d}"
        f" {'PM' if at.hour > 11 else 'am'}"
    )


DAYS: dict[str, Callable[[datetime], str]] = {
    "iso": lambda at: f"{at:%Y-%m-%d}",
    "iso slash": lambda at: f"{at:%Y/%m/%d}",
    "dmy": lambda at: f"{at:%d/%m/%Y}",
    "d.m.y": lambda at: f"{at.day}.{at.month}.{at.year}",
    "mdy": lambda at: f"{at:%m/%d/%Y}",
    "m-d-y": lambda at: f"{at.month}-{at.day}-{at.year}",
    "dmy short": lambda at: f"{at:%d/%m/%y}",
    "mdy short": lambda at: f"{at:%m/%d/%y}",
    "ymd short": lambda at: f"{at:%y-%m-%d}",
    "named": lambda at: f"{at.day:02d}-{MONTHS[at.month - 1][:3]}-{at.year}",
    "named short": lambda at: f"{at.day:02d}{MONTHS[at.month - 1][:3].upper()}{at:%y}",
    "named long": lambda at: f"{at.day} {MONTHS[at.month - 1]} {at.year}",
    "american": lambda at: f"{MONTHS[at.month - 1]} {at.day}, {at.year}",
    "compact": lambda at: f"{at:%Y%m%d}",
    "serial": lambda at: str((at - datetime(1899, 12, 30)).days),
    "serial 1904": lambda at: str((at - datetime(1904, 1, 1)).days),
}
MOMENTS: dict[str, Callable[[datetime], str]] = {
    "iso": lambda at: f"{at:%Y-%m-%d %H:%M}",
    "iso T": lambda at: f"{at:%Y-%m-%dT%H:%M:%S}",
    "iso parts": lambda at: f"{at:%Y-%m-%d %H:%M:%S}.000",
    "zulu": lambda at: f"{_utc(at, 0):%Y-%m-%dT%H:%M:%SZ}",
    "offset": lambda at: _utc(at, 1).isoformat(),
    "far offset": lambda at: _utc(at, -5).isoformat(),
    "bare offset": lambda at: f"{_utc(at, 2):%Y-%m-%d %H:%M}+02",
    "dmy": lambda at: f"{at:%d/%m/%Y %H:%M}",
    "mdy": lambda at: f"{at:%m/%d/%Y %H:%M}",
    "dmy short": lambda at: f"{at:%d/%m/%y %H:%M}",
    "half": _twelve,
    "named": lambda at: f"{at.day:02d} {MONTHS[at.month - 1][:3]} {at.year} {at:%H:%M}",
    "dotted": lambda at: f"{at:%d.%m.%Y %H:%M}",
    "compact": lambda at: f"{at:%Y%m%d%H%M}",
    "epoch": lambda at: str(int(_utc(at, 0).timestamp())),
}


def _grouped(value: float, thousands: str, decimal: str) -> str:
    return f"{value:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)


NUMBERS: dict[str, Callable[[float], str]] = {
    "plain": lambda value: f"{value:g}" if value == round(value) and abs(value) < 1e5 else f"{value:.2f}",
    "english": lambda value: _grouped(value, ",", "."),
    "german": lambda value: _grouped(value, ".", ","),
    "french": lambda value: _grouped(value, "\u202f", ","),
    "swiss": lambda value: _grouped(value, "'", "."),
    "comma": lambda value: f"{value:.2f}".replace(".", ","),
    "whole english": lambda value: f"{round(value):,}",
    "whole german": lambda value: f"{round(value):,}".replace(",", "."),
    "pounds": lambda value: f"-£{-value:,.2f}" if value < 0 else f"£{value:,.2f}",
    "brackets": lambda value: f"({-value:,.2f})" if value < 0 else f"{value:,.2f}",
    "trailing": lambda value: f"{-value:.2f}-" if value < 0 else f"{value:.2f}",
    "minus sign": lambda value: f"−{-value:.2f}" if value < 0 else f"{value:.2f}",
    "three places": lambda value: f"{value:.3f}",
    "three places comma": lambda value: f"{value:.3f}".replace(".", ","),
    "thousands": lambda value: f"£{value / 1000:.5f}k",
}
WHOLE = ("whole english", "whole german")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "cp1252", "mac_roman", "cp850", "utf-8-twice")
CONTAINERS = ("csv", "csv", "csv", "gz", "zip", "xlsx", "parquet", "ndjson", "json")


@dataclass(frozen=True)
class Stranger:
    """A file and what it says. truth: (moment or None, number, text or None) a row; told: how it was written."""

    name: str
    content: bytes
    truth: tuple[tuple[datetime | None, float, str | None], ...]
    table: str
    told: str


def stranger(random: Random) -> Stranger:
    """One file at random."""
    table = random.choice(("contact", "contact", "spend"))
    forms = random.choice((DAYS, MOMENTS))
    day, number = random.choice(sorted(forms)), random.choice(sorted(NUMBERS))
    container = random.choice(CONTAINERS)
    truth, rows = [], []
    span, low = random.choice((20, 200, 1200)), 0 if table == "contact" else -1
    size = random.choice((1, 4, 12, 60, 300))
    for at in range(random.randint(1, size)):
        moment = datetime(2022, 1, 1) + timedelta(days=random.randrange(span), minutes=random.randrange(1440))
        moment = moment if forms is MOMENTS else moment.replace(hour=0, minute=0)
        value = round(random.choice((1, 100, 5_000, 2e6)) * random.uniform(low, 1), 2)
        value = float(round(value)) if number in WHOLE else value
        note = random.choice(NOTES)
        truth.append((moment, value, note or None) if table == "contact" else (None, value, None))
        cells = [f"A{at}", f"P{at % 7}", forms[day](moment), NUMBERS[number](value), note]
        rows.append(cells if table == "contact" else [f"O{at}", "Roads", "2023-24", NUMBERS[number](value), note])
    heading = (
        ["contact", "record", "start", "quantity", "outcome"]
        if table == "contact"
        else ["organisation", "line", "year", "gbp", "note"]
    )
    content, how = _packed(random, container, heading, rows)
    return Stranger(
        f"theirs.{container if container != 'gz' else 'csv.gz'}",
        content,
        tuple(truth),
        table,
        f"{table}, {day}, {number}, {how}",
    )


def _packed(random: Random, container: str, heading: list[str], rows: list[list[str]]) -> tuple[bytes, str]:
    if container == "xlsx":
        return _workbook(heading, rows), container
    if container == "parquet":
        file = io.BytesIO()
        pq.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(heading)}), file)
        return file.getvalue(), container
    if container in {"ndjson", "json"}:
        things = [dict(zip(heading, row, strict=True)) for row in rows]
        text = "\n".join(json.dumps(one) for one in things) if container == "ndjson" else json.dumps(things)
        return text.encode(), container
    text, how = _text(random, heading, rows)
    if container == "gz":
        return gzip.compress(text), f"gz, {how}"
    if container == "zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("inner/theirs.csv", text)
        return file.getvalue(), f"zip, {how}"
    return text, how


def _workbook(heading: list[str], rows: list[list[str]]) -> bytes:
    book = Workbook()
    for row in (heading, *rows):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _text(random: Random, heading: list[str], rows: list[list[str]]) -> tuple[bytes, str]:
    delimiter, end = random.choice((",", ";", "\t", "|")), random.choice(("\n", "\r\n", "\r"))
    always, spare = random.random() < 0.3, random.random() < 0.15

    def cell(text: str) -> str:
        needed = always or any(mark in text for mark in (delimiter, '"', "\n"))
        return '"' + text.replace('"', '""') + '"' if needed else text

    lines = [delimiter.join(cell(one) for one in row) + (delimiter if spare else "") for row in (heading, *rows)]
    text = end.join(lines) + (end if random.random() < 0.8 else "")
    encoding = random.choice(ENCODINGS)
    try:
        return (
            text.encode(encoding),
            f"{encoding}, {delimiter!r}, {end!r}{', all quoted' * always}{', a mark too much' * spare}",
        )
    except UnicodeEncodeError:
        return text.encode(), f"utf-8, {delimiter!r}, {end!r}"


# Reading it, and what was read wrong


def misread(root: Path, one: Stranger) -> tuple[str, int, list[str]]:
    """(read, part or refused; rows kept; each row that was kept with another value than was written, or lost without a
    word)."""
    (root / one.name).write_bytes(one.content)
    constants = {"kind": "x", "service": "s"} if one.table == "contact" else {}
    source = SourceSettings(one.table, one.name, "theirs" if one.table == "contact" else "", constants=constants)
    try:
        kept, refused = _read(root, source)
    except DataProblem:
        return "refused", 0, []
    finally:
        (root / one.name).unlink()
    wrong = [
        f"row {row}: {kept[row]} is not {one.truth[row - 1]}"
        for row in sorted(kept)
        if not _same(kept[row], one.truth[row - 1])
    ]
    if len(kept) + len(refused) != len(one.truth) or set(kept) & refused:
        wrong.append(f"{len(one.truth)} rows are {len(kept)} kept and {len(refused)} refused")
    return ("read" if not refused else "part"), len(kept), wrong


Row = tuple[datetime | None, float | None, str | None]


def _read(root: Path, source: SourceSettings) -> tuple[dict[int, Row], set[int]]:
    kept: dict[int, Any] = {}
    refused: set[int] = set()
    amount = "quantity" if source.table == "contact" else "gbp"
    for origin in origins_of(root, source):
        with origin.opened() as contents:
            reader = Reader(origin, contents, source, root)
            making = Making(source, b"key", reader.sound_readings(), origin.name)
            for batch in reader.batches():
                made = make_rows(batch, making)
                left = {row for row, _why, column in made.left_out if column == amount}
                nothing = [None] * made.kept.num_rows
                starts, notes = (
                    made.kept[name].to_pylist() if source.table == "contact" else nothing
                    for name in ("start", "outcome")
                )
                for row, *said in zip(
                    made.kept["__row"].to_pylist(), starts, made.kept[amount].to_pylist(), notes, strict=True
                ):
                    if row in left:
                        refused.add(row)  # its value was told as left out
                    else:
                        kept[row] = tuple(said)
                refused |= {row for row, _why, _columns in made.refused}
    return kept, refused


def _same(found: Row, truth: tuple[datetime | None, float, str | None]) -> bool:
    number = found[1] is not None and abs(found[1] - truth[1]) < 0.006
    return number and found[2] == truth[2] and (found[0] == truth[0] or _fold(found[0], truth[0]))


def _fold(found: datetime | None, truth: datetime | None) -> bool:
    """A wall time that no clock showed (the hour that is left out in March) comes back an hour on: it has no other
    name."""
    if found is None or truth is None:
        return False
    shown = truth.replace(tzinfo=LONDON).astimezone(UTC).astimezone(LONDON).replace(tzinfo=None)
    return found == shown
