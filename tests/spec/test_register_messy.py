"""Lists as people keep them: who is named, what style it is, how it stands, what is claimed. Every row is made up in a
real list's manner."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from headwater.partners.register import Known, read_list
from headwater.partners.register.claims import basis_of, claimed, years_of
from headwater.partners.register.names import names_in
from headwater.partners.register.resolve import resolver

if TYPE_CHECKING:
    from pathlib import Path

MIRROR, INTEGRATION, UPSTREAM, UNSURE = "mirror", "integration", "upstream", "unsure"
ROWS = (
    # partners as written, what is shared, how many bodies that is, style
    ("LB Harrow, LB Barnet", "Legal", 2, MIRROR),
    ("LB Camden, LB Haringey & LB Islington", "ICT", 3, MIRROR),
    (
        "Broadland DC, Norwich City Council, South Norfolk Council and Kings Lynn & West Norfolk BC",
        "Building Control",
        4,
        MIRROR,
    ),
    ("Merton; Royal Borough of Kingston-upon-Thames; Richmond; Sutton", "Legal", 4, MIRROR),
    (
        "Devon & Somerset Fire and Rescue Service; Dorset Fire; Hampshire Fire; Wiltshire Fire",
        "Networked fire control",
        4,
        MIRROR,
    ),
    ("Canterbury / Dover / Thanet", "HR & ICT", 3, MIRROR),
    ("Canterbury/Dover/Thanet/Shepway", "Payroll", 4, MIRROR),
    ("Westminster & RBKC & LBHF", "Public health", 3, MIRROR),
    ("RBKC, H&F and Westminster City Council", "Libraries", 3, MIRROR),
    ("RBWM & Wokingham", "Building control", 2, MIRROR),
    ("BCP Council and Dorset Council", "Trading standards", 2, MIRROR),
    ("Bournemouth, Christchurch and Poole; Dorset", "Youth justice", 2, MIRROR),
    (
        "Worcestershire County Council; Bromsgrove; Redditch; Wyre Forest; Wychavon; Malvern Hills; Worcester City",
        "Regulatory",
        7,
        MIRROR,
    ),
    ("SWAP Internal Audit: Somerset, Dorset, Wiltshire", "Audit", 4, MIRROR),
    ("YPO; NEPO", "Procurement", 2, MIRROR),
    ("Cheshire East; Cheshire West & Chester; Warrington; Halton; Foster4", "Fostering", 5, MIRROR),
    ("Cheshire East, CWAC", "Shared back office", 2, MIRROR),
    ("Bath & North East Somerset, Bristol, North Somerset and South Gloucestershire", "Waste", 4, MIRROR),
    ("Brighton & Hove, East Sussex & Surrey", "Orbis: back office", 3, MIRROR),
    ("Herefordshire, County of; Worcestershire", "Music service", 2, MIRROR),
    ("Bristol, City of / South Gloucestershire", "Adoption", 2, MIRROR),
    ("Redcar and Cleveland and Middlesbrough", "Youth offending", 2, MIRROR),
    ("Babergh¹; Mid Suffolk²", "Joint management", 2, MIRROR),
    ("Adur*, Worthing*", "All services", 2, MIRROR),
    ("Taunton Deane[1], West Somerset[2]", "Joint management", 2, MIRROR),
    ("South Hams (lead), West Devon", "Management team", 2, MIRROR),
    ("High Peak Borough Council + Staffordshire Moorlands District Council", "Chief executive", 2, MIRROR),
    ("Kent & Essex Police", "Serious crime directorate", 2, MIRROR),
    ("Bedfordshire, Cambridgeshire and Hertfordshire Police", "Dogs and firearms", 3, MIRROR),
    ("Norfolk and Suffolk Constabularies", "Back office", 2, MIRROR),
    ("Surrey Police, Sussex Police", "ICT", 2, MIRROR),
    ("Devon and Cornwall Police; Dorset Police", "Strategic alliance", 2, MIRROR),
    ("GMP; West Yorkshire Police", "Forensics", 2, MIRROR),
    ("Hereford & Worcester Fire, Shropshire Fire", "Control room", 2, MIRROR),
    ("Hertfordshire FRS / Norfolk FRS / Lincolnshire FRS / Humberside FRS", "East coast control", 4, MIRROR),
    ("NWAS; YAS", "Fleet", 2, MIRROR),
    ("HMRC; DVSA", "Debt collection", 2, MIRROR),
    ("DWP, HMRC & Home Office", "Shared estates", 3, MIRROR),
    ("Manchester University NHS FT; Tameside NHS Trust", "Pathology", 2, MIRROR),
    ("Pennine Acute Hospitals NHS Trust, Salford Royal NHS Foundation Trust", "Group management", 2, MIRROR),
    ("City Hospitals Sunderland; South Tyneside NHS Foundation Trust", "Management", 2, MIRROR),
    ("Sunderland CCG, Gateshead CCG", "Commissioning support", 2, MIRROR),
    ("University of Leeds; Leeds City College", "Procurement", 2, MIRROR),
    ("Council A; Council B; and others", "Waste", 2, MIRROR),
    ("Hampshire Fire and Rescue; Hampshire Constabulary", "HQ at Eastleigh", 2, INTEGRATION),
    ("Northamptonshire Police & Northamptonshire Fire and Rescue", "Interoperability programme", 2, INTEGRATION),
    (
        "Devon and Cornwall Police, Cornwall Fire and Rescue, SWAST, Cornwall Council",
        "Tri-service officers",
        4,
        INTEGRATION,
    ),
    ("Hampshire CC, Hampshire Police, Hampshire Fire", "H3 back office to reduce costs", 3, INTEGRATION),
    ("Calderdale; West Yorkshire Police", "Enforcement action week", 2, INTEGRATION),
    ("Kent Police; Thanet; HMRC", "Task force", 3, INTEGRATION),
    ("Essex County Council; Mid Essex CCG", "Joint commissioning", 2, INTEGRATION),
    ("Salford City Council; Salford Royal NHS Foundation Trust", "Integrated care organisation", 2, INTEGRATION),
    ("NHS Property Services; Kent County Council", "One public estate", 2, INTEGRATION),
    ("Police and Crime Commissioner for Dorset / Dorset Council", "Community safety", 2, INTEGRATION),
    ("Capita plc; Barnet", "Customer services", 2, INTEGRATION),
    ("Northshire Police, Northshire Homes", "Neighbourhood team to avoid duplication of management", 2, INTEGRATION),
    ("Rushcliffe CCG; Principia; 22 care homes", "Enhanced health in care homes", 3, UPSTREAM),
    ("Wick GP Alliance, Wick General Hospital", "Care plans so that fewer attend A&E", 2, UPSTREAM),
    (
        "Merseyside Fire & Rescue; Mersey Care mental health trust; Liverpool",
        "Safe and well visits to prevent falls",
        3,
        UPSTREAM,
    ),
    (
        "Age UK Cornwall; Royal Cornwall Hospitals NHS Trust; Cornwall Council",
        "Living well: fewer admissions",
        3,
        UPSTREAM,
    ),
    ("Blackpool CCG & Lancashire Police & NWAS", "High intensity users: reducing 999 calls", 3, UPSTREAM),
    ("North East London ICB; Barts Health NHS Trust", "Social prescribing for frequent attenders", 2, UPSTREAM),
    ("23 vanguards", "New care models", 1, UPSTREAM),
    ("Wick General Hospital; Something Else 42", "A joint thing", 2, UNSURE),
    ("Cherwell", "Shared legal service", 1, UNSURE),
    ("", "Shared something", 0, UNSURE),
    ("Acme Widgets; Blah Group", "Assorted", 2, UNSURE),
)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    file = tmp_path_factory.mktemp("list") / "messy.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("Partners", "Services shared"))
        writer.writerows((partners, service) for partners, service, *_ in ROWS)
    return list(read_list(file, Known(())))


def test_there_are_rows_enough() -> None:
    assert len(ROWS) >= 60


@pytest.mark.parametrize("at", range(len(ROWS)), ids=[row[0][:40] or "nobody" for row in ROWS])
def test_who_is_named_and_what_style_it_is(read: list, at: int) -> None:  # type: ignore[type-arg]
    partners, _, number, style = ROWS[at]
    found = read[at]
    assert len(found.partners) == number, (partners, found.partners)
    assert found.style == style, (found.partners, found.style_reason)


def test_reasons_are_true(read: list) -> None:  # type: ignore[type-arg]
    told = {row[0]: found.style_reason for row, found in zip(ROWS, read, strict=True)}
    assert "government department" in told["HMRC; DVSA"]
    assert "hospital-trust" in told["Manchester University NHS FT; Tameside NHS Trust"]
    assert "Thanet: places by name" in told["Kent Police; Thanet; HMRC"]
    assert "government department" in told["Kent Police; Thanet; HMRC"]
    assert "Foster4 is taken as the name" in told["Cheshire East; Cheshire West & Chester; Warrington; Halton; Foster4"]
    assert "buying organisation" in told["YPO; NEPO"]


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Westminster & RBKC & LBHF", ("Westminster", "Kensington and Chelsea", "Hammersmith and Fulham")),
        (
            "Bedfordshire, Cambridgeshire and Hertfordshire Police",
            ("Bedfordshire Police", "Cambridgeshire Police", "Hertfordshire Police"),
        ),
        ("Dover3, Thanet (lead)", ("Dover3", "Thanet")),
        ("Dover District Council3; Thanet", ("Dover District Council", "Thanet")),
        ("Bournemouth, Christchurch and Poole", ("Bournemouth, Christchurch and Poole",)),
        (
            "Health and Social Care Partnership / Fire and Rescue Authority",
            ("Health and Social Care Partnership", "Fire and Rescue Authority"),
        ),
        ("Adur; Adur; Worthing and other councils", ("Adur", "Worthing")),
    ],
)
def test_names_in_a_cell(cell: str, names: tuple[str, ...]) -> None:
    assert names_in(cell, resolver(())) == names


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({"status": "Active"}, "running"),
        ({"status": "abandoned before start (2010)"}, "abandoned"),
        ({"text": "proposed; did not proceed"}, "abandoned"),
        ({"text": "rejected by members: too costly"}, "refused on cost"),
        ({"text": "not pursued on cost grounds"}, "refused on cost"),
        ({"text": "the business case did not stack up; costs did not add up"}, "refused on cost"),
        ({"status": "ended 2018 (H&F left)"}, "ended"),
        ({"start": "2011-2018"}, "ended"),
        ({"start": "2012", "end": "2016"}, "ended"),
        ({"start": "2019-09", "status": "one week"}, "ended"),
        ({"start": "2009-10"}, "running"),
        ({"start": "2012"}, "running"),
        ({"text": "contract extended and recommended to others"}, "running"),
        ({"status": "proposed"}, "proposed"),
        ({"start": "2016", "text": "savings were higher than planned"}, "running"),
        ({"text": "outline business case out for consultation"}, "proposed"),
        ({"start": "2090"}, "proposed"),
        ({"text": "service taken back in-house, until 2015"}, "ended"),
        ({}, "not said"),
    ],
)
def test_how_it_stands(tmp_path: Path, columns: dict[str, str], status: str) -> None:
    given = {"partners": "Ashby Council; Barton Council", "service": "waste", **columns}
    file = tmp_path / "list.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows((list(given), list(given.values())))
    (found,) = read_list(file, Known(()))
    assert found.status == status, found.status_reason


@pytest.mark.parametrize(
    ("cell", "words", "gbp", "yearly"),
    [
        ("£1.3m pa", "", 1.3e6, 1.3e6),
        ("£4,400,000", "over five years", 4.4e6, 880e3),
        ("c. £250k p.a.", "", 250e3, 250e3),
        ("£20k a month", "", 20e3, 240e3),
        ("600000", "per year each service", 600e3, 1.2e6),
        ("£1.5m", "a five-year contract", 1.5e6, 300e3),
        ("£1.5m", "over a 3-year period", 1.5e6, 500e3),
        ("£80m", "a total", 80e6, None),
        ("120% of cost", "per year", None, None),
        ("10-15%", "of the budget", None, None),
        ("costs £200k higher", "per year", None, None),
        ("£5m", "costs were £5m higher a year", None, None),
        ("£5m", "saves £5m a year; costs of £2m to set up", 5e6, 5e6),
        ("12%", "12% of cost and £300k per year", 300e3, 300e3),
        ("", "costs rose by £300,000 a year", None, None),
        ("£2m saving after set-up cost of £500k", "", 2e6, None),
        ("saves £90,000 annually", "", 90e3, 90e3),
        ("None", "", None, None),
        ("tbc", "", None, None),
    ],
)
def test_claims_are_a_year_of_all_partners_or_not_at_all(
    cell: str, words: str, gbp: float | None, yearly: float | None
) -> None:
    found = claimed(cell, words)
    assert found.gbp == gbp
    assert found.yearly_gbp(2) == (pytest.approx(yearly) if yearly is not None else None)


def test_further_amounts_and_percentages_are_kept() -> None:
    found = claimed("£700k", "per year by 2015/16; 1.5m next year from integration; 12 % of the budget")
    assert (found.others, found.percent) == ((1.5e6,), (12.0,))
    assert claimed("cost £200k higher than planned", "").dearer


def test_bases_in_words() -> None:
    assert [basis_of(words, years_of(words)) for words in ("a year", "over six years", "monthly", "to date", "")] == [
        "per year",
        "over 6 years",
        "per month",
        "in total",
        "not said",
    ]
