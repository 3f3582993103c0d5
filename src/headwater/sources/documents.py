"""JSON as batches of text columns: a list of things, or one a line, as FHIR bulk exports and most services write."""

from __future__ import annotations

import json
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from headwater.domain.errors import DataProblem
from headwater.sources.batches import ROWS, Batch
from headwater.sources.fhir import NHS, id_of, nhs_number, resources, standing_alone
from headwater.sources.lines import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARKED_UP = (b"<html", b"<!doctype", b"<?xml", b"<table")
REST = object()
"""Nothing more is in the file."""
NAMED = (".json", ".jsonl", ".ndjson", ".geojson")
BEGINS = re.compile(rb'\{\s*"(?:[^"\\]|\\.)*"\s*:|\[\s*\{')
WRAPPERS = ("data", "result", "results", "records", "items", "value", "rows", "features", "response")
"""Under which names services answer with a list of things, or with what holds it (CKAN: result.records; OData: value;
ArcGIS and GeoJSON: features); a list of another name is a part of one thing."""
HOLDS = ("properties", "attributes")
"""Under which name a feature of GeoJSON and of ArcGIS has its values."""
NO_OBJECT = "not a JSON object"
TWICE = "\0twice"
"""Under which an object tells of its keys that stand in it twice, and say different things."""
KEY_TWICE = "the key {name!r} stands twice in one object, with different values"


def is_json(file: Path, start: bytes) -> bool:
    """By its name, or because it begins as an object does, or a list of objects, whatever its name says."""
    name = file.name.lower().removesuffix(".gz")
    begins = start.lstrip(b"\xef\xbb\xbf \r\n\t")
    return begins[:1] in {b"{", b"["} and (name.endswith(NAMED) or BEGINS.match(begins) is not None)


def refuse_marked_up(file: Path, start: bytes) -> None:
    """Raises DataProblem for pages and XML that bear the name of a workbook, as some systems export them."""
    if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:9].lower().startswith(MARKED_UP):
        raise DataProblem(
            f"{file.name} is a page of the web or XML, whatever its name says",
            given=file.name,
            allowed="CSV, Parquet, a workbook, JSON",
            next_step="open it in a spreadsheet and save it as xlsx or CSV",
        )


def read(file: Path) -> Iterator[Batch]:
    """Nested values under dotted names (period.start, code.coding.0.code). Every batch has every name that its things
    have."""
    numbered = enumerate(_things(file), 1)
    names: dict[str, None] = {}
    while held := list(islice(numbered, ROWS)):
        flat = [(row, _flat(thing)) for row, thing in held if isinstance(thing, dict)]
        refused = {row: NO_OBJECT for row, thing in held if not isinstance(thing, dict)}
        refused |= {row: why for row, cells in flat if (why := _twice(cells))}
        flat = [(row, cells) for row, cells in flat if row not in refused]
        names |= dict.fromkeys(name for _, cells in flat for name in cells)
        columns = {name: pa.array([cells.get(name, "") for _, cells in flat], pa.string()) for name in names}
        yield Batch(columns, np.array([row for row, _ in flat], dtype=np.int64), refused, held[-1][0])


def _twice(cells: dict[str, str]) -> str:
    """Why a thing with a key that stands twice is refused: which of two values is meant, nobody knows. '' where none
    does."""
    return next((KEY_TWICE.format(name=keys) for name, keys in cells.items() if name.endswith(TWICE)), "")


def _things(file: Path) -> Iterator[Any]:
    """The things of a list, a bundle's entries, or one a line; a line that is none comes out as None."""
    with file.open("rb") as raw, opened(raw) as plain:
        first = plain.readline().lstrip(b"\xef\xbb\xbf \t")
        whole = first.startswith(b"[") or _load(first) is None
        if not whole:
            rest = (_load(line) for line in plain if line.strip())
            second = next(rest, REST)
            lines = chain([_load(first)], () if second is REST else (second,), rest)
            yield from (
                _entries(next(lines)) if second is REST else (one for thing in lines for one in standing_alone(thing))
            )
            return
        found = _load(first + plain.read())
    if found is None:
        raise DataProblem(f"{file.name} is not JSON", next_step="ask for one object a line, or one list of objects")
    yield from (one for thing in found for one in standing_alone(thing)) if isinstance(found, list) else _entries(found)


def _entries(found: Any) -> list[Any]:
    """A bundle's resources; or the one list of things that an object wraps, as most services answer; else the object
    itself."""
    if isinstance(found, dict) and TWICE in found and any(name in found for name in ("entry", *WRAPPERS)):
        raise DataProblem(KEY_TWICE.format(name=found[TWICE]), next_step="ask for the file again, with one list")
    entries = found.get("entry") if isinstance(found, dict) else None
    if isinstance(entries, list):
        return resources(entries)
    if isinstance(found, dict):
        return _listed(found) or _split(found) or _columns(found) or list(standing_alone(found))
    return [found]


def _listed(found: dict[str, Any]) -> list[Any]:
    """The one list of things that an object wraps, or an object within it; none where there is none, or several."""
    wrapped = [found[name] for name in WRAPPERS if _is_list_of_things(found.get(name))]
    if len(wrapped) == 1:
        return [_feature(one) for one in wrapped[0]]
    inner = [found[name] for name in WRAPPERS if isinstance(found.get(name), dict)]
    return _listed(inner[0]) or _split(inner[0]) if len(inner) == 1 and not wrapped else []


def _feature(thing: dict[str, Any]) -> dict[str, Any]:
    """A feature's values under their own names, with the point that it stands at."""
    held = next((thing[name] for name in HOLDS if isinstance(thing.get(name), dict) and "geometry" in thing), None)
    if held is None:
        return thing
    point = thing["geometry"] if isinstance(thing["geometry"], dict) else {}
    at = point.get("coordinates") if point.get("type") == "Point" else [point.get("x"), point.get("y")]
    placed = dict(zip(("longitude", "latitude"), at or (), strict=False))
    return {**{name: value for name, value in placed.items() if value is not None}, **held}


def _split(found: dict[str, Any]) -> list[Any]:
    """Names in one list and rows in another, as pandas writes them (orient = split)."""
    names, rows = found.get("columns"), found.get("data", found.get("rows"))
    if not (
        isinstance(names, list) and isinstance(rows, list) and rows and all(isinstance(name, str) for name in names)
    ):
        return []
    even = all(isinstance(row, list) and len(row) == len(names) for row in rows)
    return [dict(zip(names, row, strict=True)) for row in rows] if even else []


def _columns(found: dict[str, Any]) -> list[Any]:
    """A list, or an object of row and value, for each column: the same rows in all."""
    columns = [
        list(one.items()) if isinstance(one, dict) else list(enumerate(one)) if isinstance(one, list) else []
        for one in found.values()
    ]
    rows = [key for key, _value in columns[0]] if columns else []
    plain = all(not isinstance(value, dict | list) for column in columns for _key, value in column)
    if len(columns) < 2 or len(rows) < 2 or not plain or any([key for key, _value in one] != rows for one in columns):
        return []
    return [
        dict(zip(found, values, strict=True))
        for values in zip(*([value for _key, value in one] for one in columns), strict=True)
    ]


def _is_list_of_things(found: Any) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(one, dict) for one in found)


def _load(text: bytes) -> Any:
    try:
        # Numbers stay as they are written: an identifier keeps all its figures.
        return json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=_once)
    except ValueError:
        return None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's keys, the last of each, as JSON has it; where one stands twice and differs, that is told under a key
    of its own."""
    found = dict(pairs)
    twice = {name for name, value in pairs if found[name] != value} if len(found) < len(pairs) else set()
    return found | {TWICE: ", ".join(sorted(twice))} if twice else found


def _flat(thing: Any, name: str = "") -> dict[str, str]:
    if isinstance(thing, dict | list):
        pairs = thing.items() if isinstance(thing, dict) else enumerate(thing)
        found: dict[str, str] = {}
        if name == "identifier" and isinstance(thing, list) and (number := nhs_number(thing)):
            found[f"{name}.{NHS}"] = number  # wherever it stands among the numbers that somebody has
        for key, value in pairs:
            found |= _flat(value, f"{name}.{key}" if name else str(key))
        return found
    if name.endswith("reference") and isinstance(thing, str):
        # What a FHIR reference points to, as the thing itself is numbered: Patient/P1 is P1.
        bare = name.removesuffix("reference") + "id"
        return {name: thing, bare: id_of(thing)}
    text = "" if thing is None else str(thing).lower() if isinstance(thing, bool) else str(thing)
    return {name: text}
