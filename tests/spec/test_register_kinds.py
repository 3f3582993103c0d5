"""Lists of the register as outsiders brought them: what is read, what is named as not read, and several lists beside
each other."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from headwater.domain.errors import DataProblem
from headwater.partners.register import Known, joined, list_of, read_list
from headwater.partners.register.amounts import amounts
from headwater.partners.register.claims import basis_of, claimed
from headwater.partners.register.names import names_in
from headwater.partners.register.resolve import resolver
from headwater.partners.register.years import day_in, written, year_in

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = Known(())


def a_list(folder: Path, text: str, name: str = "list.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def one_row(folder: Path, **cells: str) -> object:
    given = {"partners": "Ashby Council; Barton Council", "service": "waste", **cells}
    file = folder / "list.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows((list(given), list(given.values())))
    (found,) = read_list(file, NOBODY)
    return found


@pytest.mark.parametrize(
    "heading", ["Estimated saving", "Savings (£)", "gbp", "Net saving to date", "Cashable efficiencies", "Gain"]
)
def test_a_column_of_pounds_is_the_claim_under_whatever_heading(tmp_path: Path, heading: str) -> None:
    text = f"partners,{heading},Notes\nAshby Council; Barton Council,£181m over 10 years,failed to deliver; £69m lost\n"
    (found,) = read_list(a_list(tmp_path, text), NOBODY)
    assert (found.claim_gbp, found.claim_gbp_per_year, found.claim_others_gbp) == (181e6, 18.1e6, (69e6,))
    assert any("the saving did not come" in warning for warning in found.warnings)


def test_what_was_lost_or_failed_is_no_claim(tmp_path: Path) -> None:
    for note in (
        "failed to deliver; £69m lost",
        "a loss of £69m",
        "£69m was written off",
        "£69m shortfall",
        "£69m never achieved",
    ):
        found = one_row(tmp_path, notes=note)
        assert (found.claim_gbp, found.claim_kind) == (None, "a cost"), note  # type: ignore[attr-defined]


def test_columns_that_nobody_recognised_are_named(tmp_path: Path) -> None:
    found = list_of(
        a_list(tmp_path, "partners,Colour,Savings,Investment cost\nA Council|B Council,red,£2m,£9m\n"), NOBODY
    )
    assert found.unread == ("Colour", "Investment cost")
    assert (found.rows[0].claim_gbp, found.rows[0].claim_others_gbp) == (2e6, ())


def test_a_list_without_partners_is_refused_unless_its_names_name_bodies(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="no column of partners") as problem:
        list_of(a_list(tmp_path, "Ref,Shared service,Status\n1,Management team,Live\n2,Waste,Live\n"), NOBODY)
    assert "partners" in problem.value.next_step
    found = list_of(a_list(tmp_path, "programme,result\nRushcliffe care homes,-29%\nMid Essex CCG,none\n"), NOBODY)
    assert "stand for them" in found.said[0]


@pytest.mark.parametrize("heading", ["Authorities involved", "Who's in it", "Lead and other partners", "Cast"])
def test_partners_are_found_by_heading_or_by_content(tmp_path: Path, heading: str) -> None:
    text = f"Ref,{heading},Shared service\n1,South Hams DC & West Devon BC,Management\n2,Adur DC; Worthing BC,Waste\n"
    found = list_of(a_list(tmp_path, text), NOBODY)
    assert [one.partners for one in found.rows] == [("South Hams DC", "West Devon BC"), ("Adur DC", "Worthing BC")]
    assert [one.service or one.name for one in found.rows] == ["Management", "Waste"]


@pytest.mark.parametrize(
    ("written_as", "gbp", "negative", "high"),
    [
        ("£1,5m", 1.5e6, False, None),
        ("£1.234.567,89", 1_234_567.89, False, None),
        ("1.012.000 £", 1_012_000, False, None),
        ("1 200 000", 1.2e6, False, None),
        ("1.2e6", 1.2e6, False, None),
        ("£ 2.1 million", 2.1e6, False, None),
        ("2.5m GBP", 2.5e6, False, None),
        ("half a million pounds", 5e5, False, None),
        ("three quarters of a million", 750e3, False, None),
        ("-£150k", 150e3, True, None),
        ("£-150k", 150e3, True, None),
        ("(150000)", 150e3, True, None),
        ("(£150k)", 150e3, True, None),
        ("−£150,000", 150e3, True, None),
        ("150000-", 150e3, True, None),
        ("Saving - £2m", 2e6, False, None),
        ("£2-3m", 2e6, False, 3e6),
        ("£2m to £3m", 2e6, False, 3e6),
        ("between £6.8m and £8.6m", 6.8e6, False, 8.6e6),
        ("£500k-£1m", 5e5, False, 1e6),
        ("10-12k", 10e3, False, 12e3),
        ("£½m", 5e5, False, None),
        ("£1¼m", 1.25e6, False, None),
        ("£1/4m", 250e3, False, None),
        ("3/4 million", 750e3, False, None),
    ],
)
def test_amounts_as_lists_write_them(written_as: str, gbp: float, negative: bool, high: float | None) -> None:
    (found,) = amounts(written_as, bare=True)
    assert (found.gbp, found.negative, found.high) == (pytest.approx(gbp), negative, high)


@pytest.mark.parametrize(
    "cell", ["€200,000", "$3m", "£300 per employee", "2.5", "£1.012", "1,23,456", "see business case", "700"]
)
def test_amounts_that_cannot_be_read_are_named_and_not_guessed(tmp_path: Path, cell: str) -> None:
    found = one_row(tmp_path, savings=cell)
    assert found.claim_gbp is None  # type: ignore[attr-defined]
    assert any("no claim in pounds" in one and cell in one for one in found.warnings)  # type: ignore[attr-defined]


@pytest.mark.parametrize("cell", ["TBC", "n/a", "-", "not known", "none identified yet", ""])
def test_cells_that_say_that_nothing_is_known_are_no_fault(tmp_path: Path, cell: str) -> None:
    found = one_row(tmp_path, savings=cell)
    assert (found.claim_gbp, [one for one in found.warnings if "no claim" in one]) == (None, [])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("heading", "cell", "note", "gbp"),
    [
        ("claimed saving", "2.5", "£m", 2.5e6),
        ("Saving (£k)", "1700", "", 1.7e6),
        ("Saving £000", "1,700", "", 1.7e6),
        ("Savings (£m)", "2,5", "", 2.5e6),
        ("Saving (£k)", "£2m", "", 2e6),
    ],
)
def test_the_size_may_stand_in_the_heading_or_in_a_cell_beside(
    tmp_path: Path, heading: str, cell: str, note: str, gbp: float
) -> None:
    assert one_row(tmp_path, **{heading: cell, "Notes": note}).claim_gbp == gbp  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("cell", "yearly", "basis"),
    [
        ("£1000 a week", 52e3, "per week"),
        ("£1,000/week", 52e3, "per week"),
        ("£5,000 per month", 60e3, "per month"),
        ("£10k/quarter", 40e3, "per quarter"),
        ("£2.8M p/a", 2.8e6, "per year"),
        ("£2.7m/yr", 2.7e6, "per year"),
        ("£30m/10yrs", 3e6, "over 10 years"),
        ("£600k (18 months)", 400e3, "over 18 months"),
        ("£600k over 18 months", 400e3, "over 18 months"),
        ("£10m (5 years)", 2e6, "over 5 years"),
        ("£1.2m over 2011-15", 240e3, "over 5 years"),
        ("£750,000 over first 5 yrs", 150e3, "over 5 years"),
        ("£1.2m p.a. over first 3 years", 1.2e6, "per year"),
        ("£1m pa (£16m over 15 years)", 1e6, "per year"),
        ("£72,000,000 (cumulative since 2010)", None, "in total"),
        ("£45m to 2020", None, "not said"),
        ("£1m in 2011/12", None, "not said"),
    ],
)
def test_over_how_long(cell: str, yearly: float | None, basis: str) -> None:
    found = claimed(cell, "")
    assert found.yearly_gbp(2) == (None if yearly is None else pytest.approx(yearly))
    assert basis_of(cell, found.years) == basis


BOTH, THREE = ("Adur", "Worthing"), ("Newham", "Havering", "Bexley")
STANDS = (
    # status, start, partners, how it stands, word of the reason
    ("Refused by Copeland full council Nov 2015", "2015", BOTH, "refused", "refused"),
    ("Rejected: too expensive", "", BOTH, "refused on cost", "expensive"),
    ("Merged", "2019", BOTH, "ended", "one body"),
    ("Superseded", "2016", BOTH, "ended", "superseded"),
    ("Superseded by merger", "2008", BOTH, "ended", "superseded"),
    ("transferred", "2010", BOTH, "not said", "transferred"),
    ("Completed", "2015", BOTH, "not said", "Completed"),
    ("Amber", "2015", BOTH, "not said", "Amber"),
    ("N/A", "2015", BOTH, "not said", "N/A"),
    ("Paused", "1990", BOTH, "paused", "paused"),
    ("on hold since 2020", "2011", BOTH, "paused", "on hold"),
    ("Bexley withdrew 2022", "2014", THREE, "running", "the others go on"),
    ("Bexley has withdrawn", "2014", THREE, "running", "the others go on"),
    ("Worthing left 2018", "2014", BOTH, "ended", "there were two"),
    ("Withdrawn", "2014", THREE, "abandoned", "withdrawn"),
    ("Split 2021", "2011", BOTH, "ended", "split 2021"),
    ("Approved 2021", "2008", BOTH, "not said", "decision"),
    ("Approved", "", BOTH, "proposed", "decision"),
    ("2021", "2008", BOTH, "not said", "a year alone"),
    ("Agreed - not yet started", "2018", BOTH, "proposed", "not yet"),
    ("not live", "2018", BOTH, "proposed", "not live"),
    ("Partially dissolved", "Apr-15", THREE, "running", "partially"),
    ("Being wound down", "2017", BOTH, "running", "being wound down"),
    ("No longer operating - councils merged 1.4.2019", "2013-14", BOTH, "ended", "no longer"),
    ("Not proceeding", "2013", BOTH, "abandoned", "not proceeding"),
    ("Ended early", "2007", BOTH, "ended", "ended"),
    ("", "Oct-16", BOTH, "running", "2016"),
)


@pytest.mark.parametrize(
    ("cell", "start", "partners", "stands", "word"), STANDS, ids=[row[0] or "none" for row in STANDS]
)
def test_how_it_stands_is_what_the_word_says(
    tmp_path: Path, cell: str, start: str, partners: tuple[str, ...], stands: str, word: str
) -> None:
    found = one_row(tmp_path, partners="; ".join(partners), Status=cell, start=start, savings="£400k a year")
    assert (found.status, word in found.status_reason) == (stands, True), found.status_reason  # type: ignore[attr-defined]
    named = [one for one in found.warnings if "not said" in one]  # type: ignore[attr-defined]
    assert bool(named) == (stands == "not said")
    undone = [one for one in found.warnings if "did not happen" in one]  # type: ignore[attr-defined]
    assert bool(undone) == (stands in ("refused", "refused on cost", "abandoned"))


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("Devon & Somerset FRS", ("Devon & Somerset FRS",)),
        ("Devon & Somerset", ("Devon", "Somerset")),
        ("Devon and Cornwall; Dorset Police", ("Devon and Cornwall", "Dorset Police")),
        ("Devon & Cornwall Police & Dorset Police", ("Devon and Cornwall Police", "Dorset Police")),
        ("NHS Norfolk & Waveney ICB", ("NHS Norfolk & Waveney ICB",)),
        ("Mid Kent Services (Maidstone, Swale, Tunbridge Wells)", ("Maidstone", "Swale", "Tunbridge Wells")),
        ("Surrey, E. Sussex & Brighton (Orbis)", ("Surrey", "East Sussex", "Brighton")),
        ("South Holland & East Lindsey (Compass Point)", ("South Holland", "East Lindsey")),
        (
            "Cambridgeshire CC; Northamptonshire CC (LGSS); Milton Keynes",
            ("Cambridgeshire CC", "Northamptonshire CC", "Milton Keynes"),
        ),
        ("Sussex Police (ICT, HR); Surrey Police", ("Sussex Police", "Surrey Police")),
        ("Kent Police (and Essex Police)", ("Kent Police", "Essex Police")),
        ("Kensington and Chelsea (RBKC) and Westminster", ("Kensington and Chelsea", "Westminster")),
        ("Bath & NE Somerset; Wiltshire", ("Bath & North East Somerset", "Wiltshire")),
        (
            "Kent & Medway NHS and Social Care Partnership Trust; Kent CC",
            ("Kent & Medway NHS and Social Care Partnership Trust", "Kent CC"),
        ),
        ("Cyngor Gwynedd / Cyngor Sir Ynys Môn", ("Cyngor Gwynedd", "Cyngor Sir Ynys Môn")),
        (
            "Tees, Esk and Wear Valleys NHS Foundation Trust; Durham County Council",
            ("Tees, Esk and Wear Valleys NHS Foundation Trust", "Durham County Council"),
        ),
    ],
)
def test_one_name_is_one_body(cell: str, names: tuple[str, ...]) -> None:
    assert names_in(cell, resolver(())) == names


FIRST = (
    "id,partners,service,start,status,claimed saving\nX1,Adur|Worthing,Joint refuse service,2008,live,£1.7m a"
    " year\nX2,Lewes|Eastbourne,Shared back office,2016,live,£2.8m a year\n"
)
SECOND = (
    "id,partners,service,start,status,claimed saving\nX1,Worthing BC|Adur DC,Joint refuse service,2008,ended,£0.4m a"
    " year\nY2,Eastbourne Borough Council|Lewes District Council,Shared back office,2016,abandoned,\n"
)


def test_a_second_list_adds_and_what_conflicts_across_lists_is_found(tmp_path: Path) -> None:
    one, other = list_of(a_list(tmp_path, FIRST), NOBODY), list_of(a_list(tmp_path, SECOND), NOBODY)
    rows, _ = joined((), one, "fA.csv", False)
    rows, said = joined(rows, other, "fB.csv", False)
    assert [(row.id, row.from_list) for row in rows] == [
        ("X1", "fA.csv"),
        ("X2", "fA.csv"),
        ("X1-2", "fB.csv"),
        ("Y2", "fB.csv"),
    ]
    assert (said.added, said.replaced, dict(said.lists)) == (2, 0, {"fA.csv": 2, "fB.csv": 2})
    told = {row.id: [warning for warning in row.warnings if warning.startswith("conflict")] for row in rows}
    assert "X1-2 claims £400,000" in told["X1"][0]
    assert "X1 claims £1,700,000" in told["X1-2"][0]
    assert "Y2 says abandoned" in told["X2"][0], (
        "no amounts, but one list says that it runs and the other that it was given up"
    )
    assert any("X1 stands already" in warning for warning in rows[2].warnings)


def test_the_same_list_again_takes_its_own_place_and_only_that(tmp_path: Path) -> None:
    one, other = list_of(a_list(tmp_path, FIRST), NOBODY), list_of(a_list(tmp_path, SECOND), NOBODY)
    both, _ = joined(joined((), one, "fA.csv", False)[0], other, "fB.csv", False)
    again, said = joined(both, one, "fA.csv", False)
    assert ([row.id for row in again], said.replaced, said.replaced_lists) == ([row.id for row in both], 2, ("fA.csv",))
    renamed, _ = joined(both, other, "copy of fB.csv", False)
    assert len(renamed) == 4, "the same rows under another name are the same list"
    alone, said = joined(both, one, "fA.csv", True)
    assert (len(alone), said.replaced) == (2, 4)
    assert not any(row.warnings for row in alone), "conflicts with a list that is gone are gone"


def test_ids_that_repeat_get_a_number_and_it_is_told(tmp_path: Path) -> None:
    text = (
        "id,partners,service,claimed saving\nX4,Arun|Horsham,Internal audit,£100k a year\nX4,Arun|Horsham,Internal"
        " audit,£300k a year\n"
    )
    found = read_list(a_list(tmp_path, text), NOBODY)
    assert [one.id for one in found] == ["X4", "X4-2"]
    assert "conflict: X4-2 claims" in found[0].warnings[0]
    assert "X4 stands already for another row" in found[1].warnings[-1]


def test_ticks_under_the_names_of_bodies_titles_totals_and_footers(tmp_path: Path) -> None:
    text = (
        "Shared services 2024,,,,,,\n,,,,,,\nRef,Adur,Worthing,Arun,Function,Still running?,Saving"
        " (£k)\n1,Y,Y,,Refuse,Yes,1700\n2,Yes,,x,Legal; HR;"
        " ICT,No,(150)\n3,,✓,✓,Parks,yes,TBC\nTotal,,,,,,1550\nSource: LGA 2024,,,,,,\n* lead authority,,,,,,\n"
    )
    found = list_of(a_list(tmp_path, text), NOBODY)
    assert [one.partners for one in found.rows] == [("Adur", "Worthing"), ("Adur", "Arun"), ("Worthing", "Arun")]
    assert [one.status for one in found.rows] == ["running", "ended", "running"]
    assert [(one.claim_gbp, one.claim_kind) for one in found.rows] == [
        (1.7e6, "not said"),
        (None, "a cost"),
        (None, "not said"),
    ]
    assert found.apart == ("Total; 1550", "Source: LGA 2024", "* lead authority")


def test_two_lines_of_headings_and_a_column_for_each_partner(tmp_path: Path) -> None:
    text = (
        ",Partnership,,Money,\nName,Lead authority,Other partners,Annual saving,Investment cost\nAlpha,Kent"
        ' Police,Essex Police,"£200,000",£50k\nBeta,Cotswold DC,Publica Group Ltd; West Oxfordshire DC,£2m - £3m,£50k\n'
    )
    found = list_of(a_list(tmp_path, text), NOBODY)
    assert [one.partners for one in found.rows] == [
        ("Kent Police", "Essex Police"),
        ("Cotswold DC", "Publica Group Ltd", "West Oxfordshire DC"),
    ]
    assert [one.claim_gbp_per_year for one in found.rows] == [200e3, 2e6]
    assert [one.style for one in found.rows] == ["mirror", "integration"]


def test_ditto_marks_say_what_stands_above(tmp_path: Path) -> None:
    found = read_list(
        a_list(tmp_path, "partners;service\nAdur DC & Worthing BC;Refuse\nas above;Parks\nditto;Legal\n"), NOBODY
    )
    assert {one.partners for one in found} == {("Adur DC", "Worthing BC")}


@pytest.mark.parametrize(
    ("cell", "year", "day"),
    [
        ("2011", 2011, "2011-12-28"),
        ("2013-14", 2013, "2013-12-28"),
        ("Apr-15", 2015, "2015-04-28"),
        ("01/04/2008", 2008, "2008-04-01"),
        ("04/2016", 2016, "2016-04-28"),
        ("1.4.19", 2019, "2019-04-01"),
        ("FY13/14", 2013, "2013-12-28"),
        ("13/14", 2013, "2013-12-28"),
        ("Feb 2008", 2008, "2008-02-28"),
        ("April ’09", 2009, "2009-04-28"),
        ("2011-10-03", 2011, "2011-10-03"),
        ("Spring 2012", 2012, "2012-12-28"),
        ("tbc", None, None),
    ],
)
def test_years_and_days_of_a_start(cell: str, year: int | None, day: str | None) -> None:
    assert year_in(cell) == year
    assert str(day_in(cell)) == str(day)


def test_a_spreadsheets_number_of_days_is_a_day() -> None:
    assert [written(cell) for cell in ("39539", "12345", "2011", "99999")] == ["2008-04-01", "12345", "2011", "99999"]


def test_headings_of_a_third_manner(tmp_path: Path) -> None:
    text = (
        "Lead council,Shared with,Function,Since,Live (Y/N),Annual benefit (£'000),Contract cost"
        ' (£\'000)\nCherwell,South Northants,Legal,2013/14,Y,"1,250",80\nAdur DC,"Worthing BC, Arun'
        ' DC",Waste,FY09/10,N,85 - 120,5\nKent Police,Essex Police,ICT,Jul-12,Y,(40),\n'
    )
    found = list_of(a_list(tmp_path, text), NOBODY)
    assert [len(one.partners) for one in found.rows] == [2, 3, 2]
    assert [one.status for one in found.rows] == ["running", "ended", "running"]
    assert [one.claim_gbp_per_year for one in found.rows] == [1.25e6, 85e3, None]
    assert (found.rows[1].claim_others_gbp, found.rows[2].claim_kind) == ((120e3,), "a cost")
    assert found.unread == ("Contract cost (£'000)",)


def test_headings_of_a_fourth_manner(tmp_path: Path) -> None:
    text = (
        "Collaboration;Parties;Detail;Timeline;Outcome\nEast Kent HR;Canterbury, Dover & Thanet;Shared HR;2011 -"
        " 2019;saved £3.5m over eight years\nLegal;Joint Committee of Adur and Worthing;Legal;2010-;cost"
        " neutral\nSTAR;Stockport MBC, Trafford MBC;Procurement;2014 -> present;£27m in total\nNotes: figures"
        " unaudited;;;;\n"
    )
    found = list_of(a_list(tmp_path, text), NOBODY)
    assert [one.partners for one in found.rows] == [
        ("Canterbury", "Dover", "Thanet"),
        ("Adur", "Worthing"),
        ("Stockport MBC", "Trafford MBC"),
    ]
    assert [one.status for one in found.rows] == ["ended", "running", "running"]
    assert [one.claim_gbp_per_year for one in found.rows] == [437_500, None, None]
    assert found.unread == ()


@pytest.mark.parametrize(
    ("saving", "per", "yearly"),
    [
        ("1.7", "£m per year", 1.7e6),
        ("250", "£000 pa", 250e3),
        ("250000", "annum", 250e3),
        ("1.000.000", "year", 1e6),
        ("£1.5M", "3 yrs", 500e3),
        ("£1.5M est", "5 year contract", 300e3),
        ("250000", "one-off", None),
    ],
)
def test_a_column_of_bases(tmp_path: Path, saving: str, per: str, yearly: float | None) -> None:
    assert one_row(tmp_path, saving=saving, per=per).claim_gbp_per_year == yearly  # type: ignore[attr-defined]


def test_several_columns_of_savings_each_with_its_own_period(tmp_path: Path) -> None:
    text = (
        "Police Force,Collaborating Forces,Collaboration Area,Start Date,Live/Closed,Total savings £m,Annual savings"
        " £m\nKent,Essex,SCD,01/04/2010,Live,72.0,7.2\nSussex,Surrey; Thames Valley,Joint"
        ' vetting,31-Mar-2014,Closed,1.2,\nNorfolk,Suffolk,Back office,2010-11,Live,,"16,1"\n'
    )
    found = list_of(a_list(tmp_path, text), NOBODY)
    assert [one.partners for one in found.rows] == [
        ("Kent", "Essex"),
        ("Sussex", "Surrey", "Thames Valley"),
        ("Norfolk", "Suffolk"),
    ]
    assert [one.claim_gbp_per_year for one in found.rows] == [7.2e6, None, pytest.approx(16.1e6)]
    assert [one.claim_basis for one in found.rows] == ["per year", "in total", "per year"]
    assert found.unread == ()


def test_an_amount_that_its_own_commas_cut_is_whole_again(tmp_path: Path) -> None:
    text = (
        "Ref,Partners,Function,Saving,Notes\n1,Bolton; Bury,IT,1,500,000,est\n2,Bolton; Bury,HR,250,000,\n3,Bolton;"
        " Bury,Law,250,\n"
    )
    found = list_of(a_list(tmp_path, text), NOBODY)
    assert [one.claim_gbp for one in found.rows] == [1.5e6, 250e3, None]
    assert "'250'" in found.rows[2].warnings[0]


def test_a_tail_is_not_given_to_who_has_one_and_blackburn_keeps_its_with() -> None:
    find = resolver(())
    assert names_in("Kent CC, Medway UA & Kent Police", find) == ("Kent CC", "Medway UA", "Kent Police")
    assert names_in("Hyndburn, Rossendale & Blackburn with Darwen", find) == (
        "Hyndburn",
        "Rossendale",
        "Blackburn with Darwen",
    )
