"""One person removed from every table, part and unit set; the ledger's sums stay, because sums name nobody."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from headwater.domain.alike import LOOKS, looks
from headwater.domain.errors import Usage
from headwater.governance.pseudonyms import pseudonym, pseudonym_key
from headwater.governance.tombstones import bury, tombstones
from headwater.store import key_of
from headwater.store.expr import _
from headwater.store.files import removed
from headwater.store.spent import is_spent, spend

if TYPE_CHECKING:
    from headwater.domain.workspace import Workspace
    from headwater.store import Store
    from headwater.store.expr import Table

NAMING = ("person", "record", "left", "right")
SHARED = ("nhs_number", "local_key")
COMPARED = ("link_profile", "link_pair", "link_group")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody by pseudonyms alone. records: of every agency; person '' where nothing was linked; shared: numbers that
    agencies share, and hashes of who the records say it is."""

    person: str
    records: tuple[str, ...]
    shared: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.person, *self.records) if name)


def known(store: Store, workspace: Workspace, agency: str, record: str) -> Known:
    """Whoever an agency knows by this number of its own. Raises Usage where nobody is."""
    name = pseudonym(pseudonym_key(workspace), "record", f"{agency}\x1f{record}")
    person, records = _known(store, agency, name)
    rows = store.table("record")
    mine = store.arrow(rows.filter(rows.record.isin(records)).select(*SHARED, *LOOKS).distinct())
    shared = {value for column in SHARED for value in mine[column].to_pylist() if value}
    shared |= {one for one in looks(*(mine[column].to_pylist() for column in LOOKS)) if one}
    return Known(person or "", tuple(sorted(records)), tuple(sorted(shared)))


def holding(store: Store, who: Known) -> tuple[str, ...]:
    """The tables with rows of somebody."""
    return tuple(table for table in store.names() if table not in COMPARED and _theirs(store, table, who) is not None)


def forget(store: Store, workspace: Workspace, who: Known) -> None:
    """Take somebody out of every table, part, model and kept result. Done again, it changes nothing.

    The agencies' files are not touched: take the person out of them as well; a tombstone keeps whoever is still in them
    out.
    """
    bury(workspace, pseudonym_key(workspace), (*who.records, *who.shared))
    nameless = is_spent(store, "record")
    for table in holding(store, who):
        if (others := _theirs(store, table, who)) is not None:
            marks = tombstones(workspace, pseudonym_key(workspace)).digest
            store.put(table, key_of("forgotten", store.key(table), marks), others)
    if nameless:
        spend(store, "record", ())  # the rows that are left have no names either, and say so
    # What was compared holds names too: the next link makes it anew without the person.
    store.commit({name: () for name in COMPARED if store.has(name)})
    for file in (workspace.hidden / "link").glob("*"):
        removed(file)
    store.sweep()


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


def _theirs(store: Store, table: str, who: Known) -> Table | None:
    """A table without somebody's rows; None where it has none of them."""
    rows = store.table(table)
    named = [column for column in rows.columns if column in NAMING or column.startswith(("record_", "person_"))]
    texts = [column for column in named if rows[column].type().is_string()]
    if not texts:
        return None
    mine = reduce(operator.or_, (rows[column].isin(who.names).fill_null(False) for column in texts))
    return rows.filter(~mine) if store.arrow(rows.filter(mine).agg(n=_.count()))["n"][0].as_py() else None
