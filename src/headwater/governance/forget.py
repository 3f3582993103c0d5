"""One person removed from every table, part and unit set; the ledger's sums stay, because sums name nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import Usage
from headwater.governance.pseudonyms import pseudonym, pseudonym_key
from headwater.store import key_of
from headwater.store.expr import _
from headwater.store.kept import unpacked

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.workspace import Workspace
    from headwater.store import Store

NAMING = ("person", "record")
COMPARED = ("link_profile", "link_pair", "link_group")


def forget(store: Store, workspace: Workspace, agency: str, record: str) -> tuple[tuple[str, ...], str | None]:
    """The tables rows were taken from, and the person's pseudonym for what else must forget it. `record` is the agency's own number; every linked record of the person goes too.

    Raises Usage where the number is not known. The agencies' files are not touched: take the person out of them as well.
    """
    name = pseudonym(pseudonym_key(workspace), "record", f"{agency}\x1f{record}")
    person, records = _known(store, agency, name)
    touched = [table for table in store.names() if _without(store, table, person, records)]
    # What was compared holds names too: the next link makes it anew without the person.
    store.commit({name: () for name in COMPARED if store.has(name)})
    (workspace.hidden / "link" / "review.csv").unlink(missing_ok=True)
    store.sweep()
    for file in workspace.results.glob("*.json"):
        if person and _holds(file, person):
            file.unlink()
    return tuple(touched), person


def _known(store: Store, agency: str, record: str) -> tuple[str | None, tuple[str, ...]]:
    links = store.table("person_link")
    found = store.arrow(
        links.filter((links.agency == agency) & (links.record == record)).select("person").distinct()
    ).to_pylist()
    if not found:
        held = store.table("record")
        if not store.arrow(held.filter((held.agency == agency) & (held.record == record)).limit(1)).num_rows:
            raise Usage(
                "nobody is known by this number",
                given="a record number of " + agency,
                next_step="check the agency's code and its own number",
            )
        return None, (record,)
    person = found[0]["person"]
    rows = store.arrow(links.filter(links.person == person).select("record").distinct()).to_pylist()
    return person, tuple(row["record"] for row in rows)


def _without(store: Store, table: str, person: str | None, records: tuple[str, ...]) -> bool:
    """Write the table anew without the person's rows; whether there were any."""
    rows = store.table(table)
    named = [column for column in NAMING if column in rows.columns]
    if not named:
        return False
    mine = rows.record.isin(records).fill_null(False) if "record" in named else None
    if "person" in named and person is not None:
        by_person = (rows.person == person).fill_null(False)
        mine = by_person if mine is None else mine | by_person
    if mine is None or not store.arrow(rows.filter(mine).agg(n=_.count()))["n"][0].as_py():
        return False
    store.put(table, key_of("forgotten", store.key(table), len(records)), rows.filter(~mine))
    return True


def _holds(file: Path, person: str) -> bool:
    """Whether a kept result names the person, in the open or within a packed array."""
    return _names(json.loads(file.read_text(encoding="utf-8")), person)


def _names(value: Any, person: str) -> bool:
    if isinstance(value, dict):
        if "$array" in value:
            array = unpacked(value)
            return array.dtype.kind == "U" and person in array
        return any(_names(part, person) for part in (*value, *value.values()))
    if isinstance(value, list):
        return any(_names(part, person) for part in value)
    return isinstance(value, str) and person in value
