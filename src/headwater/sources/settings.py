"""headwater.toml, read with every problem collected and unknown words answered by the nearest known one."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import Usage
from headwater.domain.tables import TABLES
from headwater.domain.workspace import DisclosureSettings, EngineSettings, Settings, SourceSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE = "headwater.toml"
TOP = {"place": str, "price_year": int, "prices": list, "engine": dict, "disclosure": dict, "link": dict,
       "partners": dict, "observed": dict, "source": list, "station": list}  # fmt: skip


def read_settings(root: Path) -> Settings:
    """The settings of a workspace. Raises Usage that lists every problem of the file at once."""
    file = root / FILE
    if not file.exists():
        raise Usage(f"there is no {FILE} here", given=str(root), next_step="headwater new DIR writes one")
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Usage(f"{FILE} is not TOML: {problem}", next_step=f"mend {FILE}") from problem
    problems = list(_problems(found))
    if problems:
        raise Usage(
            f"{FILE} has {len(problems)} problem(s)", given="\n           ".join(problems), next_step=f"mend {FILE}"
        )
    return _settings(found)


def _settings(found: Mapping[str, Any]) -> Settings:
    observed = found.get("observed", {})
    return Settings(
        place=found["place"],
        sources=tuple(_source(one) for one in found.get("source", ())),
        engine=EngineSettings(**found.get("engine", {})),
        disclosure=DisclosureSettings(**found.get("disclosure", {})),
        link=dict(found.get("link", {})),
        partners=dict(found.get("partners", {})),
        prices=tuple(found.get("prices", ())),
        price_year=found.get("price_year"),
        stations=tuple(found.get("station", ())),
        observed_from=str(observed.get("from", "")),
        observed_to=str(observed.get("to", "")),
    )


def _source(found: Mapping[str, Any]) -> SourceSettings:
    values = {column: {str(k): str(v) for k, v in pairs.items()} for column, pairs in found.get("values", {}).items()}
    constants = {column: str(value) for column, value in found.get("constants", {}).items()}
    plain = {key: value for key, value in found.items() if key not in {"values", "constants", "null_values"}}
    nulls = {"null_values": tuple(found["null_values"])} if "null_values" in found else {}
    return SourceSettings(**plain, values=values, constants=constants, **nulls)


def _problems(found: Mapping[str, Any]) -> Iterable[str]:
    yield from _unknown(found, TOP, "")
    if not isinstance(found.get("place"), str):
        yield 'place is missing: a text, the name of the place, as in place = "Northshire"'
    for name, kind in TOP.items():
        if name in found and not isinstance(found[name], kind):
            yield f"{name} must be {'a table' if kind is dict else kind.__name__}, not {found[name]!r}"
    for name, shape in (("engine", EngineSettings), ("disclosure", DisclosureSettings)):
        if isinstance(found.get(name), dict):
            yield from _unknown(found[name], [field.name for field in fields(shape)], f"[{name}] ")
    if isinstance(found.get("observed"), dict):
        yield from _unknown(found["observed"], ("from", "to"), "[observed] ")
    for at, source in enumerate(found.get("source", ()) if isinstance(found.get("source"), list) else (), 1):
        yield from _source_problems(source, f"[[source]] {at}: ")


def _source_problems(source: Any, where: str) -> Iterable[str]:
    if not isinstance(source, dict):
        yield f"{where}is not a table"
        return
    yield from _unknown(source, [field.name for field in fields(SourceSettings)], where)
    for key in ("table", "files"):
        if not isinstance(source.get(key), str):
            yield f"{where}{key} is missing"
    table = source.get("table")
    if isinstance(table, str) and (table not in TABLES or TABLES[table].origin != "source"):
        yield f"{where}unknown table {table!r}{_near(table, _loadable())}; allowed: {', '.join(_loadable())}"
        return
    for part in ("columns", "values", "constants"):
        given = source.get(part, {})
        if not isinstance(given, dict):
            yield f"{where}[source.{part}] must be a table"
        elif isinstance(table, str):
            yield from _unknown(given, TABLES[table].names, f"{where}[source.{part}] ")


def _loadable() -> list[str]:
    return [name for name, table in TABLES.items() if table.origin == "source"]


def _unknown(found: Mapping[str, Any], known: Iterable[str], where: str) -> Iterable[str]:
    words = list(known)
    for key in found:
        if key not in words:
            yield f"{where}unknown key {key!r}{_near(key, words)}; allowed: {', '.join(words)}"


def _near(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]!r}?" if near else ""
