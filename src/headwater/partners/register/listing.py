"""A list of real collaborations from CSV or XLSX, under whatever headings it has, and what is odd about its claims."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from headwater.domain.errors import DataProblem
from headwater.domain.options import Listed
from headwater.partners.register import claims
from headwater.partners.register.classify import classified
from headwater.partners.register.conflicts import conflicts
from headwater.partners.register.names import names_in
from headwater.partners.register.resolve import resolver
from headwater.partners.register.sheet import rows_of
from headwater.partners.register.status import status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from headwater.domain.collaboration import Organisation
    from headwater.domain.money import Price
    from headwater.partners.register.resolve import Find

HEADINGS = {
    "id": ("id", "ref", "reference", "number", "no", "no."),
    "name": ("name", "title", "collaboration", "programme", "scheme", "project", "arrangement", "shared service"),
    "partners": ("partners", "partner", "organisations", "partner organisations", "councils", "authorities", "members", "bodies", "participants", "councils involved", "local authorities", "partner authorities", "who", "authority", "forces", "agencies", "lead and partners"),
    "service": ("service", "services", "services shared", "what", "function", "functions", "description", "service area", "area", "what is shared", "scope", "shared services", "type"),
    "start": ("start", "start date", "since", "started", "from", "year", "date", "start year", "established", "commenced", "year started", "went live"),
    "end": ("end", "end date", "ended", "until", "to", "end year", "closed"),
    "status": ("status", "end_or_status", "state", "stage", "progress", "current status", "position"),
    "claim": ("saving_gbp", "claim_gbp", "claimed saving", "claimed_gbp", "claim", "saving", "savings", "savings (£)", "savings £", "result", "efficiencies", "benefit", "benefits", "savings achieved", "cashable savings", "estimated savings", "financial benefit"),
    "basis": ("saving_basis", "basis", "period", "per", "ci", "saving period", "over"),
    "kind": ("claim_kind", "kind", "claim type", "claim", "design", "evidence"),
    "bearer": ("bearer", "whose", "whose saving", "to whom", "budget"),
    "text": ("claim_text", "claim text", "text", "note", "notes", "comments", "remarks", "details", "comment", "outcome"),
}  # fmt: skip
SOURCE = re.compile(r"url|link|source|seen|style", re.IGNORECASE)
"""Columns whose words say nothing about the collaboration, or say what is to be judged here."""
OF_COUNCILS = re.compile(r"council|authorit", re.IGNORECASE)


DEARER = "a cost"
NOT_DONE = ("abandoned", "refused on cost")


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
    read = [_listed(at, row, columns, find) for at, row in enumerate(rows, 1) if any(row.values())]
    return warned([one for one, _ in read], known, [words for _, words in read])


def warned(found: Sequence[Listed], known: Known, words: Sequence[str] = ()) -> tuple[Listed, ...]:
    """The same collaborations with what is odd about each: claims that conflict, cannot be, or name bodies that are gone.

    words: each row's whole text, where there is more of it than the claim's.
    """
    bodies = {one.organisation: one for one in known.organisations}
    against = conflicts(found)
    texts = words or [f"{one.service}; {one.claim_period}; {one.claim_text}" for one in found]
    return tuple(
        replace(one, warnings=tuple(dict.fromkeys((*against.get(at, ()), *_odd_claim(one, text, known), *_gone(one, bodies)))))
        for at, (one, text) in enumerate(zip(found, texts, strict=True))
    )  # fmt: skip


def _odd_claim(one: Listed, text: str, known: Known) -> Iterable[str]:
    spent = [known.spend_gbp.get(code, 0.0) for code in one.organisations]
    yield from claims.contradicted(one.claim_gbp, text)
    yield from claims.impossible(one.claim_gbp, text, known.prices)
    yield from claims.too_large(one.claim_gbp_per_year, len(one.partners), spent)
    if one.start and not re.search(r"(?<!\d)\d{2}(?:\d{2})?(?!\d)", one.start):
        yield f"no year could be read of the start {one.start!r}"
    if one.claim_kind == DEARER:
        yield "the amount is a cost, not a saving: its words say that it is higher or was spent"
    if one.claim_gbp is not None and one.claim_basis == "not said":
        yield "the claim does not say for how long"
    if one.claim_gbp is not None and one.status in NOT_DONE:
        yield f"the claim is of something that did not happen ({one.status}): {one.status_reason}"


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
    partners = names_in(cell.get("partners", ""), find)
    whole = "; ".join(value.strip() for heading, value in row.items() if value and not SOURCE.search(heading))
    done = " ".join(cell[name] for name in ("service", "name") if cell.get(name))
    bodies = partners or ((cell["name"],) if cell.get("name") else ())
    style, reason = classified(bodies, done, find, bool(OF_COUNCILS.search(columns.get("partners", ""))))
    day, basis, note = _day(cell.get("start", "")), cell.get("basis", ""), cell.get("text", "")
    text = "; ".join(dict.fromkeys(filter(None, (basis, _said(cell), note))))
    found = claims.claimed(cell.get("claim", ""), text if "partners" in columns else whole)
    stands, why = status(
        cell.get("status", ""), cell.get("start", ""), cell.get("end", ""), f"{done}; {text}", date.today()
    )
    said = f"{cell.get('claim', '')}; {text}"
    collaboration = Listed(
        id=cell.get("id") or f"R{at}", name=cell.get("name") or cell.get("service", ""), partners=partners, service=cell.get("service", ""), start=cell.get("start", ""),
        style=style, style_reason=reason, claim_gbp=found.gbp, claim_kind=DEARER if found.dearer else claims.kind(cell.get("kind", ""), f"{cell.get('claim', '')}; {note}"),
        claim_period=claims.period(f"{basis}; {said}") or basis, claim_bearer=cell.get("bearer") or claims.whose(f"{basis}; {said}"), claim_text=text, warnings=(),
        organisations=tuple(body.organisation if (body := find(name, day)) else "" for name in partners), status=stands, status_reason=why,
        claim_gbp_per_year=found.yearly_gbp(len(partners)), claim_basis=claims.basis_of(said, found.years) if found.gbp is not None else "not said",
        claim_others_gbp=found.others, claim_percent=found.percent,
    )  # fmt: skip
    return collaboration, whole


def _said(cell: Mapping[str, str]) -> str:
    """The claim in words where its cell holds more than a number, and what the row says of its kind."""
    claim, kind = cell.get("claim", ""), cell.get("kind", "")
    return "; ".join(one for one in (claim if re.search(r"[a-z]{3}", claim) else "", kind) if one)


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
