"""Sixty rows more in the manners of real lists, judged by hand before the rules had seen them; and amounts of one cell,
each with its own words."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from headwater.partners.register import Known, list_of

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.domain.options import Listed

STYLES = (
    ("Wychavon; Malvern Hills", "One corporate management team across both councils", "mirror"),
    ("Suffolk Constabulary, Suffolk Fire & Rescue, EEAST", "Shared station at Sudbury", "integration"),
    (
        "Cornwall Council & RCHT & Volunteer Cornwall",
        "Community makers visit frail people after discharge so they do not come back",
        "upstream",
    ),
    ("Thames Valley Police; Hampshire Constabulary", "Joint information management unit", "mirror"),
    ("Calderdale MBC and Kirklees MC", "Registrars - single service manager", "mirror"),
    ("London Fire Brigade, London Ambulance Service, Met Police", "Co-responding to cardiac arrest", "integration"),
    ("Wigan Council; Wrightington Wigan & Leigh NHS FT; Bridgewater", "Integrated neighbourhood teams", "integration"),
    ("Essex CFRS / Essex Police", "Joint education team to reduce road deaths among young drivers", "upstream"),
    ("Northumbria Police and Durham Constabulary", "Shared underwater search unit", "mirror"),
    ("Eden, Allerdale", "Waste rounds", "mirror"),
    ("Rotherham, Doncaster, Barnsley, Sheffield (SY councils)", "Adoption agency", "mirror"),
    ("Wiltshire Police; Wiltshire Council", "Officers sit in council hubs", "integration"),
    ("LB Richmond upon Thames / LB Wandsworth", "Shared staffing arrangement", "mirror"),
    ("NHS Blood and Transplant, NHS BSA", "Shared payroll", "mirror"),
)
UNSURE = (
    # the sort of a body that only its "Health" or initials tell is not made up: no place, and no council
    ("Surrey & Sussex Healthcare, SECAmb, First Community", "Respiratory nurses ride in ambulances and treat at home"),
    ("Leicester, Leicestershire & Rutland ICB; DHU", "Falls pick-up crews so that no ambulance is sent"),
    ("Homes for Haringey + Whittington Health", "Damp repairs prescribed by asthma nurses"),
)
STATES = (
    ("Ceased trading 31/3/19", "2010", "ended"),
    ("Live - under review", "2015", "running"),
    ("Novated to Publica", "2013", "ended"),
    ("Terminated by mutual consent", "2012", "ended"),
    ("On hold", "2021", "paused"),
    ("Paused (Covid)", "2018", "paused"),
    ("Business case approved; starts April", "2026-09", "proposed"),
    ("Councils abolished 1.4.2019", "2011", "ended"),
    ("In-sourced 2022", "2012", "ended"),
    ("Extended to 2030", "2014", "running"),
    ("Shelved after consultation", "", "abandoned"),
    ("Voted down by full council", "", "refused"),
    ("BAU", "2016", "running"),
    ("Merged into Dorset Council", "2015", "ended"),
    ("Exploratory talks", "", "proposed"),
    ("Didn't proceed", "", "abandoned"),
    ("Withdrew (Rother) Mar 2020", "2012", "ended"),
    ("yes, since 2009", "2009", "running"),
    ("Wound-up", "2009", "ended"),
    ("Mobilising", "2026", "proposed"),
)
CLAIMS = (
    # cell, claim in pounds, a year, basis
    ("£5m capital receipt one-off; £200k running costs pa", 5000000.0, None, "in total"),
    ("£1.2m non-recurrent", 1200000.0, None, "in total"),
    ("£800k recurrent, £200k one off", 800000.0, 800000.0, "per year"),
    ("£200k one off and £800k recurrent", 200000.0, None, "in total"),
    ("GBP 1.4 million p/a from yr 3", 1400000.0, 1400000.0, "per year"),
    ("£450k (3 years)", 450000.0, 150000.0, "over 3 years"),
    ("£450k; 3-yr contract", 450000.0, 150000.0, "over 3 years"),
    ("circa £.5m pa", 500000.0, 500000.0, "per year"),
    ("£2.1m MTFP saving 2014/15-2017/18", 2100000.0, 525000.0, "over 4 years"),
    ("£60,000 each council p.a.", 60000.0, 120000.0, "per year"),
    ("£3m gross / £2.2m net per annum", 3000000.0, 3000000.0, "per year"),
    ("£350-£400k gross saving per annum", 350000.0, 350000.0, "per year"),
    ("saves 4 FTE (£160k pa)", 160000.0, 160000.0, "per year"),
    ("£1m+ to date", 1000000.0, None, "in total"),
    ("£25k pcm", 25000.0, 300000.0, "per month"),
    ("10% (£90k) yearly", 90000.0, 90000.0, "per year"),
    ("£1.3m (of which £0.4m cashable)", 1300000.0, None, "not said"),
    ("£12m by 2027", 12000000.0, None, "not said"),
    ("£0.75M/annum", 750000.0, 750000.0, "per year"),
    ("£600k over the four-year deal, £50k set-up", 600000.0, 150000.0, "over 4 years"),
    ("Target £900k pa; £300k pa achieved", 900000.0, 900000.0, "per year"),
    ("£3m p.a. (target), outturn -£2.4m", 3000000.0, 3000000.0, "per year"),
    ("£120k first year, £240k thereafter", 120000.0, None, "not said"),
    ("200 fewer bed days a month, worth £60k a month", 60000.0, 720000.0, "per month"),
)


def read(folder: Path, heading: tuple[str, ...], rows: Any) -> tuple[Listed, ...]:
    with (folder / "list.csv").open("w", newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return list_of(folder / "list.csv", Known(())).rows


def test_styles(tmp_path: Path) -> None:
    found = read(tmp_path, ("partners", "service"), [row[:2] for row in STYLES])
    assert [(row[0], one.style) for row, one in zip(STYLES, found, strict=True)] == [(row[0], row[2]) for row in STYLES]


def test_a_body_that_no_word_gives_a_sort_is_no_council(tmp_path: Path) -> None:
    found = read(tmp_path, ("partners", "service"), UNSURE)
    assert [one.style for one in found] == ["unsure"] * len(UNSURE)
    assert "Surrey & Sussex Healthcare" in found[0].partners


def test_states(tmp_path: Path) -> None:
    rows = [("Eden; Allerdale", "Waste", *row[:2]) for row in STATES]
    found = read(tmp_path, ("partners", "service", "status", "start"), rows)
    assert [(row[0], one.status) for row, one in zip(STATES, found, strict=True)] == [
        (row[0], row[2]) for row in STATES
    ]


@pytest.mark.parametrize(("cell", "gbp", "yearly", "basis"), CLAIMS, ids=[row[0] for row in CLAIMS])
def test_each_amount_has_its_own_words(tmp_path: Path, cell: str, gbp: float, yearly: float | None, basis: str) -> None:
    (one,) = read(tmp_path, ("partners", "service", "savings"), [("Eden; Allerdale", "Waste", cell)])
    assert (one.claim_gbp, one.claim_basis) == (gbp, basis)
    assert one.claim_gbp_per_year == (None if yearly is None else pytest.approx(yearly))


def test_what_came_once_is_not_made_yearly_by_a_heading_or_a_note(tmp_path: Path) -> None:
    heading = ("partners", "service", "annual savings", "notes")
    one, other = read(
        tmp_path,
        heading,
        [
            ("Eden; Allerdale", "Waste", "£5m capital receipt", "£200k pa running costs"),
            ("Eden; Allerdale", "Audit", "£5m", ""),
        ],
    )
    assert (one.claim_gbp, one.claim_gbp_per_year, one.claim_basis) == (5e6, None, "in total")
    assert (other.claim_gbp, other.claim_gbp_per_year) == (5e6, 5e6)


def test_a_loss_to_date_beside_a_target_is_told(tmp_path: Path) -> None:
    heading = ("partners", "service", "Annual saving", "Total saving to date")
    bad, good = read(
        tmp_path,
        heading,
        [
            ("Cheshire West and Chester; Cheshire East", "ICT", "£3m p.a. (target)", "-£2.4m"),
            ("Eden; Allerdale", "Waste", "£120,000", "£960,000"),
        ],
    )
    assert any(one.startswith("conflict: beside the £3,000,000") and "−£2,400,000" in one for one in bad.warnings)
    assert not [one for one in good.warnings if "beside the" in one]
