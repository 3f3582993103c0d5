"""What uncertain linkage does to an effect: outcomes counted anew under each drawn partition, the estimates made one.

The matched sets are held: who is compared with whom rests on the most likely partition. What is counted for each
member, before and after, is counted again as each partition has it, for those alone whose records it moves; so the cost
is one question to the engine a partition and one fit an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from headwater.evidence.people.estimate import rate_ratio
from headwater.evidence.people.reading import filled, windows
from headwater.stats.combining import combined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.stats.poisson import RateModel
    from headwater.store import Store
    from headwater.store.expr import Table


def runs_of(store: Store) -> tuple[int, ...]:
    """The drawn partitions that move anybody."""
    if not store.has("person_link"):
        return ()
    links = store.table("person_link")
    rows = store.arrow(links.filter(links.run > 0).select("run").distinct().order_by("run"))
    return tuple(rows["run"].to_pylist())


@dataclass(frozen=True, slots=True, eq=False)
class Relinked:
    """models: with the uncertainty of linkage in them. seen: float64[partition] of each kind, how many times as many
    contacts the enrolled had in the follow-up as under the most likely one."""

    models: dict[str, RateModel | None]
    seen: dict[str, NDArray[np.float64]]


def over_partitions(store: Store, design: Design, sets: Matched, models: dict[str, RateModel | None]) -> Relinked:
    """The models over all partitions; as they are where no partition moves anybody."""
    moving = runs_of(store)
    if not moving:
        return Relinked(models, {})
    drawn = [recounted(store, design, sets, run) for run in moving]
    # Partitions between those that move somebody give the most likely one's estimate again.
    still = max(moving) - len(moving)
    found: dict[str, RateModel | None] = {}
    for kind, likely in models.items():
        made = [model for one in drawn if (model := rate_ratio(one, sets, kind)) is not None]
        found[kind] = likely if likely is None or not made else combined([*made, *[likely] * still])
    return Relinked(found, {kind: _seen(design, drawn, sets, kind, still) for kind in models})


def _seen(design: Design, drawn: list[Design], sets: Matched, kind: str, still: int) -> NDArray[np.float64]:
    ours, at = sets.row[design.units.treated[sets.row]], design.kinds.index(kind)
    likely = float(design.after[ours, at].sum())
    counts = [float(one.after[ours, at].sum()) for one in drawn] + [likely] * still
    return np.array(counts) / likely if likely > 0 else np.ones(len(counts))


def recounted(store: Store, design: Design, sets: Matched, run: int) -> Design:
    """The design with the members' contacts as a partition has them: those that come to them added, those that leave
    them taken off."""
    members = np.unique(sets.row)
    units = store.engine.rows_of(
        pa.table(
            {
                "unit": members,
                "person": pa.array(design.people.pseudonym[design.units.person[members]], pa.string()),
                "index_day": design.units.index[members],
                "end_day": design.units.end[members],
            }
        )
    )
    moved, before, after = _moved(store, run), design.before, design.after
    for sign, whose in ((1.0, "theirs"), (-1.0, "ours")):
        contacts = moved.mutate(person=moved[whose])
        rows = windows({"candidate": units, "person_contact": contacts}, {"kinds": list(design.kinds)})
        counts = filled(
            store.arrow(rows.order_by("unit", "kind", "window")),
            len(design.units.person),
            design.kinds,
            design.after.shape[2],
        )
        before, after = before + sign * counts[0], after + sign * counts[1] * design.standing[:, None, :]
    return replace(design, before=np.maximum(before, 0.0), after=np.maximum(after, 0.0))


def _moved(store: Store, run: int) -> Table:
    """Contacts whose record the partition gives to somebody else: kind, start, quantity, whose they are likely and
    whose then."""
    links, contacts = store.table("person_link"), store.table("contact")
    likely = links.filter(links.run == 0).select("agency", "record", ours="person")
    drawn = links.filter(links.run == run).select("agency", "record", theirs="person")
    return (
        contacts.select("agency", "record", "kind", "start", "quantity")
        .inner_join(drawn, ["agency", "record"])
        .inner_join(likely, ["agency", "record"])
    )
