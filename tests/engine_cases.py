"""Generated cases for both engines: people, their records, contacts and windows, and the settings of every named stage.

A Spark job costs about a second however little it does, so all cases share each job: a case's people, records and
places carry its number, no stage joins one case to another, and a difference names its case.
"""

from __future__ import annotations

import importlib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from headwater.domain.tables import TABLES
from headwater.partners.segments.definitions import parsed
from headwater.partners.segments.stages import reason_conditions
from headwater.store import Stage, arrow_schema

SOURCE = Path(__file__).resolve().parents[1] / "src"

CASES = 520
KINDS = ("ae_attendance", "police_incident", "home_visit")
AGENCIES = ("council", "hospital", "police")
EDGES = [
    datetime(2023, 12, 31, 23, 59, 59),
    datetime(2024, 1, 1),
    datetime(2024, 2, 29, 12),
    datetime(2024, 3, 31, 1, 30),
    datetime(2024, 10, 27, 1, 30),
    datetime(2023, 1, 1),
    datetime(2023, 7, 3),
    datetime(2023, 7, 2, 23, 59),
]
"""Ends of years, months and weeks, a leap day, and the hours at which the clocks change."""
ALL_YEARS = (0, 4_102_444_800)
SEGMENTS = parsed(
    {
        "segment": [
            {
                "id": name,
                "name": name,
                "kinds": kinds,
                "where": where,
                "mechanism": "prevention",
                "upstream": ["a"],
                "source": "made up",
                "edition": "1",
                "grade": "part",
            }
            for name, kinds, where in (
                (
                    "falls",
                    ["ae_attendance"],
                    [
                        [
                            {"age": [20, 80]},
                            {"system": "icd10", "at": "first", "code": "S|T"},
                            {"system": "icd10", "at": "other", "code": "W[01]"},
                        ]
                    ],
                ),
                (
                    "no-operation",
                    ["ae_attendance", "police_incident"],
                    [[{"system": "opcs4", "code": ".", "but": "X9", "absent": True}], [{"word": "fall(s|en)?\\b"}]],
                ),
                ("again", ["home_visit"], [[{"before": {"days": 90, "at_least": 1}}]]),
                (
                    "soon-after",
                    ["police_incident"],
                    [[{"before": {"days": 28, "at_least": 1, "ended": True, "kinds": ["ae_attendance"]}}]],
                ),
                (
                    "at-places",
                    ["ae_attendance"],
                    [
                        [{"before": {"days": 400, "at_least": 2, "by": "place", "including": True}}],
                        [{"top": {"share": 0.2, "by": "place"}}],
                    ],
                ),
                ("at-night", ["police_incident"], [[{"hours": [20, 5]}, {"word": "police", "of": "kind"}]]),
                ("frail", ["ae_attendance"], [[{"frailty": [1, 90]}, {"nights": [0, 3]}]]),
            )
        ]
    },
    "cases",
)
SEGMENTED = {"segments": SEGMENTS, "admissions": ("ae_attendance",)}
REASONS = (
    ("icd10", "S72.0"),
    ("icd10", "W01"),
    ("ICD10", "f00.1"),
    ("opcs4", "W40.1"),
    ("opcs4", "X90"),
    ("local", "Fallen_in street"),
    ("local", "é"),
    ("icd10", "G81.9"),
)
OBSERVED = {"from": "2022-01-01", "to": "2024-12-31"}
SETTINGS: dict[str, dict[str, Any]] = {
    "link_record": {"single": ["hospital"]},
    **dict.fromkeys(("person_link", "person", "person_contact", "person_enrolment", "person_observation"), OBSERVED),
    # Prices that no decimal holds exactly.
    "person_agency": {
        key: {"ae_attendance": 126.76, "police_incident": 1 / 3, "home_visit": 1e-07}
        for key in ("prices", "freed", "cash")
    },
    "candidate_window": {"kinds": sorted(KINDS)},
    **dict.fromkeys(("segment_reason", "segment_contact", "segment_frailty"), SEGMENTED),
    "segment_member": {
        "told": SEGMENTS,
        "conditions": reason_conditions(SEGMENTS),
        "spans": {one.id: ALL_YEARS for one in SEGMENTS},
        "agencies": (),
    },
}
"""Every named stage of the house, with the settings it is judged under."""


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


moments = st.sampled_from(EDGES) | st.datetimes(datetime(2022, 1, 1), datetime(2024, 12, 31)).map(
    lambda one: one.replace(microsecond=0)
)
days = moments.map(datetime.date)
amounts = st.none() | st.floats(0, 1e6, allow_nan=False)


typed = st.text(st.sampled_from("aeghoßÉéıİłøŒΣЖ李 '-.,|1é\u0301\u00a0\t\n\x00" + "rdst"), max_size=12)
"""What people and systems type: accents whole and combined, letters whose capitals are two, other alphabets, breaks of
lines."""
given_names = maybe("Ann", "Ánn", "Mrs. Ann Mary", "dr  Ann", "Baby of", "X", "José") | typed
family_names = maybe("Lee", "O'Lee", "Smith-Jones", "SMITH JONES", "Müller", "unknown") | typed
addresses = (
    maybe("12 High St", "12a high street", "Flat 3, 7 The Ave", "The Old Rectory", "1-3 Mill Rd.", "12 High St,\n")
    | typed
)
postcodes = maybe("NN1 2AB", "nn12ab", "ZZ99 3VZ", "N1", "NN1  2AB\n") | typed
births = maybe(date(1950, 2, 28), date(2004, 2, 29), date(1900, 1, 1), date(1899, 12, 31))
records = st.fixed_dictionaries(
    {
        "agency": st.sampled_from(AGENCIES),
        "nhs_number": maybe("1", "2"),
        "local_key": maybe("K"),
        "given_name": given_names,
        "family_name": family_names,
        "birth_date": births,
        "sex": maybe("female", "male", "unknown", ""),
        "address": addresses,
        "postcode": postcodes,
        "area": maybe("north", "south"),
        "deprivation": maybe(1, 10),
        "person": st.integers(0, 2),
    }
)
visits = st.fixed_dictionaries(
    {
        "record": st.integers(0, 4),
        "start": moments,
        "kind": st.sampled_from(KINDS),
        "quantity": amounts,
        "place": maybe("x", "y"),
        "precision": st.sampled_from(("second", "day")),
        "twice": st.booleans(),
        "service": st.sampled_from(("s1", "s1", "unheard-of")),
    }
)
windows = st.fixed_dictionaries(
    {"record": st.integers(0, 4), "from": days, "to": days, "why_ended": maybe("death", "moved", "study-end")}
)
enrolments = st.fixed_dictionaries({"record": st.integers(0, 4), "start": days, "end": st.none() | days})
candidates = st.fixed_dictionaries({"person": st.integers(0, 2), "index": days, "follow": st.integers(1, 400)})
cases = st.fixed_dictionaries(
    {
        "records": st.lists(records, min_size=1, max_size=5),
        "visits": st.lists(visits, max_size=8),
        "windows": st.lists(windows, max_size=3),
        "enrolments": st.lists(enrolments, max_size=3),
        "candidates": st.lists(candidates, max_size=3),
    }
)


def generated(count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def collect(case: dict[str, Any]) -> None:
        found.append(case)

    collect()
    return found[:count]


def tables_of(found: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """The declared tables of all cases together."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            "record",
            "person_link",
            "contact",
            "observation",
            "enrolment",
            "candidate",
            "place",
            "contact_reason",
        )
    }
    for at, case in enumerate(found):
        own, held = f"c{at:03}-", case["records"]
        record = [(f"{own}r{n}", one["agency"]) for n, one in enumerate(held)]
        for (name, agency), one in zip(record, held, strict=True):
            keys = {key: one[key] and own + one[key] for key in ("nhs_number", "local_key")}
            rows["record"].append({**one, **keys, "record": name})
            rows["person_link"].append(
                {"record": name, "agency": agency, "person": f"{own}p{one['person']}", "weight": 0.5, "run": 0}
            )
        for n, one in enumerate(case["visits"]):
            name, agency = record[one["record"] % len(record)]
            rows["contact"].append(
                {
                    **one,
                    "contact": f"{own}v{n}",
                    "record": name,
                    "agency": agency,
                    "place": one["place"] and own + one["place"],
                }
            )
            rows["contact_reason"] += [
                {
                    "contact": f"{own}v{n}",
                    "agency": agency,
                    "system": system,
                    "code": code,
                    "position": place + 1 if place else None,
                }
                for place, (system, code) in enumerate(REASONS[(at + 3 * n) % 8 :][: (at + n) % 4])
            ]
        for part, table in (("windows", "observation"), ("enrolments", "enrolment")):
            for one in case[part]:
                name, agency = record[one["record"] % len(record)]
                rows[table].append({**one, "record": name, "agency": agency, "collaboration": "team"})
        for one in case["candidates"]:
            index = (one["index"] - date(1970, 1, 1)).days
            rows["candidate"].append(
                {"person": f"{own}p{one['person']}", "index_day": index, "end_day": index + one["follow"]}
            )
        rows["place"] += [{"place": own + name, "population": 1000.0} for name in "xy"]
    made = {name: pa.Table.from_pylist(rows[name], arrow_schema(TABLES[name])) for name in rows if name in TABLES}
    made["candidate"] = pa.Table.from_pylist([{"unit": n, **one} for n, one in enumerate(rows["candidate"])])
    return made


def named_stages() -> dict[str, Stage]:
    """Every named stage of the source, by the table it makes: found by reading every module that makes one."""
    found: dict[str, Stage] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        if len(re.findall(r"(?<!class )\bStage\(", file.read_text(encoding="utf-8"))):
            module = importlib.import_module(".".join(file.relative_to(SOURCE).with_suffix("").parts))
            values = [
                one for value in vars(module).values() for one in (value if isinstance(value, tuple) else (value,))
            ]
            found |= {
                one.makes: one for one in values if isinstance(one, Stage) and one.make.__module__ == module.__name__
            }
    return found
