"""Made-up bodies with only their own records, and what is in them counted by hand: a trust, a fire service, a district.

Every contact is made for known segments, and histories are counted by plain loops, so that the truth owes nothing to
the product.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from headwater.domain.tables import TABLES
from headwater.store.store import arrow_schema

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store

FIRST, DAYS = datetime(2021, 4, 1), 1096
Row = dict[str, Any]


@dataclass
class OwnRecords:
    """Rows by table, and the segments of each contact by hand: segment → contacts."""

    rows: dict[str, list[Row]] = field(
        default_factory=lambda: {"record": [], "contact": [], "contact_reason": [], "place": [], "organisation": []}
    )
    truth: dict[str, set[str]] = field(default_factory=dict)

    def told(self, contact: str, *segments: str) -> None:
        for segment in segments:
            self.truth.setdefault(segment, set()).add(contact)

    def put(self, store: Store) -> None:
        for name, rows in self.rows.items():
            if rows:
                table = [{column: row.get(column) for column in TABLES[name].names} for row in rows]
                store.put(name, f"made {name}", pa.Table.from_pylist(table, schema=arrow_schema(TABLES[name])))

    def write(self, root: Path, agency: str) -> None:
        """A workspace that maps these rows one to one."""
        (root / "data").mkdir(parents=True, exist_ok=True)
        parts = ['place = "Testshire"\n']
        for name, rows in self.rows.items():
            if rows:
                with (root / "data" / f"{name}.csv").open("w", newline="") as file:
                    writer = csv.DictWriter(file, list(rows[0]))
                    writer.writeheader()
                    writer.writerows(rows)
                whose = "" if name in {"place", "organisation"} else f'agency = "{agency}"\n'
                parts.append(f'[[source]]\ntable = "{name}"\nfiles = "data/{name}.csv"\n{whose}')
        (root / "headwater.toml").write_text("\n".join(parts))


# (codes in their order, segments that they make for people of an age): by hand from the definitions.
ADMITTED: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[int, int]], ...] = (
    (("S72.0", "W01"), ("falls-65",), (65, 99)),
    (("S52.5", "W18"), (), (20, 64)),
    (("J44.1", "I10X"), ("acsc-chronic",), (40, 99)),
    (("N39.0",), (), (20, 99)),
    (("L03.1",), ("acsc-acute",), (30, 99)),
    (("F10.3", "K70.3"), ("alcohol-wholly",), (25, 70)),
    (("T39.1", "X60"), ("self-harm",), (12, 60)),
    (("K29.7", "Y45.2"), ("medicines-explicit",), (50, 99)),
    (("R07.4",), ("medically-unexplained",), (20, 80)),
    (("R55X", "I10X"), ("medicines-diuretics",), (55, 99)),
    (("J18.1",), ("acsc-vaccine",), (30, 99)),
    (("C34.9",), (), (50, 90)),
)


def trust(people: int = 3000, seed: int = 7, fewer: float = 1.0) -> OwnRecords:
    """A trust's own admissions and attendances over three years; fewer: what falls of people of 65 are multiplied
    by."""
    made, rng = OwnRecords(), np.random.default_rng(seed)
    for at in range(people):
        age = int(rng.integers(0, 96))
        record = f"P{at}"
        born = date(2021 - age, int(rng.integers(1, 13)), int(rng.integers(1, 28)))
        made.rows["record"].append({"record": record, "agency": "trust", "birth_date": born})
        _attend(made, rng, record, frequent=rng.random() < 0.03)
        _admit(made, rng, (record, born), fewer)
    return made


def _attend(made: OwnRecords, rng: np.random.Generator, record: str, *, frequent: bool) -> None:
    days = sorted(rng.integers(0, DAYS, rng.poisson(14 if frequent else 0.8)))
    times = [
        FIRST + timedelta(days=int(day), hours=int(rng.integers(0, 24)), minutes=int(rng.integers(0, 60)))
        for day in days
    ]
    times.sort()
    for at, start in enumerate(times):
        contact = f"A-{record}-{at}"
        left = rng.random() < 0.05
        by = "ambulance" if rng.random() < 0.3 else "walked in"
        made.rows["contact"].append(
            _contact(
                contact,
                record,
                "ae_attendance",
                start,
                start + timedelta(hours=3),
                "left before treated" if left else "discharged",
            )
        )
        made.rows["contact_reason"].append(_reason(contact, "arrival-mode", by, 1))
        earlier = sum(0 < (start - other).total_seconds() <= 365 * 86400 for other in times)
        if earlier >= 3:
            made.told(contact, "ae-frequent?")
        if left:
            made.told(contact, "ae-left")
        if by == "ambulance":
            made.told(contact, "ae-by-ambulance")


def _admit(made: OwnRecords, rng: np.random.Generator, who: tuple[str, date], fewer: float) -> None:
    record, born = who
    days = sorted({int(day) for day in rng.integers(0, DAYS, rng.poisson(0.9))})
    ends: list[datetime] = []
    for at, day in enumerate(days):
        start = FIRST + timedelta(days=day, hours=int(rng.integers(0, 24)))
        age = (start.date() - born).days / 365.25
        fits = [one for one in ADMITTED if one[2][0] <= age < one[2][1] + 1]
        if not fits:
            continue
        codes, segments, _ages = fits[int(rng.integers(len(fits)))]
        if segments == ("falls-65",) and rng.random() > fewer:
            continue
        end = start + timedelta(days=int(rng.integers(0, 12)))
        contact = f"E-{record}-{at}"
        made.rows["contact"].append(_contact(contact, record, "emergency_admission", start, end, "home"))
        made.rows["contact_reason"] += [_reason(contact, "icd10", code, place) for place, code in enumerate(codes, 1)]
        made.told(contact, *segments)
        if ends and 0 <= (start.date() - max(ends).date()).days <= 28:
            made.told(contact, "readmission-28?")
        ends.append(end)


def _contact(
    contact: str,
    record: str | None,
    kind: str,
    start: datetime,
    end: datetime | None,
    outcome: str | None,
    place: str | None = None,
) -> Row:
    agency = {"fire": "fire", "home": "district"}.get(kind[:4], "trust")
    return {
        "contact": contact,
        "agency": agency,
        "service": f"{agency}/{kind}",
        "record": record,
        "place": place,
        "start": start,
        "end": end,
        "precision": "second",
        "kind": kind,
        "outcome": outcome,
    }


def _reason(contact: str, system: str, code: str, position: int, agency: str = "trust") -> Row:
    return {"contact": contact, "agency": agency, "system": system, "code": code, "position": position}


FIRE = (
    ("fire_special_service", "Effecting entry/exit", "fire-effecting-entry"),
    ("fire_special_service", "Assist other agencies", "fire-assist-agencies"),
    ("fire_special_service", "Lift release", ""),
    ("fire_special_service", "Road traffic collision", ""),
    ("fire_false_alarm", "Due to apparatus", "fire-false-alarm"),
    ("fire_incident", "Accidental, dwelling, lone person over pensionable age", "fire-adf-vulnerable"),
    ("fire_incident", "Secondary fire, deliberate, refuse", "fire-secondary-deliberate"),
    ("fire_incident", "Primary fire, road vehicle", ""),
)


def fire_service(incidents: int = 4000, seed: int = 3) -> OwnRecords:
    """A fire service's own incidents, by place and without a single person."""
    made, rng = OwnRecords(), np.random.default_rng(seed)
    made.rows["place"] = [{"place": f"B{at}", "name": f"Building {at}"} for at in range(300)]
    alarms: dict[str, list[datetime]] = {}
    for at, day in enumerate(sorted(rng.integers(0, DAYS, incidents))):
        kind, reason, segment = FIRE[int(rng.integers(len(FIRE)))]
        start = FIRST + timedelta(days=int(day), minutes=at % 1440)
        where = f"B{int(300 * rng.random() ** 3)}"
        made.rows["contact"].append(_contact(f"I{at}", None, kind, start, None, None, where))
        made.rows["contact_reason"].append(_reason(f"I{at}", "incident-type", reason, 1, "fire"))
        if segment:
            made.told(f"I{at}", segment)
        if kind == "fire_false_alarm":
            before = [one for one in alarms.get(where, []) if 0 < (start - one).total_seconds() <= 365 * 86400]
            if len(before) >= 3:
                made.told(f"I{at}", "fire-false-alarm-repeat?")
            alarms.setdefault(where, []).append(start)
    return made


HOMELESS = (
    ("End of private rented tenancy - assured shorthold tenancy", "hml-ast-end"),
    ("Family no longer willing or able to accommodate", "hml-family-friends"),
    ("Left institution - prison", "hml-prison"),
    ("Required to leave accommodation provided by Home Office as asylum support", "hml-asylum"),
    ("Domestic abuse - victim", ""),
    ("Other", ""),
)


def district(applications: int = 1500, seed: int = 5) -> OwnRecords:
    """A district's own file of homelessness applications, with people and main reasons."""
    made, rng = OwnRecords(), np.random.default_rng(seed)
    seen: dict[str, list[datetime]] = {}
    for at, day in enumerate(sorted(rng.integers(0, DAYS, applications))):
        record = f"H{int(rng.integers(1100))}"
        reason, segment = HOMELESS[int(rng.integers(len(HOMELESS)))]
        start = FIRST + timedelta(days=int(day), minutes=at % 1440)
        made.rows["contact"].append(
            _contact(f"C{at}", record, "homelessness_application", start, None, "relief duty owed")
        )
        made.rows["contact_reason"].append(_reason(f"C{at}", "h-clic-reason", reason, 1, "district"))
        if segment:
            made.told(f"C{at}", segment)
        if any(0 < (start - one).total_seconds() <= 730 * 86400 for one in seen.get(record, [])):
            made.told(f"C{at}", "hml-repeat?")
        seen.setdefault(record, []).append(start)
    made.rows["record"] = [{"record": record, "agency": "district"} for record in seen]
    return made


def counted(made: OwnRecords, segment: str, back_days: int = 0) -> int:
    """Contacts of the segment by hand; for histories (marked ?) from so many days after the first contact of its
    kinds."""
    if f"{segment}?" not in made.truth:
        return len(made.truth.get(segment, ()))
    chosen = made.truth[f"{segment}?"]
    rows = {row["contact"]: row for row in made.rows["contact"]}
    kinds = {rows[one]["kind"] for one in chosen}
    first = min(row["start"] for row in rows.values() if row["kind"] in kinds)
    return sum(rows[one]["start"] >= first + timedelta(days=back_days) for one in chosen)
