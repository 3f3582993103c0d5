"""A list of real collaborations from CSV or XLSX, under whatever headings it has, and what is odd about its claims."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import DataProblem
from headwater.domain.options import Listed
from headwater.partners.register import claims
from headwater.partners.register.amounts import scale_of, size_alone
from headwater.partners.register.classify import classified
from headwater.partners.register.columns import HEADINGS, SOURCE, columns_of, known_headings, names_hold_partners, ticks
from headwater.partners.register.conflicts import conflicts
from headwater.partners.register.names import names_in
from headwater.partners.register.resolve import resolver
from headwater.partners.register.sheet import sheet_of
from headwater.partners.register.status import NOT_SAID, Told, status
from headwater.partners.register.years import day_in, written, year_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from headwater.domain.collaboration import Organisation
    from headwater.domain.money import Price
    from headwater.partners.register.columns import Columns
    from headwater.partners.register.resolve import Find

OF_COUNCILS = re.compile(r"council|authorit", re.IGNORECASE)


DEARER = "a cost"
NOT_DONE = ("abandoned", "refused", "refused on cost")
LONGEST_ID = 24


@dataclass(frozen=True, slots=True)
class Known:
    """What a list is judged by: the organisations, what a contact of each kind costs, and what each body spends in a
    year."""

    organisations: tuple[Organisation, ...]
    prices: Mapping[str, Price] = field(default_factory=dict)
    spend_gbp: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list as it was read, and what of it was not: columns nobody recognised, lines that are no collaborations."""

    rows: tuple[Listed, ...]
    read: Mapping[str, str]
    """Our column → their heading."""
    unread: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    """How columns were recognised where their headings did not say it."""


def read_list(file: Path, known: Known) -> tuple[Listed, ...]:
    """Every row as a collaboration of the register. Raises as `list_of` does."""
    return list_of(file, known).rows


def list_of(file: Path, known: Known) -> ReadList:
    """The list with what was not read of it. Raises DataProblem where no column holds partners or names of bodies,
    and Usage for a workbook that may not be opened."""
    sheet = sheet_of(file, known_headings)
    if not sheet.rows:
        raise DataProblem(f"{file.name} has no rows", next_step="export the list again as CSV")
    find = resolver(known.organisations)
    columns = columns_of(sheet.rows, find)
    _refuse_without_partners(file, sheet.rows, columns, find)
    read = [_listed(at, row, columns, find) for at, row in enumerate(sheet.rows, 1) if any(row.values())]
    rows = warned(numbered(one for one, _ in read), known, [words for _, words in read])
    return ReadList(rows, columns.ours, columns.unread, sheet.apart, (*sheet.said, *_recognised(columns)))


def _refuse_without_partners(file: Path, rows: Sequence[Mapping[str, str]], columns: Columns, find: Find) -> None:
    named = [row.get(columns.ours["name"], "") for row in rows] if "name" in columns else []
    if columns.hold_partners or names_hold_partners(named, find):
        return
    raise DataProblem(
        f"{file.name} names no partners: no column of partners was found",
        given=", ".join(rows[0]),
        allowed=f"a column called one of: {', '.join(HEADINGS['partners'])}",
        next_step="rename the column that lists the partners to: partners",
    )


def _recognised(columns: Columns) -> Iterable[str]:
    for ours, theirs in columns.by_content:
        yield f"the column “{theirs}” is taken as {ours}, by what stands in it"
    if columns.ticked:
        yield f"ticks under {', '.join(columns.ticked)} are taken as who takes part"
    if not columns.hold_partners:
        yield f"no column of partners: the names in “{columns.ours['name']}” stand for them"


def numbered(found: Iterable[Listed], taken: Iterable[str] = ()) -> list[Listed]:
    """The same rows, an id that stands already with a number behind it, so that each row can be asked for by a name of
    its own."""
    made, used = [], set(taken)
    for one in found:
        unique, times = one.id, 1
        while unique in used:
            times += 1
            unique = f"{one.id}-{times}"
        used.add(unique)
        told = () if unique == one.id else (f"its id {one.id} stands already for another row: here it is {unique}",)
        made.append(replace(one, id=unique, warnings=(*one.warnings, *told)))
    return made


def warned(found: Sequence[Listed], known: Known, words: Sequence[str] = ()) -> tuple[Listed, ...]:
    """The same collaborations with what is odd about each: claims that conflict, cannot be, or name bodies that are
    gone.

    words: each row's whole text, where there is more of it than the claim's.
    """
    bodies = {one.organisation: one for one in known.organisations}
    against = conflicts(found)
    texts = words or [f"{one.service}; {one.claim_period}; {one.claim_text}" for one in found]
    return tuple(
        replace(
            one,
            warnings=tuple(
                dict.fromkeys((*against.get(at, ()), *_odd_claim(one, text, known), *_gone(one, bodies), *one.warnings))
            ),
        )
        for at, (one, text) in enumerate(zip(found, texts, strict=True))
    )


def _odd_claim(one: Listed, text: str, known: Known) -> Iterable[str]:
    spent = [known.spend_gbp.get(code, 0.0) for code in one.organisations]
    yield from claims.contradicted(one.claim_gbp, text)
    yield from claims.impossible(one.claim_gbp, text, known.prices)
    yield from claims.too_large(one.claim_gbp_per_year, len(one.partners), spent)
    yield from claims.undelivered(text)
    if one.start and year_in(one.start) is None and not re.search(r"(?<!\d)\d{2}(?!\d)", one.start):
        yield f"no year could be read of the start {one.start!r}"
    if one.claim_kind == DEARER:
        yield "the amount is a cost, not a saving: its sign or its words say that it is higher, was spent or was lost"
    if one.claim_gbp and one.claim_basis == "not said":
        yield "the claim does not say for how long"
    if one.claim_gbp and one.status in NOT_DONE:
        yield f"the claim is of something that did not happen ({one.status}): {one.status_reason}"


def _gone(one: Listed, bodies: Mapping[str, Organisation]) -> Iterable[str]:
    for name, code in zip(one.partners, one.organisations, strict=False):
        body = bodies.get(code)
        if body is not None and body.end is not None:
            after = ", ".join(_named(part.strip(), bodies) for part in body.successor.split(",") if part.strip())
            yield f"{name} ended on {body.end}{f'; its successor is {after}' if after else ''}"


def _named(code: str, bodies: Mapping[str, Organisation]) -> str:
    return f"{bodies[code].name} ({code})" if code in bodies else code


def _listed(at: int, row: Mapping[str, str], columns: Columns, find: Find) -> tuple[Listed, str]:
    """The row as a collaboration, and its whole text for the claims to be judged by."""
    cell = {ours: (row.get(theirs) or "").strip() for ours, theirs in columns.ours.items()}
    cell |= {name: written(cell[name]) for name in ("start", "end") if name in cell}
    partners = _partners(row, cell, columns, find)
    whole = "; ".join(value.strip() for heading, value in row.items() if value and not SOURCE.search(heading))
    done = " ".join(cell[name] for name in ("service", "name") if cell.get(name))
    bodies = partners or ((cell["name"],) if cell.get("name") else ())
    style, reason = classified(bodies, done, find, bool(OF_COUNCILS.search(columns.ours.get("partners", ""))))
    claim = _claim(row, cell, columns, whole)
    day, headed = day_in(cell.get("start", "")), columns.ours.get("status", "")
    dates = (cell.get("start", ""), cell.get("end", ""))
    told = Told(cell.get("status", ""), headed, *dates, f"{done}; {claim.text}", partners)
    stands, why = status(told, date.today())
    collaboration = Listed(
        id=(cell.get("id") or f"R{at}")[:LONGEST_ID],
        name=cell.get("name") or cell.get("service", ""),
        partners=partners,
        service=cell.get("service", ""),
        start=cell.get("start", ""),
        style=style,
        style_reason=reason,
        warnings=tuple(_unread(cell, claim.found, stands, why)),
        organisations=tuple(body.organisation if (body := find(name, day)) else "" for name in partners),
        status=stands,
        status_reason=why,
        claim_gbp_per_year=claim.found.yearly_gbp(len(partners)),
        **_claimed(cell, claim),
    )
    return collaboration, whole


@dataclass(frozen=True, slots=True)
class _Claim:
    """A row's claim. text: all that is said of it; said_of: the same without its other columns; heading: of the column
    it stands in."""

    found: claims.Claimed
    text: str
    said_of: str
    heading: str
    basis: str


def _claim(row: Mapping[str, str], cell: dict[str, str], columns: Columns, whole: str) -> _Claim:
    """The claim of the column that holds one, which becomes the cell `claim`; amounts of the other columns are further
    text."""
    heading, basis = _claim_heading(row, columns), claims.basis_in(cell.get("basis", ""))
    cell["claim"] = (row.get(heading) or "").strip()
    others = [one for one in (columns.ours.get("claim", ""), *columns.claims) if one != heading]
    further = "; ".join(f"{one}: {value}" for one in others if (value := (row.get(one) or "").strip()))
    said_of = "; ".join(dict.fromkeys(filter(None, (basis, _said(cell), cell.get("text", "")))))
    text = "; ".join(filter(None, (said_of, further)))
    found = claims.claimed(cell["claim"], text if columns.hold_partners else whole, _scale(cell, heading))
    found = replace(found, years=claims.years_of(cell["claim"]) if found.years else None) if further else found
    if not found.once:
        found = replace(found, years=found.years or claims.years_of(heading) or claims.years_of(said_of))
    return _Claim(found, text, said_of, heading, basis)


def _claimed(cell: Mapping[str, str], claim: _Claim) -> dict[str, Any]:
    """Column of a listed collaboration → what its claim says there."""
    found, basis = claim.found, claim.basis
    said, headed = f"{cell['claim']}; {claim.said_of}", claim.heading if claim.found.gbp is not None else ""
    kind = claims.kind(cell.get("kind", ""), f"{cell['claim']}; {cell.get('text', '')}; {headed}")
    return {
        "claim_gbp": found.gbp,
        "claim_kind": DEARER if found.dearer else kind,
        "claim_period": claims.period(f"{basis}; {said}; {headed}") or basis,
        "claim_bearer": cell.get("bearer") or claims.whose(f"{basis}; {said}"),
        "claim_text": claim.text,
        "claim_basis": (
            claims.basis_of(f"{said}; {claim.heading}", found.years) if found.gbp is not None else "not said"
        ),
        "claim_others_gbp": found.others,
        "claim_percent": found.percent,
    }


def _partners(row: Mapping[str, str], cell: Mapping[str, str], columns: Columns, find: Find) -> tuple[str, ...]:
    """Of the column of partners, of its neighbours that hold one each, and of the ticks."""
    cells = [cell.get("partners", ""), *((row.get(heading) or "") for heading in columns.partners)]
    named = [name for one in cells for name in names_in(one, find)]
    return tuple(dict.fromkeys([*named, *ticks(row, columns)]))


def _claim_heading(row: Mapping[str, str], columns: Columns) -> str:
    """Of several columns of savings the first that the row fills; a year's before a sum of years."""
    filled = [one for one in (columns.ours.get("claim", ""), *columns.claims) if one and (row.get(one) or "").strip()]
    yearly = [one for one in filled if claims.YEARLY.search(one)]
    if yearly and filled[0] not in yearly and claims.SUM.search(filled[0]):
        return yearly[0]
    return filled[0] if filled else columns.ours.get("claim", "")


def _scale(cell: Mapping[str, str], heading: str) -> float:
    """What a bare number is counted in: as its heading says, or the cell of its basis, or of its note."""
    beside = (size_alone(cell.get(name, "")) for name in ("basis", "text") if cell.get(name))
    return next((size for size in beside if size), scale_of(cell.get("basis", "")) or scale_of(heading) or 1.0)


def _unread(cell: Mapping[str, str], found: claims.Claimed, stands: str, why: str) -> Iterable[str]:
    """What the row says and was not understood."""
    if found.unread:
        yield f"no claim in pounds could be read of {found.unread[:60]!r}"
    yield from claims.lost_beside(found)
    if stands == NOT_SAID and cell.get("status"):
        yield f"how it stands is not said: {why}"


def _said(cell: Mapping[str, str]) -> str:
    """The claim in words where its cell holds more than a number, and what the row says of its kind."""
    claim, kind = cell.get("claim", ""), cell.get("kind", "")
    return "; ".join(one for one in (claim if re.search(r"[a-z]{3}", claim) else "", kind) if one)
