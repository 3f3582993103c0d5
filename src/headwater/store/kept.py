"""Results kept between runs: any frozen domain value as one JSON file, arrays packed, the same bytes for the same
value.

No pickle, because a workspace may come from somebody else's memory stick.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib
from datetime import date, datetime
from enum import Enum
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater import domain
from headwater.domain.errors import Failed
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

DOMAIN = tuple(module.name for module in iter_modules(domain.__path__))


def keep(file: Path, value: object) -> None:
    write_atomically(file, json.dumps(packed(value), ensure_ascii=False, separators=(",", ":")))


def kept(file: Path) -> Any:
    """The value, or None where there is none. A file that does not read is an error that says which step writes it."""
    try:
        return unpacked(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as problem:
        raise Failed(
            f"a kept result cannot be read: {file.name}", next_step=f"delete {file} and type the command again"
        ) from problem


def keep_for(file: Path, key: str, value: object) -> None:
    """Keep a result with the key of everything it was made of."""
    keep(file, {"key": key, "value": value})


def kept_for(file: Path, key: str) -> Any:
    """The result that bears this key, or None where there is none, or what is there does not read.

    The key is looked at first: what other data or an earlier version left is not unpacked, because its words may have
    changed.
    """
    found = read_kept(file)
    if found.get("key") != key:
        return None
    try:
        return unpacked(found.get("value"))
    except (ValueError, KeyError, TypeError):
        return None


def key_of_kept(file: Path) -> str:
    """The key that a kept result bears, '' where there is none; the result itself is not unpacked."""
    return str(read_kept(file).get("key", ""))


def read_kept(file: Path) -> dict[str, Any]:
    """The file as it stands; empty where it is missing or was damaged, since a step can make it again."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def packed(value: object) -> Any:
    """JSON for a value: classes by name, enums by value, arrays as little-endian bytes; tuples and lists are one."""
    if isinstance(value, Enum):
        return {"$enum": _called(type(value)), "value": value.value}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return _packed_array(value)
    if isinstance(value, date):
        return {"$time" if isinstance(value, datetime) else "$date": value.isoformat()}
    if dataclasses.is_dataclass(value):
        fields = {field.name: packed(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"$": _called(type(value)), **fields}
    if isinstance(value, dict):
        return {str(key): packed(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [packed(part) for part in value]
    raise TypeError(f"{type(value).__name__} is not a value that is kept")


def unpacked(found: Any) -> Any:
    if isinstance(found, list):
        return tuple([unpacked(part) if isinstance(part, NESTED) else part for part in found])
    if not isinstance(found, dict):
        return found
    if "$array" in found:
        return _unpacked_array(found)
    if "$enum" in found:
        return _words()[found["$enum"]](found["value"])
    if "$date" in found:
        return date.fromisoformat(found["$date"])
    if "$time" in found:
        return datetime.fromisoformat(found["$time"])
    parts = {key: unpacked(part) if isinstance(part, NESTED) else part for key, part in found.items() if key != "$"}
    return _words()[found["$"]](**parts) if "$" in found else parts


def _packed_array(value: np.ndarray[Any, Any]) -> dict[str, Any]:
    kind = value.dtype.newbyteorder("<") if value.dtype.byteorder == ">" else value.dtype
    content = zlib.compress(np.ascontiguousarray(value, dtype=kind).tobytes(), 6)
    return {"$array": kind.str, "shape": list(value.shape), "zlib": base64.b64encode(content).decode()}


NESTED = (list, dict)
"""What may hold something packed. A figure's rows are thousands of plain cells, and a call for each is what a first
visit waits for."""


def _unpacked_array(found: dict[str, Any]) -> np.ndarray[Any, Any]:
    try:
        content = zlib.decompress(base64.b64decode(found["zlib"]))
    except zlib.error as problem:
        raise ValueError("a packed array is damaged") from problem
    return np.frombuffer(content, dtype=found["$array"]).reshape(found["shape"]).copy()


@cache
def _words() -> dict[str, Any]:
    modules = [import_module(f"headwater.domain.{name}") for name in DOMAIN]
    return {_called(word): word for module in modules for word in vars(module).values() if _is_kept(word)}


def _is_kept(word: object) -> bool:
    return isinstance(word, type) and (dataclasses.is_dataclass(word) or issubclass(word, Enum))


def _called(word: type) -> str:
    """A class by its module and its name: two modules may each have an Amount."""
    return f"{word.__module__.rpartition('.')[2]}.{word.__name__}"
