"""The county's registers: organisations, services, posts, assets, spend, areas and streets, and collaborations known
elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Rows = list[dict[str, object]]

AREAS = 20
STREETS = 240
# Eight districts of two counties: population, easting, northing in km, county; two pairs are near twins and neighbours.
DISTRICTS = {
    "ashford": (118_000, 412, 318, "northshire"),
    "bramley": (112_000, 421, 321, "northshire"),
    "carrow": (64_000, 440, 342, "northshire"),
    "denholm": (61_000, 448, 337, "northshire"),
    "elsworth": (205_000, 398, 355, "northshire"),
    "fenwick": (88_000, 377, 301, "northshire"),
    "garrow": (93_000, 352, 270, "westmarch"),
    "harling": (131_000, 470, 285, "westmarch"),
}
PEOPLE = sum(people for people, *_, county in DISTRICTS.values() if county == "northshire")
"""Of the whole place, whose posts, stations and spending the registers hold; the records hold a part of them, chosen by
lot."""
ALIKE = (("council-ashford", "council-bramley"), ("council-carrow", "council-denholm"))
OFFSET = ("council-elsworth", "council-fenwick")
"""Neighbours whose leaders are paid so differently that one set would cost what two did."""

AGENCIES = {
    # code: (name, sort, kinds of contact with service, standard code and whether it could act upstream)
    "hospital": (
        "Northshire General Hospital",
        "hospital-trust",
        (
            ("ae_attendance", "Emergency department", False),
            ("emergency_admission", "Emergency wards", False),
            ("fracture_attendance", "Fracture clinic", False),
            ("outpatient_appointment", "Outpatients", False),
        ),
    ),
    "ambulance": ("Northshire Ambulance Service", "ambulance", (("ambulance_call", "999 response", False),)),
    "gp": ("Northshire GP Alliance", "gp", (("gp_contact", "General practice", True),)),
    "community": (
        "Northshire Community Health",
        "community-trust",
        (("community_nursing", "Community nursing", True),),
    ),
    "social-care": ("Northshire Adult Social Care", "social-care", (("social_care_visit", "Home care", True),)),
    "care-home": ("Meadow Care Homes", "care-home", (("respite_stay", "Respite", True),)),
    "mental-health": (
        "Northshire Mental Health",
        "mental-health-trust",
        (("mental_health_contact", "Community mental health", True),),
    ),
    "housing": ("Northshire Homes", "housing", (("housing_contact", "Tenancy support", True),)),
    "police": ("Northshire Police", "police", (("police_incident", "Neighbourhood policing", False),)),
    "fire": (
        "Northshire Fire and Rescue",
        "fire",
        (("home_safety_visit", "Home safety", True), ("fire_incident", "Fire response", False)),
    ),
    "advice-line": ("Northshire Advice Line", "advice", (("advice_line_call", "Health advice line", True),)),
}
PAYERS = {
    "icb": ("Northshire Integrated Care Board", "commissioner"),
    "council-social-care": ("Northshire County Council, social care budget", "council-county"),
}
"""Bodies that pay and give no records."""
BENEFITS = ("benefits_claim", "Benefits", "57")
COUNCIL_SERVICES = (
    BENEFITS,
    ("", "Refuse collection", "524"),
    ("", "Planning applications", "485"),
    ("", "Council tax", "59"),
    ("", "Electoral registration", "364"),
)


def organisations() -> Rows:
    rows: Rows = [
        {
            "code": code,
            "name": name,
            "sort": sort,
            "tier": "",
            "county": "",
            "population": PEOPLE,
            "x": 415_000 + 900 * at,
            "y": 322_000 + 700 * at,
        }
        for at, (code, (name, sort)) in enumerate(
            [*((code, body[:2]) for code, body in AGENCIES.items()), *PAYERS.items()]
        )
    ]
    return rows + [
        {
            "code": f"council-{name}",
            "name": f"{name.title()} District Council",
            "sort": "council-district",
            "tier": "district",
            "county": county,
            "population": people,
            "x": 1000 * x,
            "y": 1000 * y,
        }
        for name, (people, x, y, county) in DISTRICTS.items()
    ]


def services() -> Rows:
    rows: Rows = [
        {
            "code": f"{code}/{kind}",
            "by": code,
            "name": name,
            "standard": "",
            "kind": kind,
            "function": "",
            "upstream": "yes" if upstream else "no",
        }
        for code, (_, _, given) in AGENCIES.items()
        for kind, name, upstream in given
    ]
    return rows + [
        {
            "code": f"council-{district}/{standard}",
            "by": f"council-{district}",
            "name": name,
            "standard": standard,
            "kind": kind,
            "function": name.lower(),
            "upstream": "yes" if kind else "no",
        }
        for district in DISTRICTS
        for kind, name, standard in COUNCIL_SERVICES
    ]


def posts() -> Rows:
    """Chief executive, directors and heads; and the benefits service's head, team managers and officers."""
    rows: Rows = []
    for district, (people, *_) in DISTRICTS.items():
        pay = {"elsworth": 1.35, "fenwick": 0.72}.get(district, 1.0)
        size = people / 100_000
        for title, service, layer, number, salary in _establishment(size):
            code = f"{district}-{len(rows):04d}"
            rows.append(
                {
                    "code": code,
                    "by": f"council-{district}",
                    "title": title,
                    "service": service and f"council-{district}/{service}",
                    "layer": layer,
                    "fte": number,
                    "salary": round(salary * pay, -2),
                }
            )
    return rows


def _establishment(size: float) -> list[tuple[str, str, int, float, float]]:
    officers = round(26 * size)
    return [
        ("Chief executive", "", 1, 1.0, 128_000),
        ("Directors", "", 2, max(2.0, round(2.6 * size)), 92_000),
        ("Heads of service", "", 3, max(5.0, round(6.0 * size)), 68_000),
        ("Head of benefits", "57", 3, 1.0, 62_000),
        ("Benefits team managers", "57", 4, float(max(2, round(officers / 7))), 44_000),
        ("Benefits officers", "57", 5, float(officers), 29_500),
    ]


def assets() -> Rows:
    kinds = (
        ("police", "police station", 240_000),
        ("fire", "fire station", 310_000),
        ("ambulance", "ambulance station", 190_000),
    )
    return [
        {
            "code": f"{code}-{name}",
            "by": code,
            "kind": kind,
            "x": 1000 * x + 300 * at,
            "y": 1000 * y - 200 * at,
            "estate": cost,
            "crews": 2 + at,
        }
        for at, (code, kind, cost) in enumerate(kinds)
        for name, (_, x, y, _) in list(DISTRICTS.items())[:6]
    ]


def spend() -> Rows:
    lines = (("Benefits administration", 9.0), ("Central services", 21.0), ("Environmental services", 48.0))
    return [
        {"by": f"council-{name}", "line": line, "year": year, "pounds": round(people * each * (1.02**at), -3)}
        for name, (people, *_) in DISTRICTS.items()
        for line, each in lines
        for at, year in enumerate(("2022-23", "2023-24"))
    ]


def deprivations() -> NDArray[np.int64]:
    """int64[area]: decile of deprivation of each area."""
    return np.array([1 + (7 * at) % 10 for at in range(AREAS)], dtype=np.int64)


def places(rng: np.random.Generator) -> Rows:
    """Areas, and streets around their area's centre."""
    decile = deprivations()
    centre = [(409_000 + 2_600 * (at % 5), 314_000 + 2_400 * (at // 5)) for at in range(AREAS)]
    rows: Rows = [
        {
            "code": f"area-{at + 1:02d}",
            "name": f"Area {at + 1}",
            "in": "",
            "x": x,
            "y": y,
            "people": PEOPLE // AREAS,
            "decile": int(decile[at]),
        }
        for at, (x, y) in enumerate(centre)
    ]
    for street in range(STREETS):
        at = street % AREAS
        x, y = centre[at]
        rows.append(
            {
                "code": f"street-{street + 1:04d}",
                "name": f"Street {street + 1}",
                "in": f"area-{at + 1:02d}",
                "x": int(x + rng.normal(0, 420)),
                "y": int(y + rng.normal(0, 420)),
                "people": int(rng.integers(90, 420)),
                "decile": int(decile[at]),
            }
        )
    return rows


def known_collaborations() -> Rows:
    """A list such as a national map of shared services, with claims that conflict and one that cannot be."""
    columns = ("partners", "service", "since", "claim", "basis", "text")
    police = "Northshire Police; Northshire Fire and Rescue"
    care = "Northshire GP Alliance; Northshire Community Health; Northshire General Hospital"
    attenders = "care planning for frequent attenders to reduce A&E attendances"
    listed = [
        (
            "Ashford District Council; Bramley District Council",
            "shared internal audit",
            "2019",
            60000,
            "per year",
            "saves £60,000 a year",
        ),
        (
            "Carrow District Council; Denholm District Council",
            "shared chief executive",
            "2021",
            110000,
            "per year",
            "£110,000 a year, self-reported",
        ),
        (police, "shared station at Carrow", "2020", 95000, "per year", "£95,000 a year running costs"),
        (
            f"{police}; Ashford District Council",
            "enforcement action week",
            "2022",
            None,
            "",
            "12 notices, no saving claimed",
        ),
        (care, attenders, "2023", 2400000, "per year", "attendances of 240 patients down 61 %, £2.4m a year"),
        (care, attenders, "2023", 310000, "per year", "£310,000 a year"),
        ("Elsworth District Council; Oldmere Borough Council", "benefits", "2015", None, "", "ended"),
        (
            "Northshire Fire and Rescue; Northshire Homes",
            "home safety visits so that fewer fires occur",
            "2021",
            9000000,
            "per year",
            "£9m from 120 visits",
        ),
    ]
    return [{"id": f"K{at}", **dict(zip(columns, row, strict=True))} for at, row in enumerate(listed, 1)]


def local_prices() -> Rows:
    """What the county's own finance teams reckon for services that no published table prices; made up, and says so."""
    each = {
        "social_care_visit": (24, "visit"),
        "respite_stay": (1160, "stay"),
        "housing_contact": (48, "contact"),
        "home_safety_visit": (74, "visit"),
        "benefits_claim": (52, "claim"),
        "advice_line_call": (13, "call"),
        "fracture_attendance": (135, "attendance"),
        "outpatient_appointment": (160, "appointment"),
    }
    return [
        {
            "price": f"LOCAL-{kind}",
            "kind": kind,
            "about": "local finance team's estimate",
            "gbp": gbp,
            "unit": unit,
            "price_year": 2023,
            "perspective": "fiscal",
            "bearer": "",
            "source": "made up for the demonstration county",
            "edition": "2024",
            "licence": "CC0",
        }
        for kind, (gbp, unit) in each.items()
    ]
