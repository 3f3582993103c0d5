"""The register of known collaborations: import, list, show. A claim is never a saving until evidence opens a lot for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.app import answers
from headwater.domain.collaboration import Organisation
from headwater.domain.errors import Usage, one_of
from headwater.partners.register import read_list
from headwater.store.kept import keep, kept

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.options import Listed

FILE = "register.json"


def import_list(place: Place, file: Path) -> Answer:
    """Read a list, resolve its partners against the organisations, classify each, and keep it as the register."""
    found = read_list(file, _organisations(place))
    keep(place.workspace.governance / FILE, found)
    place.note("register import", file.name)
    return place.answer("register-import", answers.listed(found), value=found)


def listing(place: Place) -> Answer:
    """The register as it stands."""
    return place.answer("register-list", answers.listed(_register(place)))


def show(place: Place, collaboration: str) -> Answer:
    """One collaboration of the register."""
    known = {one.id: one for one in _register(place)}
    if collaboration not in known:
        raise one_of("no such collaboration in the register", collaboration, known, "headwater register list")
    return place.answer("register-show", answers.listed([known[collaboration]])["collaborations"][0])


def _register(place: Place) -> tuple[Listed, ...]:
    found: tuple[Listed, ...] | None = kept(place.workspace.governance / FILE)
    if found is None:
        raise Usage(
            "there is no register yet",
            next_step="headwater register import FILE (CSV or XLSX with a column of partners)",
        )
    return found


def _organisations(place: Place) -> list[Organisation]:
    with place.store() as store:
        rows = store.arrow(store.table("organisation")).to_pylist()
    texts = ("name", "sort", "tier", "upper_tier", "region", "successor")
    return [
        _organisation({key: (value or "") if key in texts else value for key, value in row.items()}) for row in rows
    ]


def _organisation(row: dict[str, Any]) -> Organisation:
    return Organisation(**row)
