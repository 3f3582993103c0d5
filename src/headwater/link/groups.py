"""From weighed pairs to people: the most likely partition, and partitions drawn from the weights."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from headwater.domain.errors import Usage
from headwater.domain.tables import PERSON_LINK
from headwater.link import pairs, profiles
from headwater.stats import clusters
from headwater.store import Stage, key_of
from headwater.store.expr import ifelse, null

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.link.settings import LinkSettings
    from headwater.store import Store
    from headwater.store.expr import Table

    Whole = NDArray[np.int64]

TABLE = "link_group"
BROKEN = "link_broken"
BITS = 62


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Profiles as nodes in order of their first record, whatever numbers they bear. name: the first record; number:
    text or None."""

    profile: Whole
    name: NDArray[np.object_]
    number: NDArray[np.object_]
    nodes: clusters.Nodes
    pairs: clusters.Pairs


def find_groups(store: Store, settings: LinkSettings) -> None:
    """link_group: profile, person, weight, run. Run 0 is whole; a drawn run holds only the profiles that it gives to
    somebody else."""
    source = inspect.getsource(clusters) + inspect.getsource(sys.modules[__name__])
    key = key_of("groups", store.key(profiles.TABLE), store.key(pairs.TABLE), settings, source)
    if [part.key for part in store.parts(TABLE)] == [key]:
        return
    graph = read_graph(store)
    likely = clusters.grouped(graph.nodes, graph.pairs, settings.largest)
    people = people_of(graph, likely)
    weight = np.where(graph.nodes.number >= 0, np.nan, likely.support)
    tables = [_rows(graph, people, weight, np.arange(len(people)), 0)]
    for run in range(1, settings.partitions + 1):
        drawn = clusters.grouped(graph.nodes, graph.pairs, settings.largest, seed=settings.seed * 1_000 + run)
        theirs = people_of(graph, drawn)
        tables.append(
            _rows(
                graph,
                theirs,
                np.where(graph.nodes.number >= 0, np.nan, drawn.support),
                np.flatnonzero(theirs != people),
                run,
            )
        )
    broken = pa.table({"size": pa.array(likely.broken, pa.int64())})
    parts = {TABLE: [store.write(TABLE, key, pa.concat_tables(tables))], BROKEN: [store.write(BROKEN, key, broken)]}
    store.commit(parts)


def read_graph(store: Store) -> Graph:
    """Nodes and pairs of the whole store; 40 bytes a pair cross from the engine, and no name."""
    rows = store.arrow(store.table(profiles.TABLE).select("profile", "number", "alone", name="first").order_by("name"))
    profile = rows["profile"].to_numpy()
    place = np.full(int(profile.max(initial=-1)) + 1, -1, dtype=np.int64)
    place[profile] = np.arange(len(profile))
    found = store.arrow(store.table(pairs.TABLE).select("left", "right", "weight"))
    left, right = place[found["left"].to_numpy()], place[found["right"].to_numpy()]
    nodes = clusters.Nodes(_codes(rows["number"]), _masks(rows["alone"]))
    edges = clusters.Pairs(left, right, found["weight"].to_numpy())
    return Graph(profile, _objects(rows["name"]), _objects(rows["number"]), nodes, edges)


def people_of(graph: Graph, found: clusters.Groups) -> NDArray[np.object_]:
    """object[node]: whose it is: the group's number where it has one, else the group's first record."""
    count = int(found.group.max(initial=-1)) + 1
    first = np.full(count, len(found.group), dtype=np.int64)
    np.minimum.at(first, found.group, np.arange(len(found.group)))
    label = graph.name[first] if count else np.zeros(0, dtype=object)
    numbered = np.flatnonzero(graph.nodes.number >= 0)
    label[found.group[numbered]] = graph.number[numbered]
    return label[found.group]


def _rows(graph: Graph, people: NDArray[np.object_], weight: NDArray[np.float64], which: Whole, run: int) -> pa.Table:
    columns = {
        "profile": pa.array(graph.profile[which]),
        "person": pa.array(people[which], pa.string()),
        "weight": pa.array(weight[which], from_pandas=True),
        "run": pa.array(np.full(len(which), run), pa.int64()),
    }
    return pa.table(columns).sort_by("profile")


def _objects(column: pa.ChunkedArray) -> NDArray[np.object_]:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)


def _codes(column: pa.ChunkedArray) -> Whole:
    """int64[row]: equal texts, equal numbers; −1 for none."""
    coded = column.combine_chunks().dictionary_encode() if len(column) else None
    if coded is None:
        return np.zeros(0, dtype=np.int64)
    return np.asarray(coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _masks(column: pa.ChunkedArray) -> Whole:
    codes = _codes(column)
    if codes.max(initial=-1) >= BITS:
        raise Usage(
            "too many agencies hold nobody twice",
            given=f"{codes.max() + 1} under [link] single",
            allowed=f"{BITS}",
            next_step="shorten [link] single",
        )
    return np.where(codes >= 0, np.left_shift(1, np.maximum(codes, 0)), 0).astype(np.int64)


# The declared table


def person_link(tables: Mapping[str, Table], settings: Mapping[str, object]) -> Table:
    """Each record with its profile's person, run by run."""
    records, groups = tables["link_record"], tables["link_group"]
    known = tables["link_profile"].select("face", "profile")
    joined = records.inner_join(known, "face").inner_join(groups, "profile")
    weight = ifelse(joined.number.notnull(), null("float64"), joined.weight)
    return joined.mutate(weight=weight).select(*PERSON_LINK.names)


STAGE = Stage(
    "person_link",
    ("link_record", "link_profile", "link_group"),
    person_link,
    "whose each record is",
    ("run", "agency", "record"),
)
