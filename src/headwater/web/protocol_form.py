"""The protocol's schema as a form: fields from keys, and a TOML table back from what was filled in."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any

from headwater.governance.schema import AGREEMENT, ARRAYS, BEARER, COMPARISON, COST, ENTRY, OUTCOME, TOP, Key
from headwater.report import verdicts
from headwater.report.kinds import capital
from headwater.web.forms import Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SPARE = 2
"""Empty entries after the filled ones; more appear once these are saved."""
MOST = 40
SECTIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("The collaboration", ("name", "style", "lead", "partners", "start", "end", "theory", "owner", "phases"), ()),
    ("Who or what is enrolled", ("unit", "treated"), ("entry",)),
    ("What is counted", ("subgroups", "multiplicity"), ("outcome",)),
    ("What it is compared with", (), ("comparison",)),
    (
        "How it is judged",
        (
            "follow_up_days",
            "history_days",
            "minimum_grade",
            "level",
            "detectable",
            "stopping_rule",
            "estimand",
            "estimator",
            "checks",
            "essential",
            "seed",
            "draws",
        ),
        (),
    ),
    ("Money", ("price_year", "prices", "cashable", "backfill", "qaly", "wellby", "income_share"), ("bearer", "cost")),
    ("Agreements", (), ("agreement",)),
)
"""Heading, keys of the top table, tables and arrays of tables, in the order of the form."""
TOP_KEYS = {key.name: key for key in TOP}
NESTED: Mapping[str, tuple[Key, ...]] = {
    "entry": ENTRY,
    "comparison": COMPARISON,
    "outcome": OUTCOME,
    "bearer": BEARER,
    "cost": COST,
    "agreement": AGREEMENT,
}
LEGENDS = {
    "entry": "The rule that makes somebody eligible",
    "comparison": "The comparison",
    "outcome": "Outcome",
    "bearer": "Whose budget feels it",
    "cost": "Cost",
    "agreement": "Agreement",
}
HINTS = {
    "texts": "One a line.",
    "date": "As 2025-04-01.",
    "shares": "One a line, as ae_attendance = 0.2",
    "amounts": "One a line, as ae_attendance = 0.002",
    "names": "One a line, as ae_attendance = VB08Z",
}


def filled(found: Mapping[str, Any], errors: Mapping[str, str]) -> list[dict[str, Any]]:
    """The form's sections with their fields and groups, filled from a TOML table. errors: field id → what is wrong."""
    return [
        {
            "title": title,
            "fields": [_field("top", TOP_KEYS[name], found.get(name), errors) for name in names],
            "groups": [group for table in tables for group in _groups(table, found, errors)],
        }
        for title, names, tables in SECTIONS
    ]


def _groups(table: str, found: Mapping[str, Any], errors: Mapping[str, str]) -> list[dict[str, Any]]:
    if table not in ARRAYS:
        entry = found.get(table, {})
        fields = [_field(table, key, _part(entry, key.name), errors) for key in NESTED[table]]
        if table == "comparison":
            fields.append(_options(entry))
        return [{"legend": LEGENDS[table], "fields": fields, "spare": False}]
    entries = [one for one in _listed(found.get(table)) if isinstance(one, dict)]
    return [
        _entry(table, at, one, errors, at >= len(entries))
        for at, one in enumerate([*entries, *({} for _ in range(SPARE))])
    ]


def _entry(table: str, at: int, one: Mapping[str, Any], errors: Mapping[str, str], spare: bool) -> dict[str, Any]:
    fields = [_field(f"{table}.{at}", key, one.get(key.name), errors) for key in NESTED[table]]
    return {
        "legend": f"Another {LEGENDS[table].lower()}" if spare else f"{LEGENDS[table]} {at + 1}",
        "fields": fields,
        "spare": spare,
    }


def _field(where: str, key: Key, value: Any, errors: Mapping[str, str]) -> Field:
    name = f"{where}.{key.name}"
    label = key.name.replace("_", " ").capitalize() + ("" if key.required else " (optional)")
    hint = " ".join(part for part in (key.about, HINTS.get(key.kind, ""), _range(key)) if part)
    kind, options = "text", ()
    if key.kind in {"texts", "shares", "amounts", "names"} or key.name in {"theory", "stopping_rule"}:
        kind = "area"
    elif key.allowed or key.kind == "flag":
        kind = "select"
        options = (("", "Not said"), *((word, _option(word)) for word in key.allowed or ("true", "false")))  # type: ignore[assignment]
    wide = {"date": "10", "whole": "5", "number": "5"}.get(key.kind, "")
    field = Field(name, label, kind, said(value), hint, options, wide=wide, number=key.kind in {"whole", "number"})
    return Field(name, label, kind, said(value), hint, options, errors.get(field.id, ""), wide, field.number)


def _option(word: str) -> str:
    """A choice as the other pages say it."""
    said = {"true": "yes", "false": "no", **verdicts.ROLES, **verdicts.DESIGNS}
    return capital(said.get(word, word.replace("-", " ")))


def _options(entry: Any) -> Field:
    return Field(
        "comparison.options",
        "Settings of the method (optional)",
        "area",
        said(_part(entry, "options")),
        "One a line, as name = value.",
    )


def _range(key: Key) -> str:
    if key.low is None and key.high is None:
        return ""
    return (
        f"From {key.low:g} to {key.high:g}."
        if key.low is not None and key.high is not None
        else f"At least {key.low:g}."
    )


def said(value: Any) -> str:
    """A TOML value as a form shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "\n".join(f"{name} = {_quoted(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


# Back


def read_form(given: Mapping[str, str]) -> dict[str, Any]:
    """The TOML table a form stands for. What cannot be read stays a text, and the schema says what is wrong with it."""
    found = {key.name: value for key in TOP if (value := typed(key, given.get(f"top.{key.name}", ""))) is not None}
    for table, keys in NESTED.items():
        if table in ARRAYS:
            entries = [_read(f"{table}.{at}", keys, given) for at in range(MOST)]
            found |= {table: [one for one in entries if one]} if any(entries) else {}
        elif entry := _read(table, keys, given):
            found[table] = entry
    if options := _pairs(given.get("comparison.options", "")):
        found.setdefault("comparison", {})["options"] = options
    return found


def _read(where: str, keys: Sequence[Key], given: Mapping[str, str]) -> dict[str, Any]:
    return {key.name: value for key in keys if (value := typed(key, given.get(f"{where}.{key.name}", ""))) is not None}


def typed(key: Key, text: str) -> Any:
    """The value of one field; None where nothing was filled in."""
    text = text.replace("\r\n", "\n").strip()
    if not text:
        return None
    if key.kind == "texts":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if key.kind in {"shares", "amounts", "names"}:
        return _pairs(text)
    if key.kind == "flag":
        return {"true": True, "false": False}.get(text, text)
    return _scalar(key.kind, text)


def _scalar(kind: str, text: str) -> Any:
    makers: dict[str, Any] = {"date": date.fromisoformat, "whole": int, "number": float}
    try:
        return makers[kind](text.replace(",", "")) if kind in makers else text
    except ValueError:
        return text


def _pairs(text: str) -> Any:
    """Lines of name = value, read as TOML; a bare word counts as a text."""
    found: dict[str, Any] = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        name, _, value = (part.strip() for part in line.partition("="))
        if name:
            found[name.strip('"')] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _part(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
