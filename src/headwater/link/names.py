"""Names, birth dates and addresses leave the store once records are linked; what links again reads them from the
agencies' files.

Models need a month of birth; the rest is kept as pseudonyms and weights, which say whose each record is and name
nobody.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from headwater.link import clean, fields, groups, model, pairs, profiles, training
from headwater.stats import clusters
from headwater.store import key_of
from headwater.store.files import removed
from headwater.store.kept import keep_for, kept_for
from headwater.store.spent import cut_off, drop, is_spent, spend

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.link.settings import LinkSettings
    from headwater.store import Store

RECORD = ("given_name", "family_name", "address", "postcode")
CLEAN = ("given", "family", "birth", "postcode", "house", "street", "face")
COMPARED = {clean.STAGE.makes: CLEAN, profiles.TABLE: CLEAN, profiles.FREQUENCY: ("value",)}
"""Tables made of names → their columns that hold any."""
MADE_BY = (clean, fields, groups, model, pairs, profiles, training, clusters)


def spend_names(store: Store) -> None:
    """Take them out of every table. Done again, it changes nothing."""
    for table, columns in COMPARED.items():
        spend(store, table, columns)
    spend(store, "record", RECORD, month=("birth_date",))
    review = store.folder.parent / "link" / "review.csv"
    if review.exists():
        removed(review)


def names_spent(store: Store) -> bool:
    """Whether the records have no names any more, or taking them out, or putting them back, was cut off."""
    return is_spent(store, "record", *COMPARED) or cut_off(store)


def forget_compared(store: Store) -> None:
    """Take away what was compared without its names, for it to be compared again."""
    drop(store, *COMPARED)


def linked_as(store: Store, settings: LinkSettings) -> bool:
    """Whether these very records were linked in this very way: then no name is needed."""
    if not store.has("person_link") or not store.has(groups.TABLE) or cut_off(store):
        return False
    return kept_for(_file(store), _key(store, settings)) is not None


def note_linked(store: Store, settings: LinkSettings) -> None:
    keep_for(_file(store), _key(store, settings), True)


def _key(store: Store, settings: LinkSettings) -> str:
    asked = [
        f"{name}={getattr(settings, name)!r}" for name in settings.__slots__ if name not in ("names", "review_pairs")
    ]
    return key_of(store.key("record"), *asked, *(inspect.getsource(module) for module in MADE_BY))


def _file(store: Store) -> Path:
    return store.folder.parent / "link" / "linked.json"
