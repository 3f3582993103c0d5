"""The risk register as a table: governance/risks.csv, a row a risk, for people who keep it in a spreadsheet."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEXTS = ("id", "collaboration", "cause", "event", "effect", "owner", "indicator")
RANGES = ("likelihood", "impact_gbp")
CONTROLS = {
    "control": "text",
    "control_effectiveness": "effectiveness",
    "control_acts_on": "acts_on",
    "control_owner": "owner",
    "control_tested": "tested",
}


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Entries as the TOML register has them. Ranges are three columns each, as likelihood_low, likelihood_mid,
    likelihood_high.

    What does not read as a number or a day stays text, so that the register's own check names it.
    """
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [_entry(row) for row in csv.DictReader(lines)]


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        name: text.strip()
        for name, text in row.items()
        if isinstance(name, str) and isinstance(text, str) and text.strip()
    }
    entry: dict[str, Any] = {name: told.pop(name) for name in TEXTS if name in told}
    for name in RANGES:
        ends = [told.pop(f"{name}_{end}", None) for end in ("low", "mid", "high")]
        if any(end is not None for end in ends):
            entry[name] = [_number(end) for end in ends]
    entry |= {name: _number(told.pop(name)) for name in ("appetite_gbp", "line") if name in told}
    control = {ours: told.pop(theirs) for theirs, ours in CONTROLS.items() if theirs in told}
    if control:
        entry["control"] = [_control(control)]
    return entry | told  # what is left is unknown, and the register's check says so


def _control(told: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = dict(told)
    if "effectiveness" in found:
        found["effectiveness"] = _number(found["effectiveness"])
    if "tested" in found:
        found["tested"] = _day(found["tested"])
    return found


def _number(text: str | None) -> Any:
    try:
        return float(str(text).replace(",", "").replace("£", ""))
    except ValueError:
        return text


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
