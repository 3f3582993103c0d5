"""The register of collaborations: a stranger's list read, resolved, classified by rule, its claims set against what
things cost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from headwater.domain.collaboration import Organisation
from headwater.domain.errors import DataProblem
from headwater.domain.money import Perspective, Price
from headwater.partners.register import Known, read_list, resolver
from headwater.partners.register.claims import amount, impossible, kind, period, too_large, whose

if TYPE_CHECKING:
    from pathlib import Path

BODIES = (
    Organisation("CHR", "Cherwell", "Non-metropolitan district"),
    Organisation("SNR", "South Northamptonshire", "Non-metropolitan district", end=date(2021, 4, 1), successor="WNT"),
    Organisation("WNT", "West Northamptonshire", "Unitary authority", start=date(2021, 4, 1)),
    Organisation("DOR", "Dorset County", "County", end=date(2019, 3, 31), successor="DST"),
    Organisation("DST", "Dorset", "Unitary authority", start=date(2019, 4, 1)),
)
PRICES = {
    name: Price(name, name, "", gbp, "contact", 2024, Perspective.FISCAL, "", "NHS England", "2024/25", "OGL")
    for name, gbp in (("ae_attendance", 126.76), ("emergency_admission", 2711.36))
}
KNOWN = Known(BODIES, PRICES, {"CHR": 20e6, "SNR": 10e6})


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "list.csv"
    file.write_text(text, encoding=encoding)
    return file


def test_a_name_means_the_body_that_bore_it_on_the_day() -> None:
    find = resolver(BODIES)
    assert [find("Dorset Council", date(year, 12, 31)).organisation for year in (2015, 2022)] == ["DOR", "DST"]  # type: ignore[union-attr]
    assert find("Dorset", None).organisation == "DST"  # type: ignore[union-attr]
    assert find("snr", None).organisation == "SNR"  # type: ignore[union-attr]
    assert find("Nowhere", None) is None


@pytest.mark.parametrize(
    ("partners", "service", "style"),
    [
        ("Cherwell|South Northamptonshire", "shared management", "mirror"),
        ("Kent Police; Kent Fire and Rescue", "shared headquarters", "integration"),
        ("Wick GP Alliance; Wick General Hospital", "care plans so that fewer attend A&E", "upstream"),
        ("Wick General Hospital; Something Else 42", "a joint thing", "unsure"),
        ("Cherwell", "shared legal service", "unsure"),
    ],
)
def test_style_is_by_rule_and_says_why(tmp_path: Path, partners: str, service: str, style: str) -> None:
    found = read_list(written(tmp_path, f"partners,service\n{partners},{service}\n"), KNOWN)[0]
    assert found.style == style
    assert found.style_reason


def test_a_body_that_is_gone_is_named_with_its_successor(tmp_path: Path) -> None:
    found = read_list(written(tmp_path, "partners,service,start\nCherwell|South Northamptonshire,legal,2011\n"), KNOWN)[
        0
    ]
    assert found.organisations == ("CHR", "SNR")
    assert "its successor is West Northamptonshire (WNT)" in found.warnings[0]


def test_claim_kind_period_and_whose_are_kept(tmp_path: Path) -> None:
    text = (
        'partners,service,saving_gbp,saving_basis,claim\nCherwell|South Northamptonshire,team,£1.2m,"per year, both'
        ' councils combined",achieved (self-reported)\n'
    )
    found = read_list(written(tmp_path, text), KNOWN)[0]
    assert (found.claim_gbp, found.claim_kind, found.claim_period, found.claim_bearer) == (
        1.2e6,
        "self-reported",
        "per year",
        "both councils combined",
    )


def test_plans_above_what_a_contact_costs_are_warned_of() -> None:
    # Health Service Journal 7020154 on 15 vanguards: £107m for 43,000 admissions, £36m for 109,000 attendances.
    told = list(impossible(None, "£107m/43,000 EAs; £36m/109,000 A&E", PRICES))
    assert told[0].startswith("doubtful: £107,000,000 over 43,000 EAs is £2,488 for each, 92%")
    assert told[1].startswith("cannot be: £36,000,000 over 109,000 A&E is £330 for each, 2.6 times")
    assert not list(impossible(3000.0, "£3,000 from 100 A&E attendances", PRICES))
    assert "more than any unit" in next(impossible(9e6, "£9m from 120 visits", {}))


def test_a_claim_beside_all_that_the_partners_spend() -> None:
    assert not list(too_large(2e6, 2, (20e6, 10e6)))
    assert "20%" in next(too_large(6e6, 2, (20e6, 10e6)))
    assert not list(too_large(None, 2, (20e6, 10e6)))
    assert next(too_large(60e6, 2, (20e6, 10e6))).startswith("cannot be")
    assert not list(too_large(6e6, 2, (20e6, 0.0)))
    assert "what these spend is not known" in next(too_large(60e6, 2, (20e6, 0.0)))


def test_two_claims_on_one_thing_conflict(tmp_path: Path) -> None:
    text = (
        "id,partners,service,claim,period\nA,Cherwell|South Northamptonshire,team,100000,per year\nB,South"
        " Northamptonshire|Cherwell,team,400000,per year\n"
    )
    found = read_list(written(tmp_path, text), KNOWN)
    assert [one.warnings[0].split(" for ")[0] for one in found] == [
        "conflict: B claims £400,000 (£400,000 a year together)",
        "conflict: A claims £100,000 (£100,000 a year together)",
    ]


@pytest.mark.parametrize(
    ("one", "other", "conflict"),
    [
        (
            "A|B,joint legal service,2012,£4.4m,over five years",
            "B|A,HB Law shared legal,2012,£190k,over first three years",
            True,
        ),
        (
            "A|B,joint chief executive and senior management,,£1.5m,over four years",
            "B|A,joint chief executive,,£8.5m,over 4 years",
            True,
        ),
        ("A|B|C,adults and libraries,2011,£43m,a year", "C|B|A,combined adults service,2011,£200k,", True),
        ("A|B,shared services,2007,£900k,over 2 years", "A|B,shared leisure,2007,£90k,a total", False),
        ("A|B,shared HR,2011,£600k,over four years", "A|B,shared ICT,2011,£900k,per year", False),
        ("A|B,legal,2011,£1m,over five years", "A|B,legal services,2011,£200k,per year", False),
        ("A|B,legal,2011,£1m,in total", "A|B,legal services,2011,£200k,per year", False),
        ("A|B,audit,2011,£50k,each a year", "A|B,internal audit,2011,£100k,per year combined", False),
        ("A|B,audit,2005,£50k,per year", "A|B,audit,2015,£200k,per year", False),
        ("A|B,audit,2011,£50k,per year DISPUTED", "A|C,audit,2011,£200k,per year", False),
        ("A|B,benefits,2011,£300k,per month", "A|B,revenues and benefits,2011,£300k,per year", True),
    ],
)
def test_conflicts_are_between_claims_about_one_collaboration(
    tmp_path: Path, one: str, other: str, conflict: bool
) -> None:
    named = [
        row.replace("A", "Ashby Council").replace("B", "Barton Council").replace("C", "Corve Council")
        for row in ("A|B", "B|A", "A|B|C", "C|B|A", "A|C")
    ]
    keys = dict(zip(("A|B", "B|A", "A|B|C", "C|B|A", "A|C"), named, strict=True))
    rows = [f"{keys[partners]},{rest}" for partners, _, rest in (row.partition(",") for row in (one, other))]
    found = read_list(
        written(tmp_path, "partners,service,start,claimed saving,claim text\n" + "\n".join(rows) + "\n"), KNOWN
    )
    assert [any("conflict" in warning for warning in row.warnings) for row in found] == [conflict, conflict]


def test_a_list_from_a_windows_spreadsheet_keeps_its_pounds(tmp_path: Path) -> None:
    found = read_list(written(tmp_path, "partners;service;claim\nA Council|B Council;waste;£300k\n", "cp1252"), KNOWN)[
        0
    ]
    assert found.claim_gbp == 300_000


def test_a_list_without_partners_or_names_says_what_to_rename(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="names no partners"):
        read_list(written(tmp_path, "colour,size\nred,2\n"), KNOWN)


def test_words_of_a_claim() -> None:
    assert [amount(text) for text in ("6000000", "£1.2m", "300k", "none")] == [6e6, 1.2e6, 3e5, None]
    assert kind("", "a matched control of 588") == "evaluated"
    assert kind("", "per year; we did it ourselves; the council did not publish how") == "not said"
    assert kind("", "DiD of 14 sites") == "evaluated"
    assert kind("achieved/projected (self-reported)", "") == "projected and self-reported"
    assert (period("Cherwell 3.4m over five years"), period("nothing")) == ("over five years", "")
    assert whose("per year, four councils") == "four councils"


def test_the_sample_of_real_collaborations(shared_data: Path) -> None:
    """The rule's styles beside those the sample's compilers gave; one boundary case is theirs to call either way."""
    file = shared_data / "collaborations" / "facts_sample.csv"
    found = {one.id: one for one in read_list(file, Known((), PRICES))}
    theirs = {"M": "mirror", "I": "integration", "U": "upstream"}
    assert [code for code, one in found.items() if one.style != theirs[code[0]]] == ["I14"]
    assert all("conflict" in found[code].warnings[0] for code in ("M17", "M33", "I01"))
    seen = read_list(shared_data / "collaborations" / "evaluations_seen.csv", Known((), PRICES))
    vanguards = next(one for one in seen if one.name == "HSJ 15 vanguards")
    assert [warning.split(":")[0] for warning in vanguards.warnings[:2]] == ["doubtful", "cannot be"]


@pytest.mark.parametrize(
    ("start", "told"),
    [("not a date", True), ("12345", True), ("2011", False), ("Apr-19", False), ("1/4/2019", False), ("", False)],
)
def test_a_start_that_names_no_year_is_told(tmp_path: Path, start: str, told: bool) -> None:
    text = f"partners,service,start\nCherwell|South Northamptonshire,legal,{start}\n"
    (found,) = read_list(written(tmp_path, text), KNOWN)
    assert any("no year" in one for one in found.warnings) == told
