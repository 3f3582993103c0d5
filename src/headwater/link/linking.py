"""The use of this room: who is who, and how well it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.progress import silent
from headwater.link import clean, groups, pairs, people, profiles, windows
from headwater.link.fields import FIELDS
from headwater.link.names import forget_compared, linked_as, names_spent, note_linked
from headwater.link.settings import link_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.progress import Progress
    from headwater.link.settings import LinkSettings
    from headwater.store import Store

FEWEST = 200
"""Profiles below which nothing can be learnt; names and birth dates must then agree letter by letter."""
STEPS = 5


def link(store: Store, settings: Mapping[str, object], progress: Progress = silent) -> None:
    """Fill the linked tables. settings: [link] of headwater.toml, and `from` and `to`, ISO days between which all are
    observed.

    What is up to date is left alone: a second call costs the reading of the manifest.
    """
    ours = link_settings(settings)
    if not (names_spent(store) and linked_as(store, ours)):
        _whose(store, ours, progress)
    store.run((*people.STAGES, windows.STAGE), {name: str(settings[name]) for name in ("from", "to")}, progress)


def _whose(store: Store, ours: LinkSettings, progress: Progress) -> None:
    """Whose each record is: the steps that need names. Records must have theirs."""
    forget_compared(store)
    store.run((clean.STAGE,), {"single": sorted(ours.single)})
    parts = profiles.add_profiles(store)
    many = sum(part.rows for part in parts) >= FEWEST
    if ours.method == "names" and many and not pairs.comparable(store):
        progress("nothing to compare: one agency alone, or numbers throughout", STEPS - 2, STEPS)
        pairs.alike(store, names=False)
    elif ours.method == "names" and many:
        model = pairs.model_of(store, ours, FIELDS, progress)
        pairs.add_pairs(store, model, parts, progress)
    else:
        pairs.alike(store, names=ours.method == "names")
    progress("one person or two", STEPS - 1, STEPS)
    groups.find_groups(store, ours)
    store.run((groups.STAGE,), {})
    note_linked(store, ours)
