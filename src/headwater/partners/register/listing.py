"""A list of real collaborations from CSV or XLSX, under whatever headings it has, and what is odd about its claims."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.domain.options import Listed
from headwater.partners.register import claims
from headwater.partners.register.classify import classified
from headwater.partners.register.resolve import plain, resolver
from headwater.partners.register.sheet import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from headwater.domain.collaboration import Organisation
    from headwater.domain.money import Price
    from headwater.partners.register.resolve import Find

HEADINGS = {
    "id": ("id", "ref", "reference", "number"),
    "name": ("name", "title", "collaboration", "programme", "scheme", "project"),
    "partners": ("partners", "partner", "organisations", "partner organisations", "councils", "authorities", "members", "bodies"),
    "service": ("service", "services", "services shared", "what", "function", "description", "outcome"),
    "start": ("start", "start date", "since", "started", "from", "year", "date"),
    "claim": ("saving_gbp", "claim_gbp", "claimed saving", "claimed_gbp", "claim", "saving", "savings", "savings (£)", "result"),
    "basis": ("saving_basis", "basis", "period", "per", "ci"),
    "kind": ("claim_kind", "kind", "claim type", "claim", "design", "evidence"),
    "bearer": ("bearer", "whose", "whose saving", "to whom", "budget"),
    "text": ("claim_text", "claim text", "text", "note", "notes", "comments"),
}  # fmt: skip
SOURCE = re.compile(r"url|link|source|seen|style", re.IGNORECASE)
"""Columns whose words say nothing about the collaboration, or say what is to be judged here."""


WORTH_CLAIMING_GBP = 10_000.0
"""In a cell of words smaller amounts are costs of a unit, not claims."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a list is judged by: the organisations, what a contact of each kind costs, and what each body spends in a year."""

    organisations: tuple[Organisation, ...]
    prices: Mapping[str, Price] = field(default_factory=dict)
    spend_gbp: Mapping[str, float] = field(default_factory=dict)


def read_list(file: Path, known: Known) -> tuple[Listed, ...]:
    """Every row as a collaboration of the register. Raises DataProblem where no column holds partners or names,
    and Usage for a workbook that may not be opened."""
    rows = rows_of(file, (*HEADINGS["partners"], *HEADINGS["name"]))
    if not rows:
        raise DataProblem(f"{file.name} has no rows", next_step="export the list again as CSV")
    columns = _columns(rows[0])
    if not {"partners", "name"} & set(columns):
        raise DataProblem(
            f"{file.name} names no partners", given=", ".join(rows[0]), allowed=f"a column called one of: {', '.join(HEADINGS['partners'])}",
            next_step="rename the column that lists the partners",
        )  # fmt: skip
    find = resolver(known.organisations)
    read = [_listed(at, row, columns, find) for at, row in enumerate(rows, 1)]
    return warned([one for one, _ in read], known, [words for _, words in read])


def warned(found: Sequence[Listed], known: Known, words: Sequence[str] = ()) -> tuple[Listed, ...]:
    """The same collaborations with what is odd about each: claims that conflict, cannot be, or name bodies that are gone.

    words: each row's whole text, where there is more of it than the claim's.
    """
    bodies = {one.organisation: one for one in known.organisations}
    groups: dict[tuple[str, ...], set[float]] = defaultdict(set)
    for one in found:
        if one.claim_gbp is not None:
            groups[_same(one)].add(one.claim_gbp)
    texts = words or [f"{one.service} {one.claim_period} {one.claim_text}" for one in found]
    return tuple(
        replace(one, warnings=tuple(dict.fromkeys((*_odd_claim(one, groups[_same(one)], text, known), *_gone(one, bodies)))))
        for one, text in zip(found, texts, strict=True)
    )  # fmt: skip


def _odd_claim(one: Listed, same: set[float], text: str, known: Known) -> Iterable[str]:
    if len(same) > 1:
        yield f"conflict: the same partners and service claim {', '.join(f'£{claim:,.0f}' for claim in sorted(same))}"
    yield from claims.doubtful(one.claim_gbp, text)
    yield from claims.impossible(one.claim_gbp, text, known.prices)
    yield from claims.too_large(
        one.claim_gbp, one.claim_period, (known.spend_gbp.get(code, 0.0) for code in one.organisations)
    )
    if one.claim_gbp is not None and not one.claim_period:
        yield "the claim does not say for how long"


def _same(one: Listed) -> tuple[str, ...]:
    return (*sorted(map(plain, one.partners)), one.service.lower())


def _gone(one: Listed, bodies: Mapping[str, Organisation]) -> Iterable[str]:
    for name, code in zip(one.partners, one.organisations, strict=False):
        body = bodies.get(code)
        if body is not None and body.end is not None:
            after = ", ".join(_named(part.strip(), bodies) for part in body.successor.split(",") if part.strip())
            yield f"{name} ended on {body.end}{f'; its successor is {after}' if after else ''}"


def _named(code: str, bodies: Mapping[str, Organisation]) -> str:
    return f"{bodies[code].name} ({code})" if code in bodies else code


def _listed(at: int, row: Mapping[str, str], columns: Mapping[str, str], find: Find) -> tuple[Listed, str]:
    """The row as a collaboration, and its whole text for the claims to be judged by."""
    cell = {ours: (row.get(theirs) or "").strip() for ours, theirs in columns.items()}
    partners = tuple(name.strip() for name in re.split(r"[;|\n]", cell.get("partners", "")) if name.strip())
    whole = "; ".join(value.strip() for heading, value in row.items() if value and not SOURCE.search(heading))
    told = [cell[name] for name in ("service", "basis", "text", "name", "claim") if cell.get(name)]
    style, reason = classified(partners or ((cell["name"],) if cell.get("name") else ()), " ".join(told), find)
    gbp = _claimed(cell.get("claim", ""), whole, "partners" in columns)
    day = _day(cell.get("start", ""))
    codes = tuple(body.organisation if (body := find(name, day)) else "" for name in partners)
    basis, text = cell.get("basis", ""), cell.get("text") or cell.get("basis", "")
    collaboration = Listed(
        cell.get("id") or f"R{at}", cell.get("name") or cell.get("service", ""), partners, cell.get("service", ""), cell.get("start", ""),
        style, reason, gbp, claims.kind(cell.get("kind", ""), whole), claims.period(f"{basis}; {text}") or basis,
        cell.get("bearer") or claims.whose(f"{basis}; {text}"), "; ".join(dict.fromkeys(filter(None, (basis, text)))), (), codes,
    )  # fmt: skip
    return collaboration, whole


def _claimed(cell: str, whole: str, amounts_only: bool) -> float | None:
    """Pounds of the claim's own cell; of a cell of words, or of the row, the first amount that is one of pounds."""
    if re.fullmatch(r"\s*£?\s*[\d,.]+\s*(bn|m|k|million|thousand|billion)?\s*", cell, re.IGNORECASE):
        return claims.amount(cell)
    found = [*claims.amounts(cell), *(() if amounts_only else claims.amounts(whole))]
    return next((gbp for gbp in found if gbp >= WORTH_CLAIMING_GBP), None)


def _day(start: str) -> date | None:
    """The day a start means: its own, or the last of the year or month that it names."""
    found = re.search(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", start)
    if not found:
        return None
    year, month, day = int(found[1]), int(found[2] or 12), int(found[3] or 28)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _columns(row: Mapping[str, str]) -> dict[str, str]:
    """Our column → their heading, by name; a heading serves once."""
    lower = {heading.strip().lower(): heading for heading in row}
    found: dict[str, str] = {}
    for ours, names in HEADINGS.items():
        theirs = next((lower[name] for name in names if name in lower and lower[name] not in found.values()), None)
        if theirs is not None:
            found[ours] = theirs
    return found
