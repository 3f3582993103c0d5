"""headwater.toml, read with every problem collected and unknown words answered by the nearest known one."""

from __future__ import annotations

import codecs
import tomllib
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import Usage
from headwater.domain.tables import TABLES
from headwater.domain.workspace import DisclosureSettings, EngineSettings, Settings, SourceSettings
from headwater.sources import coordinates
from headwater.sources.numbering import MOST_FIGURES
from headwater.sources.shaping import shaping_problems
from headwater.sources.times import SETTLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from headwater.domain.tables import Table

FILE = "headwater.toml"
ENGINES = ("duckdb", "spark")
KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}
TOP: dict[str, type] = {
    "place": str,
    "price_year": int,
    "prices": list,
    "engine": object,
    "disclosure": dict,
    "link": dict,
    "partners": dict,
    "observed": dict,
    "retention": dict,
    "source": list,
    "station": list,
}
SECTIONS: dict[str, dict[str, type]] = {
    "engine": {"name": str, "threads": int, "memory": str, "options": dict},
    "disclosure": {"rule": str, "secondary": bool, "purpose": str, "role": str},
    "observed": {"from": object, "to": object},
    "retention": {"months": int, "keep_from": object},
}
SOURCE: dict[str, type] = {
    "table": str,
    "files": str,
    "agency": str,
    "columns": dict,
    "values": dict,
    "constants": dict,
    "delimiter": str,
    "encoding": str,
    "sheet": str,
    "header_row": int,
    "date_format": str,
    "null_values": list,
    "query": str,
    "at": dict,
    "number_rows": bool,
    "decimal": str,
    "header_file": str,
    "ignore": list,
    "optional": list,
    "defaults": dict,
    "where": dict,
    "join": dict,
    "spell": dict,
    "unpivot": dict,
    "latest_by": str,
    "distinct": bool,
    "total": bool,
    "scale": dict,
    "reasons": dict,
    "digits": dict,
    "most_lost": object,
}


def read_settings(root: Path) -> Settings:
    """The settings of a workspace. Raises Usage that lists every problem of the file at once."""
    file = root / FILE
    if not file.exists():
        raise Usage(f"there is no {FILE} here", given=str(root), next_step="headwater new DIR writes one")
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Usage(f"{FILE} is not TOML: {problem}", next_step=f"mend {FILE}") from problem
    problems = list(_problems(found))
    if problems:
        raise Usage(
            f"{FILE} has {len(problems)} problem(s)", given="\n           ".join(problems), next_step=f"mend {FILE}"
        )
    return _settings(found)


def _settings(found: Mapping[str, Any]) -> Settings:
    observed, retention = found.get("observed", {}), found.get("retention", {})
    keep_from = str(retention.get("keep_from", ""))
    _in_order(observed)
    return Settings(
        place=found["place"],
        sources=_of_one_row([replace(source_of(one), keep_from=keep_from) for one in found.get("source", ())]),
        engine=EngineSettings(**_engine(found)),
        disclosure=DisclosureSettings(**found.get("disclosure", {})),
        link=dict(found.get("link", {})),
        partners=dict(found.get("partners", {})),
        prices=tuple(found.get("prices", ())),
        price_year=found.get("price_year"),
        stations=tuple(found.get("station", ())),
        observed_from=str(observed.get("from", "")),
        observed_to=str(observed.get("to", "")),
        retention_months=retention.get("months", 0),
    )


def _in_order(observed: Mapping[str, Any]) -> None:
    """Raises Usage where the observed time ends before it begins: everybody would be outside it."""
    first, last = (str(observed.get(name, "")) for name in ("from", "to"))
    if first and last and last < first:
        raise Usage(
            "the observed time ends before it begins",
            given=f"[observed] from = {first}, to = {last}",
            allowed="a to on or after from",
            next_step="headwater.toml, [observed]: put the days right",
        )


def _of_one_row(found: list[SourceSettings]) -> tuple[SourceSettings, ...]:
    """Sources of contacts with the event that each makes of a row, where an earlier one makes another of the same
    file's."""
    made: list[SourceSettings] = []
    for source in found:
        start = source.columns.get("start", "start")
        before = [
            one.columns.get("start", "start") for one in made if (one.table, one.files) == (source.table, source.files)
        ]
        several = source.table == "contact" and bool(before) and start not in before
        made.append(replace(source, event=start if isinstance(start, str) else start[0]) if several else source)
    return tuple(made)


def _engine(found: Mapping[str, Any]) -> dict[str, Any]:
    """engine = "spark", or a table [engine] with its name among more."""
    given = found.get("engine", {})
    return {"name": given} if isinstance(given, str) else dict(given)


def source_of(found: Mapping[str, Any]) -> SourceSettings:
    """One [[source]] as it stands."""
    values = {column: {str(k): str(v) for k, v in pairs.items()} for column, pairs in found.get("values", {}).items()}
    constants = {column: str(value) for column, value in found.get("constants", {}).items()}
    defaults = {column: str(value) for column, value in found.get("defaults", {}).items()}
    lists = {key: tuple(found[key]) for key in ("null_values", "ignore", "optional") if key in found}
    told = {"values": values, "constants": constants, "defaults": defaults, "reasons": _reasons(found), **lists}
    return SourceSettings(**{**found, **told})


def _reasons(found: Mapping[str, Any]) -> dict[str, list[str]]:
    return {system: [one] if isinstance(one, str) else list(one) for system, one in found.get("reasons", {}).items()}


def _problems(found: Mapping[str, Any]) -> Iterable[str]:
    yield from _unknown(found, TOP, "")
    if "place" not in found:
        yield 'place is missing: a text, the name of the place, as in place = "Northshire"'
    yield from _wrong_types(found, TOP, "")
    for name, known in SECTIONS.items():
        if isinstance(found.get(name), dict):
            yield from _unknown(found[name], known, f"[{name}] ")
            yield from _wrong_types(found[name], known, f"[{name}] ")
    yield from _words(found)
    for at, source in enumerate(found["source"] if isinstance(found.get("source"), list) else (), 1):
        yield from _source_problems(source, f"[[source]] {at}: ")


def _words(found: Mapping[str, Any]) -> Iterable[str]:
    """Values that have the right type and are still no sound value."""
    if not isinstance(found.get("engine", {}), str | dict):
        yield f"engine must be a text or a table, not {found['engine']!r}"
    elif (name := _engine(found).get("name", ENGINES[0])) not in ENGINES:
        yield f"[engine] unknown name {name!r}; allowed: {', '.join(ENGINES)}"
    for section, key in (("observed", "from"), ("observed", "to"), ("retention", "keep_from")):
        given = found.get(section)
        if isinstance(given, dict) and key in given and not _is_day(given[key]):
            yield f"[{section}] {key} must be a day, as 2022-01-31, not {given[key]!r}"
    for path in found["prices"] if isinstance(found.get("prices"), list) else ():
        if not isinstance(path, str):
            yield f"prices must be paths, not {path!r}"


def _is_day(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(str(value)))
    except ValueError:
        return False


def _source_problems(source: Any, where: str) -> Iterable[str]:
    if not isinstance(source, dict):
        yield f"{where}is not a table"
        return
    yield from _unknown(source, SOURCE, where)
    yield from _wrong_types(source, SOURCE, where)
    yield from (f"{where}{key} is missing" for key in ("table", "files") if key not in source)
    yield from _layout_problems(source, where)
    table = source.get("table")
    if table == "price":
        yield (
            f'{where}own prices are no [[source]]: write prices = ["{source.get("files", "data/prices.csv")}"] above'
            " the first [[source]]"
        )
    if isinstance(source.get("at"), dict):
        yield from coordinates.problems(source["at"], table, where)
    if isinstance(table, str) and (table not in TABLES or TABLES[table].origin != "source"):
        yield f"{where}unknown table {table!r}{_near(table, _loadable())}; allowed: {', '.join(_loadable())}"
    elif isinstance(table, str):
        for part in ("columns", "values", "constants", "defaults", "scale", "digits"):
            if isinstance(source.get(part), dict):
                yield from _part_problems(source[part], part, TABLES[table], f"{where}[source.{part}] ")


def _layout_problems(source: Mapping[str, Any], where: str) -> Iterable[str]:
    delimiter, encoding, header = (source.get(key) for key in ("delimiter", "encoding", "header_row"))
    if isinstance(delimiter, str) and (len(delimiter) != 1 or not delimiter.isascii()):
        yield f"{where}delimiter must be one character, not {delimiter!r}"
    if isinstance(encoding, str) and not _is_encoding(encoding):
        yield f"{where}unknown encoding {encoding!r}; allowed: utf-8, cp1252, latin-1, utf-16, ..."
    if isinstance(header, int) and header < 1:
        yield f"{where}header_row must be 1 or more, not {header}"
    for key in ("null_values", "ignore", "optional"):
        if not all(isinstance(word, str) for word in _listed(source.get(key))):
            yield f"{where}{key} must be texts"
    if source.get("decimal", ".") not in {".", ","}:
        yield f'{where}decimal must be "." or ",", not {source["decimal"]!r}'
    if source.get("date_format") and "%" not in str(source["date_format"]) and source["date_format"] not in SETTLED:
        yield (
            f"{where}unknown date_format {source['date_format']!r}; allowed: a format as %d/%m/%Y, or"
            f" {', '.join(SETTLED)}"
        )
    if not isinstance(source.get("most_lost", 0.0), int | float):
        yield f"{where}most_lost must be a share, as 0.05, not {source['most_lost']!r}"
    if source.get("total") and source.get("table") != "count":
        yield f"{where}total has a meaning for the table 'count' alone"
    if isinstance(source.get("scale"), dict):
        yield from (
            f"{where}[source.scale] {ours} must be a number above 0, not {size!r}"
            for ours, size in source["scale"].items()
            if isinstance(size, bool) or not isinstance(size, int | float) or size <= 0
        )
    if isinstance(source.get("digits"), dict):
        yield from (
            f"{where}[source.digits] {ours} must be a whole number of figures, as 8, not {size!r}"
            for ours, size in source["digits"].items()
            if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= MOST_FIGURES
        )
    yield from shaping_problems(source, where)


def _part_problems(given: Mapping[str, Any], part: str, table: Table, where: str) -> Iterable[str]:
    yield from _unknown(given, table.names, where)
    for column, value in given.items():
        if part == "values" and not isinstance(value, dict):
            yield f"{where}{column} must be {KINDS[dict]}, not {value!r}"
        if part == "columns" and not (
            isinstance(value, str) or (value and isinstance(value, list) and all(isinstance(one, str) for one in value))
        ):
            yield f"{where}{column} must be a text, or a list of texts, not {value!r}"
        if part == "values" and isinstance(value, dict) and column in table.names and table.column(column).allowed:
            allowed = table.column(column).allowed
            yield from (
                f"{where}{column} = {word!r}; allowed: {', '.join(allowed)}"
                for word in value.values()
                if word not in allowed
            )


def _is_encoding(name: str) -> bool:
    try:
        # Codecs such as base64 are known to Python too, and make no text.
        return bool("".encode(name) is not None and codecs.lookup(name))
    except LookupError:
        return False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _wrong_types(found: Mapping[str, Any], known: Mapping[str, type], where: str) -> Iterable[str]:
    for name, kind in known.items():
        right = isinstance(found.get(name), kind) and not (kind is int and isinstance(found.get(name), bool))
        if name in found and kind is not object and not right:
            yield f"{where}{name} must be {KINDS[kind]}, not {found[name]!r}"


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
