"""Rows in the shape that a table needs: some left out, some joined to another file, turned from wide to long, or many
made one.

Each step takes and gives batches. Rows that leave here leave because the user said so: they are counted apart from
quarantine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.errors import DataProblem
from headwater.sources.headings import found_in, given, plain, under, wanted
from headwater.sources.numbering import as_stored
from headwater.sources.time_evidence import TimeEvidence, time_reading
from headwater.sources.times import sortable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch

    Open = Callable[[str], Iterator[Batch]]

ANY = "*"
LEAVES = "__leaves"
"""Marks rows that [source.where] leaves out once the latest return of each key is known."""
NO_EVENT = "rows without this event"
LEFT, MERGED, UNMATCHED = (
    "left out as [source.where] says",
    "merged into the row before, as [source.spell] says",
    "without a row in the joined file",
)
KEYS: dict[str, dict[str, type]] = {
    "join": {"file": str, "on": list, "keep": str},
    "spell": {"key": list, "order": list, "last": list},
    "unpivot": {"columns": list, "name": str, "value": str},
}
NEEDED: dict[str, tuple[str, ...]] = {
    "join": ("file", "on"),
    "spell": ("key", "order"),
    "unpivot": ("columns", "name", "value"),
}


@dataclass
class Passed:
    """How many rows the steps left out or merged, and why; unmatched ones stay, with empty columns."""

    why: Counter[str] = field(default_factory=Counter)

    @property
    def excluded(self) -> int:
        return self.why[LEFT] + self.why[MERGED] + self.why[NO_EVENT]


def shaped(batches: Iterator[Batch], source: SourceSettings, opened: Open, passed: Passed) -> Iterator[Batch]:
    """The batches after every step that the source asks for. opened: the batches of another file of the workspace."""
    if source.where:
        batches = (_where(batch, source, passed) for batch in batches)
    if source.join:
        batches = _joined(batches, source, opened, passed)
    if source.unpivot:
        batches = (_unpivoted(batch, source) for batch in batches)
    batches = _spells(batches, source, passed) if source.spell else batches
    return (_with_event(batch, source, passed) for batch in batches) if source.event else batches


def headings_needed(source: SourceSettings) -> tuple[str, ...]:
    """Headings that the steps look at, beside those that fill columns."""
    steps = [source.join.get("on"), source.spell.get("key"), source.spell.get("order")]
    return (*source.where, *(str(one) for step in steps if isinstance(step, list) for one in step))


def _where(batch: Batch, source: SourceSettings, passed: Passed) -> Batch:
    keep = np.ones(len(batch.rows), dtype=bool)
    for heading, allowed in source.where.items():
        if found_in(heading, batch.columns) is None:
            raise _absent(heading, "[source.where]", batch)
        keep &= _fits(under(batch, heading, source), allowed)
    if source.latest_by:
        # A later return may say that a contact did not take place: it must still supersede, and leaves after that.
        return replace(batch, columns={**batch.columns, LEAVES: pa.array(np.where(keep, "", "1"), pa.string())})
    passed.why[LEFT] += int((~keep).sum())
    return _filtered(batch, keep)


def _with_event(batch: Batch, source: SourceSettings, passed: Passed) -> Batch:
    """Without the rows in which the event of this source did not happen: neither its start nor its end is given."""
    happened = _np(given(batch, "start", source).is_valid())
    if "end" in source.columns:
        happened |= _np(given(batch, "end", source).is_valid())
    passed.why[NO_EVENT] += int((~happened).sum())
    return _filtered(batch, happened)


def _fits(text: pa.StringArray, allowed: object) -> Any:
    """bool[row]: whether a value is one of those asked for; "*" any, "R*" any that begins so, "" none given, "!x"
    anything but x."""
    words = [str(one) for one in allowed] if isinstance(allowed, list) else [str(allowed)]
    refused = [word[1:] for word in words if word.startswith("!")]
    wanted_words = [word for word in words if not word.startswith("!")]
    found = np.zeros(len(text), dtype=bool) if wanted_words else np.ones(len(text), dtype=bool)
    if ANY in wanted_words:
        found |= _np(text.is_valid())
    if "" in wanted_words:
        found |= _np(text.is_null())
    found |= _is_one(text, [word for word in wanted_words if word != ANY])
    none = "" in refused
    return found & ~_is_one(text, refused) & ~(_np(text.is_null()) & none)


def _is_one(text: pa.StringArray, words: list[str]) -> Any:
    """bool[row]: whether a value is one of the words, or has the form of one with * in it."""
    found = _np(pc.is_in(text, pa.array([word for word in words if word and ANY not in word], pa.string())))
    for word in words:
        if ANY in word:
            found |= _np(
                pc.fill_null(
                    pc.match_substring_regex(text, "^" + ".*".join(re.escape(part) for part in word.split(ANY)) + "$"),
                    False,
                )
            )
    return found


def _joined(batches: Iterator[Batch], source: SourceSettings, opened: Open, passed: Passed) -> Iterator[Batch]:
    """Each row with the columns of the other file's row that has the same key; its own columns come first."""
    on = [str(one) for one in source.join["on"]]  # type: ignore[attr-defined]
    keys, columns = _other(source, on, opened)
    for batch in batches:
        at = pc.index_in(_key(batch, on, source), keys)
        passed.why[UNMATCHED] += at.null_count
        more = {
            name: pc.fill_null(column.take(at), "") for name, column in columns.items() if name not in batch.columns
        }
        yield replace(batch, columns={**batch.columns, **more})


def _other(source: SourceSettings, on: list[str], opened: Open) -> tuple[pa.Array, dict[str, pa.Array]]:
    """The other file's keys, each once, and its columns in their order: the first row of a key, or the last."""
    found = list(opened(str(source.join["file"])))
    if not found:
        raise DataProblem("the file to join has no row", given=str(source.join["file"]), next_step="mend [source.join]")
    names = list(found[0].columns)
    keys = pa.concat_arrays([_key(batch, on, source) for batch in found]).to_pylist()
    order = range(len(keys)) if source.join.get("keep") == "last" else range(len(keys) - 1, -1, -1)
    at = {keys[row]: row for row in order if keys[row] is not None}
    rows = pa.array(list(at.values()), pa.int64())
    columns = {name: pa.concat_arrays([batch.columns[name] for batch in found]).take(rows) for name in names}
    return pa.array(list(at), pa.string()), columns


def _key(batch: Batch, on: list[str], source: SourceSettings) -> pa.StringArray:
    for heading in on:
        if found_in(heading, batch.columns) is None:
            raise _absent(heading, "[source.join] on", batch)
    return pc.binary_join_element_wise(*(as_stored(under(batch, one, source)) for one in on), "\x1f")


def _unpivoted(batch: Batch, source: SourceSettings) -> Batch:
    """One row a column of those that match: name holds its heading, value its cell. Empty cells are no rows."""
    patterns = [str(one) for one in source.unpivot["columns"]]  # type: ignore[attr-defined]
    wide = [one for one in batch.columns if any(fnmatchcase(plain(one), plain(pattern)) for pattern in patterns)]
    if not wide:
        raise _absent(", ".join(patterns), "[source.unpivot] columns", batch)
    size, rest = len(batch.rows), [one for one in batch.columns if one not in wide]
    columns = {one: pa.concat_arrays([batch.columns[one]] * len(wide)) for one in rest}
    columns[str(source.unpivot["name"])] = pa.array([one for one in wide for _ in range(size)], pa.string())
    columns[str(source.unpivot["value"])] = pa.concat_arrays([batch.columns[one] for one in wide])
    return replace(batch, columns=columns, rows=np.tile(batch.rows, len(wide)))


def _spells(batches: Iterator[Batch], source: SourceSettings, passed: Passed) -> Iterator[Batch]:
    """Rows of one key as one: the first row's values, in the stated order, but for `last`, which the last row that has
    one gives."""
    found = list(batches)
    if not found:
        return
    keys, order = (_sorting(found, source.spell[part], source) for part in ("key", "order"))
    at = pc.sort_indices(
        pa.table({"key": keys, "order": order}), sort_keys=[("key", "ascending"), ("order", "ascending")]
    )
    sorted_keys = keys.take(at)
    first = (
        np.concatenate([[True], _np(pc.not_equal(sorted_keys[1:], sorted_keys[:-1]))]) if len(at) else np.zeros(0, bool)
    )
    starts = np.flatnonzero(first)
    passed.why[MERGED] += len(at) - len(starts)
    late = {
        found_in(one, found[0].columns)
        for ours in _listed(source.spell.get("last"))
        for one in wanted(source, ours, found[0].columns)
    }
    columns = {}
    for name in found[0].columns:
        whole = pa.concat_arrays([batch.columns[name] for batch in found]).take(at)
        columns[name] = whole.take(pa.array(_last_given(whole, starts) if name in late else starts))
    rows = np.concatenate([batch.rows for batch in found])[at.to_numpy()][starts]
    refused = {row: why for batch in found for row, why in batch.refused.items()}
    yield replace(found[0], columns=columns, rows=rows, refused=refused, read=found[-1].read)


def _sorting(found: list[Batch], headings: object, source: SourceSettings) -> pa.StringArray:
    """Text that sorts as its values do, over all batches."""
    parts = []
    for heading in _listed(headings):
        if found_in(heading, found[0].columns) is None:
            raise _absent(heading, "[source.spell]", found[0])
        text = pa.concat_arrays([under(batch, heading, source) for batch in found])
        evidence = TimeEvidence()
        evidence.add(text)
        reading = time_reading(evidence, heading, source.date_format)
        if reading.problem:
            raise DataProblem(f"[source.spell] {heading}: {reading.problem}", next_step="write it in headwater.toml")
        parts.append(sortable(text, reading))
    return pc.binary_join_element_wise(*parts, "\x1f")


def _last_given(values: pa.StringArray, starts: Any) -> Any:
    """int64[spell]: the last row of each spell with a value; its last row where none has."""
    size = len(values)
    given = _np(pc.not_equal(pc.utf8_trim_whitespace(values), ""))
    latest = np.maximum.accumulate(np.where(given, np.arange(size), -1))
    ends = np.append(starts[1:], size) - 1
    return np.where(latest[ends] >= starts, latest[ends], ends)


def _filtered(batch: Batch, keep: Any) -> Batch:
    if keep.all():
        return batch
    columns = {name: column.filter(pa.array(keep)) for name, column in batch.columns.items()}
    return replace(batch, columns=columns, rows=batch.rows[keep])


def _absent(heading: str, where: str, batch: Batch) -> DataProblem:
    return DataProblem(
        f"{where} names a heading that the file does not have",
        given=repr(heading),
        allowed=", ".join(list(batch.columns)[:40]),
        next_step="mend it in headwater.toml",
    )


def shaping_problems(source: Mapping[str, Any], where: str) -> Iterator[str]:
    """What is wrong with the tables that shape rows, a sentence each."""
    for name, keys in KEYS.items():
        found = source.get(name)
        if not isinstance(found, Mapping):
            continue
        yield from (
            f"{where}[source.{name}] unknown key {key!r}; allowed: {', '.join(keys)}"
            for key in found
            if key not in keys
        )
        yield from (f"{where}[source.{name}] {key} is missing" for key in NEEDED[name] if key not in found)
        yield from (
            f"{where}[source.{name}] {key} must be a {'list' if kind is list else 'text'}, not {found[key]!r}"
            for key, kind in keys.items()
            if key in found and not isinstance(found[key], kind)
        )


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _np(mask: Any) -> Any:
    return mask.to_numpy(zero_copy_only=False).astype(bool)
