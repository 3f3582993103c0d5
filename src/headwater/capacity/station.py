"""Stations: what `[[station]]` in headwater.toml says about a place where contacts are served."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import Usage
from headwater.stats.queueing import erlang_a, erlang_b, loads_met, wait_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

HOURS_PER_YEAR = 8766.0
MOST_STEPS = 12
MODELS = ("delay", "loss", "abandonment")
NUMBERS = (
    "service_hours",
    "servers",
    "step",
    "step_cost_gbp",
    "backfill",
    "variable",
    "step_share",
    "cashable",
    "decided",
    "contacts_per_year",
    "service_level",
    "within_hours",
    "patience_hours",
    "hours_per_year",
    "urgent_share",
)
WHOLE = ("servers", "step", "decided")
SHARES = ("urgent_share", "backfill", "variable", "step_share", "cashable", "service_level")
POSITIVE = ("service_hours", "servers", "step", "hours_per_year", "patience_hours")
KNOWN = {*NUMBERS, "kind", "name", "model", "routing"}


@dataclass(frozen=True, slots=True)
class Station:
    """A ward, a crew, a desk. Hours are hours, costs £ a year, shares 0 to 1.

    model: *delay* (a queue), *loss* (full means turned away), *abandonment* (people give up). service_level: the share
    that must be served within `within_hours` (delay), must find a place (loss), or must not give up (abandonment).
    decided: how many steps somebody has decided to close if demand lets them; without that nothing is cash.
    contacts_per_year empty: the station is taken to be staffed for exactly its service level.
    """

    kind: str
    service_hours: float
    servers: int
    name: str = ""
    step: int = 1
    step_cost_gbp: float = 0.0
    backfill: float | None = None
    variable: float | None = None
    step_share: float | None = None
    cashable: float | None = None
    decided: int = 0
    contacts_per_year: float | None = None
    model: str = "delay"
    service_level: float = 0.95
    within_hours: float = 0.0
    patience_hours: float = 1.0
    hours_per_year: float = HOURS_PER_YEAR
    urgent_share: float = 0.0
    """Share of contacts that are served before the others, without interrupting them (delay only)."""
    routing: Mapping[str, float] = field(default_factory=dict)
    """Kind → share of the contacts here that go on to it."""

    def carried(self) -> NDArray[np.float64]:
        """float64[k]: the largest load met at the service level with 0, 1, … steps closed."""
        return loads_met(self.met, np.arange(self.servers, -1, -self.step)[: MOST_STEPS + 1])

    def met(self, servers: NDArray[np.int64], load: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the service level holds, for each pair of servers and load in erlangs; nobody serves no load at
        all."""
        if self.model == "loss":
            held = 1 - erlang_b(servers, load) >= self.service_level
        elif self.model == "abandonment":
            lost = [
                erlang_a(int(c), float(a), self.service_hours, self.patience_hours)[0]
                for c, a in zip(servers, load, strict=True)
            ]
            held = 1 - np.array(lost) >= self.service_level
        else:
            held = 1 - wait_over(servers, load, self.within_hours, self.service_hours) >= self.service_level
        return held & (servers > 0)

    def load(self, carried: float) -> float:
        """Erlangs offered before the collaboration."""
        if self.contacts_per_year is None:
            return carried
        return self.contacts_per_year * self.service_hours / self.hours_per_year


def stations_of(entries: Sequence[Mapping[str, object]]) -> dict[str, Station]:
    """Kind → station, from settings. Raises Usage naming every entry that cannot be one."""
    problems: list[str] = []
    found: dict[str, Station] = {}
    for at, entry in enumerate(entries, 1):
        station = _station(entry, f"station {at} ({entry.get('kind', 'no kind')})", problems)
        if station and station.kind in found:
            problems.append(f"station {at}: there is already a station for {station.kind}")
        elif station:
            found[station.kind] = station
    if problems:
        raise Usage(
            "the stations cannot be read",
            given="; ".join(problems),
            allowed=", ".join(sorted(KNOWN)),
            next_step="mend [[station]] in headwater.toml",
        )
    return found


def _station(entry: Mapping[str, object], label: str, problems: list[str]) -> Station | None:
    before = len(problems)
    if unknown := sorted(set(entry) - KNOWN):
        problems.append(f"{label}: unknown {', '.join(unknown)}")
    problems.extend(f"{label}: {name} is missing" for name in ("kind", "service_hours", "servers") if name not in entry)
    numbers = _numbers(entry, label, problems)
    if entry.get("model", "delay") not in MODELS:
        problems.append(f"{label}: model is {', '.join(MODELS)}, not {entry['model']!r}")
    routing = _routing(entry.get("routing", {}), label, problems)
    if len(problems) > before:
        return None
    whole = {name: int(numbers.pop(name)) for name in WHOLE if name in numbers}
    words = {name: str(entry.get(name, otherwise)) for name, otherwise in (("name", entry["kind"]), ("model", "delay"))}
    return Station(kind=str(entry["kind"]), routing=routing, **words, **whole, **numbers)  # type: ignore[arg-type]


def _numbers(entry: Mapping[str, object], label: str, problems: list[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in NUMBERS:
        value = entry.get(name)
        if name in entry and (
            isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf")
        ):
            problems.append(f"{label}: {name} must be a number of 0 or more, not {value!r}")
        elif isinstance(value, int | float):
            found[name] = float(value)
    problems.extend(
        f"{label}: {name} is a share, 0 to 1, not {found[name]:g}" for name in SHARES if found.get(name, 0.0) > 1
    )
    problems.extend(f"{label}: {name} must be more than 0" for name in POSITIVE if found.get(name, 1.0) <= 0)
    problems.extend(
        f"{label}: {name} is a whole number, not {found[name]:g}" for name in WHOLE if found.get(name, 0.0) % 1
    )
    return found


def _routing(given: object, label: str, problems: list[str]) -> dict[str, float]:
    """A table, or its text form `emergency_admission:0.25 respite_stay:0.05`."""
    pairs = (
        given.items()
        if isinstance(given, dict)
        else [part.rpartition(":")[::2] for part in str(given).replace(",", " ").split()]
    )
    try:
        routing = {str(kind): float(share) for kind, share in pairs}
    except (TypeError, ValueError):
        problems.append(f"{label}: routing is kind:share, not {given!r}")
        return {}
    if any(not 0 <= share <= 1 for share in routing.values()) or sum(routing.values()) > 1 + 1e-9:
        problems.append(f"{label}: routing shares lie between 0 and 1 and add to 1 at most")
    return routing
