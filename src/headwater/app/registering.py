"""The register of known collaborations: import, list, show. A claim is never a saving until evidence opens a lot for
it."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from headwater.app import answers
from headwater.app.valuing import price_book
from headwater.domain.collaboration import Style
from headwater.domain.errors import Usage, one_of
from headwater.partners.mirror import organisation
from headwater.partners.register import Known, joined, list_of
from headwater.store.expr import _
from headwater.store.kept import keep, kept

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.options import Listed

FILE = "register.json"


def import_list(place: Place, file: Path, instead: bool = False) -> Answer:
    """Read a list, resolve its partners against the organisations, classify each, and add it to the register.

    A list of the same name, or of the same rows, takes the place of its earlier self; instead: of the whole register.
    """
    found, read = joined(held(place), list_of(file, _known(place)), file.name, instead)
    keep(place.workspace.governance / FILE, found)
    place.note("register import", file.name)
    return place.answer("register-import", answers.imported(found, read), value=found)


def listing(place: Place) -> Answer:
    """The register as it stands."""
    return place.answer("register-list", answers.listed(_register(place)))


def show(place: Place, collaboration: str) -> Answer:
    """One collaboration of the register."""
    known = {one.id: one for one in _register(place)}
    if collaboration not in known:
        raise one_of("no such collaboration in the register", collaboration, known, "headwater register list")
    return place.answer("register-show", answers.listed([known[collaboration]])["collaborations"][0])


def held(place: Place) -> tuple[Listed, ...]:
    """The register, empty where there is none."""
    found: tuple[Listed, ...] | None = kept(place.workspace.governance / FILE)
    return found or ()


def ties(place: Place) -> tuple[tuple[str, str], ...]:
    """Pairs of organisations that share already: of one sort, running or not said to have ended."""
    pairs = {
        pair
        for one in held(place)
        if one.style == Style.MIRROR and one.status in ("running", "not said")
        for pair in combinations(sorted({code for code in one.organisations if code}), 2)
    }
    return tuple(sorted(pairs))


def _register(place: Place) -> tuple[Listed, ...]:
    found: tuple[Listed, ...] | None = kept(place.workspace.governance / FILE)
    if found is None:
        raise Usage(
            "there is no register yet",
            next_step="headwater register import FILE (CSV or XLSX with a column of partners)",
        )
    return found


def _known(place: Place) -> Known:
    """The organisations, past ones too, what each spends a year, and the workspace's prices."""
    with place.store() as store:
        bodies = tuple(organisation(row) for row in store.arrow(store.table("organisation")).to_pylist())
        spend = store.arrow(store.table("spend").group_by("organisation", "year").agg(gbp=_.gbp.sum())).to_pylist()
    spent = {row["organisation"]: row["gbp"] for row in sorted(spend, key=lambda row: str(row["year"]))}
    return Known(bodies, price_book(place).by_kind, spent)
