"""Price tables as they stand in their files: rows with provenance, read with every problem named at once."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from headwater.domain.errors import DataProblem
from headwater.domain.money import Perspective, Price
from headwater.domain.tables import PRICE
from headwater.savings.deflator import deflator, shipped
from headwater.savings.doubt import costings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NOT_PRICES = {"versions", "gdp_deflator", "discount_rates", "capital_optimism_bias", "costing"}
NUMBERS = ("gbp", "variable", "step", "spread", "activity", "total_gbp")
"""Columns of numbers."""
FORMS = {
    ".": re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?"),
    ",": re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)?(,\d*)?"),
}
"""Decimal mark → how a number looks with it; thousands, where they are apart, by the other mark."""
OPTIONAL = ("variable", "step", "parent", "spread", "mix", "own", "activity", "total_gbp")
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Version:
    """Where a shipped table's prices come from. rows and control_gbp are its control totals, as in an audit."""

    version: str
    source: str
    edition: str
    first_year: int
    last_year: int
    perspective: Perspective
    licence: str
    seen_at: str
    rows: int
    control_gbp: float
    old_because: str
    note: str


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One line of a price table, as written: pounds of its own price year.

    `mix` says which part of the kind's case mix it prices (all, or a part's name); `own` makes it the kind's own
    price, taken where nobody names another. activity and total_gbp are the figures it was divided from, where known.
    """

    price: Price
    table: str
    row: int
    mix: str = "all"
    own: bool = False
    activity: float | None = None
    total_gbp: float | None = None
    version: str = ""


@cache
def versions() -> Mapping[str, Version]:
    return {row["version"]: _version(row) for row in shipped("versions")}


def _version(row: Mapping[str, str]) -> Version:
    first, _, last = row["price_years"].partition("-")
    return Version(
        row["version"],
        row["source"],
        row["edition"],
        int(first),
        int(last or first),
        Perspective(row["perspective"]),
        row["licence"],
        row["seen_at"],
        int(row["rows"]),
        float(row["control_gbp"]),
        row["old_because"],
        row["note"],
    )


@cache
def shipped_rows() -> tuple[PriceRow, ...]:
    """Every price that comes with Headwater; source, edition, licence and perspective are its version's."""
    folder = resources.files(__package__) / "prices"
    names = sorted(entry.name.removesuffix(".csv") for entry in folder.iterdir() if entry.name.endswith(".csv"))
    return tuple(row for name in names if name not in NOT_PRICES for row in rows_of(name, shipped(name)))


def read_table(path: Path) -> tuple[PriceRow, ...]:
    """A user's own price table, .csv or .xlsx (its first sheet), with the declared columns of `price`.

    Raises DataProblem naming every row that cannot be a price, and what is wrong with it.
    """
    if not path.is_file():
        raise DataProblem(
            f"there is no price table {path.name}", given=str(path), next_step="mend `prices` in headwater.toml"
        )
    try:
        records = list(_sheet(path) if path.suffix.lower() == ".xlsx" else _csv(path))
    except (OSError, KeyError, ValueError, BadZipFile, csv.Error) as problem:
        raise DataProblem(
            f"price table {path.name} cannot be read",
            given=str(problem),
            allowed="a .csv file, or an .xlsx workbook whose first sheet holds the table",
            next_step=f"save {path.name} anew",
        ) from problem
    if lacking := [
        column.name for column in PRICE.columns if column.required and records and column.name not in records[0]
    ]:
        raise DataProblem(
            f"price table {path.name} lacks {', '.join(lacking)}",
            given=", ".join(name for name in records[0] if name),
            allowed="columns " + ", ".join((*PRICE.names, *OPTIONAL)),
            next_step=f"name the columns of {path.name} so",
        )
    return rows_of(path.name, records)


def rows_of(table: str, records: list[dict[str, str]]) -> tuple[PriceRow, ...]:
    problems: list[str] = []
    records = _pointed(records)
    rows = tuple(_row(table, at, record, problems) for at, record in enumerate(records, 1))
    seen: dict[str, int] = {}
    for at, record in enumerate(records, 1):
        if (first := seen.setdefault(record.get("price", ""), at)) != at:
            problems.append(f"row {at}: price {record.get('price')!r} is already in row {first}")
    if problems:
        more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        raise DataProblem(
            f"price table {table}: {len(problems)} problem{'s' * (len(problems) > 1)}",
            given="; ".join([*problems[:SHOWN], *more]),
            allowed="columns " + ", ".join((*PRICE.names, *OPTIONAL)),
            next_step=f"mend {table} and type the same command again",
        )
    return tuple(row for row in rows if row is not None)


def _pointed(records: list[dict[str, str]]) -> list[dict[str, str]]:
    """The records with their numbers in figures and a decimal point. A column's mark is the one by which all its
    numbers read,
    the point where both do: £1.234,50 is a thousand and so many, and a column that holds it has decimal commas
    throughout.
    """
    by_comma = {name for name in NUMBERS if _reads(records, name, ",") and not _reads(records, name, ".")}
    return [
        {name: _figures(value, name in by_comma) if name in NUMBERS else value for name, value in record.items()}
        for record in records
    ]


def _reads(records: list[dict[str, str]], name: str, decimal: str) -> bool:
    """Whether every number of a column is one with this decimal mark, thousands apart or not."""
    given = [_bare(record.get(name)) for record in records]
    return all(FORMS[decimal].fullmatch(one) for one in given if one)


def _figures(value: str, comma: bool) -> str:
    bare = _bare(value)
    if not FORMS["," if comma else "."].fullmatch(bare):
        return value
    return bare.replace(".", "").replace(",", ".") if comma else bare.replace(",", "")


def _bare(value: str | None) -> str:
    return re.sub(r"[£\s\u00a0\u202f]", "", str(value or ""))


def _row(table: str, at: int, record: Mapping[str, str], problems: list[str]) -> PriceRow | None:
    cells = {name: str(value or "").strip() for name, value in record.items() if name}
    cells |= {"perspective": cells.get("perspective", "").lower()}
    wrong: list[str] = []
    if version := cells.get("version"):
        if version not in versions():
            problems.append(f"row {at}: version {version!r} has no row in versions.csv")
            return None
        known = versions()[version]
        cells |= {
            "perspective": known.perspective,
            "source": known.source,
            "edition": known.edition,
            "licence": known.licence,
        }
    wrong += [f"{column.name} is empty" for column in PRICE.columns if column.required and not cells.get(column.name)]
    if cells.get("perspective") and cells["perspective"] not in set(Perspective):
        wrong.append(f"perspective {cells['perspective']!r} is none of {', '.join(Perspective)}")
    numbers = {name: _number(cells, name, wrong) for name in NUMBERS}
    year = _year(cells.get("price_year", ""), wrong)
    if not wrong:
        price = _price(cells, numbers, year, wrong)
    if wrong:
        problems.extend(f"row {at}: {text}" for text in wrong)
        return None
    return PriceRow(
        price,
        table,
        at,
        cells.get("mix") or "all",
        cells.get("own", "").lower() in {"yes", "true", "1"},
        numbers["activity"],
        numbers["total_gbp"],
        cells.get("version", ""),
    )


def _price(cells: Mapping[str, str], numbers: Mapping[str, float | None], year: int, wrong: list[str]) -> Price:
    price = Price(
        cells["price"],
        cells["kind"],
        cells.get("about", ""),
        0.0,
        cells["unit"],
        year,
        Perspective(cells["perspective"]),
        cells.get("bearer", ""),
        cells["source"],
        cells["edition"],
        cells.get("licence", ""),
        parent=cells.get("parent", ""),
    )
    given: dict[str, Any] = {
        name: numbers[name] for name in ("gbp", "variable", "step", "spread") if numbers[name] is not None
    }
    given |= _costing(price.kind, given)
    try:
        return replace(price, **given)
    except ValueError as problem:
        wrong.append(str(problem))
        return price


def _costing(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says itself of variable and stepped cost, else what is known of its kind, else the assumption for
    all."""
    if {"variable", "step"} & set(given):
        return {"costing": "as the price table states"}
    if kind not in costings():
        return {}
    variable, step, source = costings()[kind]
    return {"variable": variable, "step": step, "costing": source}


def _number(cells: Mapping[str, str], name: str, wrong: list[str]) -> float | None:
    """A number as `_pointed` left it; what it could not read is named."""
    text = cells.get(name, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < float("inf"):
        wrong.append(f"{name} {text!r} is not a number of 0 or more")
        return None
    if name == "gbp" and value == 0:
        # A spreadsheet writes £0.00 for a blank cell: what is not known is not nothing.
        wrong.append("gbp is nothing: give the price, or leave the row out")
        return None
    return value


def _year(text: str, wrong: list[str]) -> int:
    """The first year of a financial year, written 2024, 2024-25, 2024/25 or, by a spreadsheet, 2024.0."""
    head = text.replace("/", "-").split("-")[0].split(".")[0]
    if len(head) == 4 and head.isdigit():
        if int(head) not in deflator():
            known = f"{min(deflator())} to {max(deflator())}"
            wrong.append(
                f"price_year {text} has no price index ({known}): state the price in pounds of one of these years"
            )
        return int(head)
    if text:
        wrong.append(f"price_year {text!r} is not a year such as 2024 or 2024-25")
    return 0


def _heading(name: object) -> str:
    """A heading as the columns are declared, whatever its capitals: Price Year → price_year."""
    return re.sub(r"[\s-]+", "_", str(name or "").strip().lower())


def _csv(path: Path) -> Iterator[dict[str, str]]:
    start = path.read_bytes()[:2]
    # What Excel calls Unicode text begins with this mark and has two bytes a letter.
    encoding = "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        head = file.read(4096)
        file.seek(0)
        told = csv.DictReader(file, delimiter=max(",;\t", key=head.split("\n", 1)[0].count))
        told.fieldnames = [_heading(name) for name in told.fieldnames or ()]
        yield from told


def _sheet(path: Path) -> Iterator[dict[str, str]]:
    from openpyxl import load_workbook

    rows = load_workbook(path, read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)
    names = [_heading(name) for name in next(rows, ())]
    for row in rows:
        if any(cell is not None for cell in row):
            yield {name: "" if cell is None else str(cell) for name, cell in zip(names, row, strict=False)}
