"""A list of real collaborations from CSV or XLSX, under whatever headings it has, and what is odd about its claims."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.domain.options import Listed
from headwater.partners.register.classify import classified, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from headwater.domain.collaboration import Organisation

HEADINGS = {
    "id": ("id", "ref", "reference", "number"),
    "name": ("name", "title", "collaboration"),
    "partners": ("partners", "organisations", "councils", "authorities", "members"),
    "service": ("service", "services", "what", "function", "description"),
    "start": ("start", "since", "started", "from", "year"),
    "claim": ("saving_gbp", "claim", "claimed saving", "saving", "savings", "claimed_gbp"),
    "basis": ("saving_basis", "basis", "period", "per"),
    "kind": ("claim_kind", "kind", "claim type"),
    "bearer": ("bearer", "whose", "to whom"),
    "text": ("text", "claim_text", "note", "notes", "claim text"),
}
DEAREST_GBP = 60_000.0
"""No unit of contact in the price tables costs more: a claim over it per unit is not a saving on such a unit."""
COUNTED = re.compile(
    r"(\d[\d,]*)\s+(?:\w+\s+){0,2}?(patients|people|visits|admissions|attendances|calls|families|clients|cases)",
    re.IGNORECASE,
)


def read_list(file: Path, organisations: Sequence[Organisation]) -> tuple[Listed, ...]:
    """Every row as a collaboration of the register. Raises DataProblem where no column holds the partners."""
    rows = _sheet(file) if file.suffix == ".xlsx" else _csv(file)
    if not rows:
        raise DataProblem(f"{file.name} has no rows", next_step="export the list again as CSV")
    columns = _columns(rows[0])
    if "partners" not in columns:
        raise DataProblem(
            f"{file.name} names no partners", given=", ".join(rows[0]), allowed=f"a column called one of: {', '.join(HEADINGS['partners'])}",
            next_step="rename the column that lists the partners",
        )  # fmt: skip
    known = {plain(one.name): one for one in organisations}
    return warned(tuple(_listed(at, row, columns, known) for at, row in enumerate(rows, 1)), known)


def warned(found: Sequence[Listed], known: Mapping[str, Organisation]) -> tuple[Listed, ...]:
    """The same collaborations with what is odd about each: claims that conflict, cannot be, or name bodies that are gone."""
    groups: dict[tuple[str, ...], set[float]] = defaultdict(set)
    for one in found:
        if one.claim_gbp is not None:
            groups[_same(one)].add(one.claim_gbp)
    return tuple(
        replace(one, warnings=(*_conflict(one, groups[_same(one)]), *_impossible(one), *_gone(one, known), *_bare(one)))
        for one in found
    )


def _same(one: Listed) -> tuple[str, ...]:
    return (*sorted(map(plain, one.partners)), one.service.lower())


def _conflict(one: Listed, claims: set[float]) -> Iterable[str]:
    if len(claims) > 1:
        yield f"conflict: the same partners and service claim {', '.join(f'£{claim:,.0f}' for claim in sorted(claims))}"


def _impossible(one: Listed) -> Iterable[str]:
    counted = COUNTED.search(one.claim_text)
    if one.claim_gbp and counted:
        number = float(counted[1].replace(",", ""))
        each = one.claim_gbp / max(number, 1)
        if each > DEAREST_GBP:
            yield f"cannot be: £{each:,.0f} for each of {counted[0].strip()} is more than any unit in the price tables"


def _gone(one: Listed, known: Mapping[str, Organisation]) -> Iterable[str]:
    for name in one.partners:
        body = known.get(plain(name))
        if body is not None and body.end is not None:
            after = f"; its successor is {body.successor}" if body.successor else ""
            yield f"{name} ended on {body.end}{after}"


def _bare(one: Listed) -> Iterable[str]:
    if one.claim_gbp is not None and not one.claim_period:
        yield "the claim does not say for how long"


def _listed(at: int, row: Mapping[str, str], columns: Mapping[str, str], known: Mapping[str, Organisation]) -> Listed:
    cell = {ours: (row.get(theirs) or "").strip() for ours, theirs in columns.items()}
    partners = tuple(name.strip() for name in re.split(r"[;|]", cell["partners"]) if name.strip())
    words = f"{cell.get('service', '')} {cell.get('basis', '')} {cell.get('text', '')} {cell.get('name', '')}"
    style, reason = classified(partners, words, known)
    claim, basis = _pounds(cell.get("claim", "")), cell.get("basis", "")
    return Listed(
        cell.get("id") or f"R{at}", cell.get("name") or cell.get("service", ""), partners, cell.get("service", ""), cell.get("start", ""), style, reason,
        claim, _kind(cell, words), basis, cell.get("bearer", ""), cell.get("text") or basis, (),
    )  # fmt: skip


def _pounds(text: str) -> float | None:
    found = re.search(r"(\d[\d,]*\.?\d*)\s*(m|k|million|thousand)?", text.replace("£", ""), re.IGNORECASE)
    if not found:
        return None
    times = {"m": 1e6, "million": 1e6, "k": 1e3, "thousand": 1e3}.get((found[2] or "").lower(), 1.0)
    return float(found[1].replace(",", "")) * times


def _kind(cell: Mapping[str, str], words: str) -> str:
    """Projected, self-reported or evaluated, as the row itself says."""
    if cell.get("kind"):
        return cell["kind"]
    for kind, pattern in (
        ("evaluated", r"matched control|evaluat|randomis"),
        ("projected", r"project|estimate|forecast|business case|expected"),
        ("self-reported", r"self-reported|achieved|saves|saved"),
    ):
        if re.search(pattern, words, re.IGNORECASE):
            return kind
    return "not said"


def _columns(row: Mapping[str, str]) -> dict[str, str]:
    """Our column → their heading, by name; a heading serves once."""
    lower = {heading.strip().lower(): heading for heading in row}
    found: dict[str, str] = {}
    for ours, names in HEADINGS.items():
        theirs = next((lower[name] for name in names if name in lower and lower[name] not in found.values()), None)
        if theirs is not None:
            found[ours] = theirs
    return found


def _csv(file: Path) -> list[dict[str, str]]:
    text = file.read_text(encoding="utf-8-sig", errors="replace")
    dialect = max(",;\t", key=text.split("\n", 1)[0].count)
    return [
        {key: value for key, value in row.items() if key}
        for row in csv.DictReader(text.splitlines(), delimiter=dialect)
    ]


def _sheet(file: Path) -> list[dict[str, str]]:
    from openpyxl import load_workbook

    lines = load_workbook(file, read_only=True, data_only=True).worksheets[0].iter_rows(values_only=True)
    heading = [str(cell or "") for cell in next(lines, ())]
    return [dict(zip(heading, ("" if cell is None else str(cell) for cell in line), strict=False)) for line in lines]
