"""Protocols: read from TOML with every problem collected, written back the same, documented from the schema."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from headwater.domain.collaboration import (
    Agreement,
    Choice,
    ComparisonPlan,
    Cost,
    Entry,
    Outcome,
    Protocol,
    Reach,
    Role,
    Selection,
    Share,
    Style,
)
from headwater.domain.errors import Usage
from headwater.governance.schema import ARRAYS, EXACT, FOR_PEOPLE, FOR_PLACES, METHODS, TABLES, TOP, WANTED, Key, fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAKERS = {"outcome": Outcome, "bearer": Share, "cost": Cost, "agreement": Agreement}


def read_protocol(file: Path) -> Protocol:
    """The protocol of a file. Raises Usage that lists every problem, each with what is allowed."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise Usage(f"{file.name} is not TOML: {problem}", next_step=f"mend {file.name}") from problem
    if found.get("id", file.stem) != file.stem:
        raise Usage(
            f"the id in {file.name} is not the file's own name",
            given=repr(found["id"]),
            allowed=repr(file.stem),
            next_step=f'put id = "{file.stem}" there, or rename the file',
        )
    return parse_protocol(found, file.name)


def parse_protocol(found: Mapping[str, Any], label: str) -> Protocol:
    """The protocol of a TOML table."""
    problems = _problems(found)
    if problems:
        raise Usage(
            f"{label} has {len(problems)} problem{'s' * (len(problems) != 1)}",
            given="\n           ".join(problems),
            next_step=f"mend {label}; docs/reference/protocol.md lists every key",
        )
    return _protocol(found)


def write_protocol(protocol: Protocol) -> str:
    """TOML of a protocol; reading it back gives the same protocol."""
    plain = [(key.name, _value(protocol, key)) for key in TOP if key.kind not in {"shares", "amounts", "names"}]
    parts = ["\n".join(f"{name} = {_toml(value)}" for name, value in plain if value not in (None, "", ()))]
    if protocol.entry:
        parts.append(_block("[entry]", protocol.entry, TABLES["entry"]))
    for name in ("selection", "reach"):
        if (given := getattr(protocol, name)) is not None:
            parts.append(_pairs(f"[{name}]", {k.name: v for k in TABLES[name] if (v := getattr(given, k.name))}))
    parts.append(_block("[comparison]", protocol.comparison, TABLES["comparison"]))
    if protocol.comparison.options:
        parts.append(_pairs("[comparison.options]", protocol.comparison.options))
    for name, (field, keys) in ARRAYS.items():
        parts += [_block(f"[[{name}]]", one, keys) for one in getattr(protocol, field)]
    parts += [
        _pairs(f"[{name}]", getattr(protocol, name))
        for name in ("prices", "cashable", "backfill", "qaly", "wellby", "income_share")
        if getattr(protocol, name)
    ]
    return "\n\n".join(parts) + "\n"


def protocol_docs() -> str:
    """The reference page of the protocol file, as Markdown."""
    parts = [
        "# The protocol file",
        "One file a collaboration: `collaborations/<id>.toml`. Keys in bold must be there.",
        _rows(TOP),
    ]
    parts += [f"## [{name}]\n\n{_rows(keys)}" for name, keys in TABLES.items()]
    parts.append("`[comparison.options]` holds settings of the method itself.")
    parts += [f"## [[{name}]]\n\n{_rows(keys)}" for name, (_, keys) in ARRAYS.items()]
    return "\n\n".join(parts) + "\n"


# Reading


def _problems(found: Mapping[str, Any]) -> list[str]:
    nested = {*TABLES, *ARRAYS}
    problems = _table_problems({k: v for k, v in found.items() if k not in nested}, TOP, "", also=nested)
    for name, keys in TABLES.items():
        if name in found:
            inner = {k: v for k, v in found[name].items() if k != "options"} if isinstance(found[name], dict) else None
            problems += _table_problems(inner, keys, f"[{name}] ", also={"options"})
    for name, (_, keys) in ARRAYS.items():
        for at, entry in enumerate(_listed(found.get(name, [])), 1):
            problems += _table_problems(entry, keys, f"[[{name}]] {at}: ")
    if not any(
        entry.get("role") == Role.PRIMARY for entry in _listed(found.get("outcome", [])) if isinstance(entry, dict)
    ):
        problems.append('no outcome has role = "primary"')
    return problems + _crossed(found) + _compared(found)


def _compared(found: Mapping[str, Any]) -> list[str]:
    """Rules of the comparison: a method and columns that the unit has. What was locked is what is done, by no other
    name."""
    unit, plan = found.get("unit"), found.get("comparison", {})
    if not isinstance(plan, dict):
        return []
    method, problems = plan.get("method"), []
    if unit == "person" and method in METHODS and method not in FOR_PEOPLE:
        problems.append(
            f"[comparison] method: {method!r} is for places and organisations; people are compared by"
            f" {', '.join(FOR_PEOPLE)}"
        )
    if unit in ("place", "organisation") and method in FOR_PEOPLE:
        others = ", ".join(one for one in METHODS if one not in FOR_PEOPLE)
        problems.append(f"[comparison] method: {method!r} is for people; a {unit} is compared by {others}")
    if unit == "person":
        odd = [one for one in _listed(plan.get("exact", [])) if isinstance(one, str) and one not in EXACT]
        problems += [f"[comparison] exact: no column {one!r} of people; allowed: {', '.join(EXACT)}" for one in odd]
    if plan.get("caliper") == 0:
        problems.append(
            "[comparison] caliper: at 0 nobody lies within it; leave it out for none, or give 0.2 standard deviations"
        )
    return problems


def _crossed(found: Mapping[str, Any]) -> list[str]:
    """Rules over several keys: dates in order, people need an entry rule, bearers' shares of a kind do not exceed 1."""
    problems = []
    start, end, chosen = found.get("start"), found.get("end"), found.get("selection", {})
    if type(start) is date and type(end) is date and end < start:
        problems.append(f"end {end} is before start {start}")
    if found.get("unit") == "person" and "entry" not in found:
        problems.append(
            'unit = "person" needs an [entry] table: the rule that made people eligible guards against regression to'
            " the mean"
        )
    if (
        isinstance(chosen, dict)
        and chosen.get("rule") in (Choice.BUSIEST, Choice.THRESHOLD)
        and not chosen.get("periods")
    ):
        problems.append("[selection] periods is missing: over how many periods before the choice places were looked at")
    on = chosen.get("chosen") if isinstance(chosen, dict) else None
    if type(on) is date and type(start) is date and on > start:
        problems.append(
            f"[selection] chosen {on} is after start {start}: places are chosen before the programme begins"
        )
    if isinstance(chosen, dict) and chosen.get("rule") == Choice.THRESHOLD and not chosen.get("at_least"):
        problems.append("[selection] at_least is missing: how many contacts within those periods made a place eligible")
    totals: dict[str, float] = {}
    for entry in _listed(found.get("bearer", [])):
        if isinstance(entry, dict) and isinstance(entry.get("share"), int | float):
            totals[str(entry.get("kind"))] = totals.get(str(entry.get("kind")), 0.0) + entry["share"]
    return problems + [
        f"[[bearer]] shares of {kind} add up to {total:g}, not 1"
        for kind, total in totals.items()
        if abs(total - 1) > 1e-9
    ]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _table_problems(found: Any, keys: Sequence[Key], where: str, also: set[str] | None = None) -> list[str]:
    if not isinstance(found, dict):
        return [f"{where.strip() or 'the file'} is not a table"]
    known = {key.name: key for key in keys}
    problems = []
    for name, value in found.items():
        if name not in known:
            near = get_close_matches(name, {*known, *(also or ())}, n=1)
            problems.append(f"{where}unknown key {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        elif wrong := fault(known[name], value):
            problems.append(f"{where}{name}: {wrong}")
    return problems + [
        f"{where}{key.name} is missing: {WANTED[key.kind]}. {key.about}"
        for key in keys
        if key.required and key.name not in found
    ]


def _protocol(found: Mapping[str, Any]) -> Protocol:
    top = {key.name: _typed(key, found[key.name]) for key in TOP if key.name in found}
    top["partners"] = tuple(found.get("partners", ()))
    top["style"] = Style(found["style"])
    comparison = found.get("comparison", {})
    if found["unit"] != "person":
        # What is done by default is written out, so that the lock holds it by its name.
        comparison = {"method": FOR_PLACES, **comparison}
    arrays: dict[str, Any] = {
        field: tuple(_entry(MAKERS[name], keys, one) for one in found.get(name, ()))
        for name, (field, keys) in ARRAYS.items()
    }
    return Protocol(
        **top,
        entry=_entry(Entry, TABLES["entry"], found["entry"]) if "entry" in found else None,
        selection=_entry(Selection, TABLES["selection"], found["selection"]) if "selection" in found else None,
        reach=_entry(Reach, TABLES["reach"], found["reach"]) if "reach" in found else None,
        comparison=_entry(
            ComparisonPlan, TABLES["comparison"], comparison, options=dict(comparison.get("options", {}))
        ),
        **arrays,
    )


def _entry(make: Any, keys: Sequence[Key], found: Mapping[str, Any], **more: Any) -> Any:
    values = {key.name: _typed(key, found[key.name]) for key in keys if key.name in found}
    if "role" in values:
        values["role"] = Role(values["role"])
    if "rule" in values:
        values["rule"] = Choice(values["rule"])
    return make(**values, **more)


def _typed(key: Key, value: Any) -> Any:
    return tuple(value) if key.kind == "texts" else float(value) if key.kind == "number" else value


# Writing


def _value(protocol: Protocol, key: Key) -> Any:
    value = getattr(protocol, key.name)
    default = next(field.default for field in fields(Protocol) if field.name == key.name)
    return None if value == default and not key.required else value


def _block(head: str, value: Any, keys: Sequence[Key]) -> str:
    rows = [(key.name, getattr(value, key.name)) for key in keys]
    return "\n".join([head, *(f"{name} = {_toml(part)}" for name, part in rows if part is not None)])


def _pairs(head: str, pairs: Mapping[str, Any]) -> str:
    return "\n".join([head, *(f"{name} = {_toml(value)}" for name, value in pairs.items())])


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, StrEnum):
        value = value.value
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(str(name))} = {_toml(part)}" for name, part in value.items()) + " }"
    return value.isoformat() if isinstance(value, date) else repr(value)


def _rows(keys: Sequence[Key]) -> str:
    lines = ["| key | type | about |", "|---|---|---|"]
    for key in keys:
        name = f"**{key.name}**" if key.required else key.name
        allowed = f" One of: {', '.join(key.allowed)}." if key.allowed else ""
        lines.append(f"| {name} | {WANTED[key.kind]} | {key.about}{allowed} |")
    return "\n".join(lines)
