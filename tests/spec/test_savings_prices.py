"""Price tables: what is shipped, what a user may bring, what the linter says, what the book answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook

from headwater.domain.errors import DataProblem, Usage
from headwater.domain.money import Perspective
from headwater.savings import price_book
from headwater.savings.deflator import VINTAGE, deflator, latest_price_year, rebased
from headwater.savings.lint import lint
from headwater.savings.tables import PriceRow, read_table, rows_of, shipped_rows, versions

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "price,kind,about,gbp,unit,price_year,perspective,bearer,source,edition,licence"
ROW = "OWN-1,ae_attendance,our own A&E,210,attendance,2023-24,fiscal,hospital,our finance team,2024,internal"


def written(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "prices.csv"
    path.write_text("\n".join((head, *rows)) + "\n", encoding="utf-8")
    return path


def alarms(rows: tuple[PriceRow, ...], year: int = 2024) -> set[tuple[str, str]]:
    return {(warning.code, warning.check) for warning in lint(rows, year) if warning.alarm}


# What is shipped


def test_every_shipped_price_has_a_version_row_and_its_provenance() -> None:
    for row in shipped_rows():
        version = versions()[row.version]
        price = row.price
        assert price.source and price.edition and price.licence and version.seen_at, price.code
        assert price.perspective is version.perspective
        assert version.first_year <= price.price_year <= version.last_year


def test_every_version_is_used_and_adds_up_to_its_control_total() -> None:
    for version in versions().values():
        mine = [row for row in shipped_rows() if row.version == version.version]
        assert len(mine) == version.rows > 0
        assert sum(row.price.gbp for row in mine) == pytest.approx(version.control_gbp, abs=0.005)


def test_codes_are_unique_and_kinds_have_one_own_price_a_lens() -> None:
    rows = shipped_rows()
    assert len({row.price.code for row in rows}) == len(rows)
    marked = [(row.price.perspective, row.price.kind) for row in rows if row.own]
    assert len(set(marked)) == len(marked)


def test_the_linter_raises_no_alarm_on_what_is_shipped() -> None:
    for year in (2022, 2023, 2024):
        assert [warning for warning in price_book([], year).warnings if warning.alarm] == []


def test_stale_shipped_prices_are_said_with_why_they_are_kept() -> None:
    stale = [warning for warning in price_book([], 2024).warnings if warning.check == "stale price year"]
    assert any(
        warning.code == "UCD14-CR1.1" and "22 years old (no newer open figure" in warning.text for warning in stale
    )


def test_two_sources_in_conflict_are_said_without_an_alarm() -> None:
    conflicts = [warning for warning in price_book([], 2024).warnings if warning.check == "conflict"]
    assert ("NCC24-ED", False) in {(warning.code, warning.alarm) for warning in conflicts}


def test_the_linters_words_for_the_national_cost_collection() -> None:
    """Each of its prices is the published total over the published activity, to the penny."""
    divided = [row for row in shipped_rows() if row.version == "ncc-2024-25"]
    assert len(divided) == 21
    for row in divided:
        assert row.activity and row.total_gbp
        assert row.price.gbp == pytest.approx(row.total_gbp / row.activity, abs=0.0051)


def test_the_deflator_names_its_vintage() -> None:
    assert "December 2025" in VINTAGE
    assert (min(deflator()), latest_price_year(), deflator()[2024]) == (1990, 2024, 100)


def test_a_year_without_an_index_is_refused() -> None:
    with pytest.raises(Usage, match="no price index") as refused:
        price_book([], 2031)
    assert "1990 to 2024" in refused.value.allowed


# The book


@pytest.mark.parametrize(
    ("kind", "code", "gbp"),
    [
        ("ae_attendance", "NCC24-VB11Z", 126.76),
        ("emergency_admission", "NCC24-NEL", 2711.36),
        ("ambulance_call", "NCC24-AMB", 271.98),
        ("gp_contact", "PSSRU25-GP", 40.0),
        ("community_nursing", "NCC24-N02AF", 59.65),
        ("mental_health_contact", "NCC24-MHCC", 305.94),
        ("police_incident", "UCD14-CR1.1", 61.50),
        ("fire_incident", "UCD14-FI2.0", 4763.04),
    ],
)
def test_the_own_price_of_a_kind(kind: str, code: str, gbp: float) -> None:
    """The low-acuity attendance, because an averted frequent attendance is mostly of that kind."""
    price = price_book([], 2024).by_kind[kind]
    assert price.code == code
    assert price.gbp == pytest.approx(gbp, abs=0.005)


@pytest.mark.parametrize(
    "kind", ["social_care_visit", "respite_stay", "housing_contact", "home_safety_visit", "outpatient_appointment"]
)
def test_a_kind_without_an_open_figure_has_no_price(kind: str) -> None:
    assert kind not in price_book([], 2024).by_kind


def test_prices_are_rebased_and_keep_the_year_of_their_source() -> None:
    price = price_book([], 2020).price("UCD14-HE4.0")
    assert price.gbp == pytest.approx(rebased(109, 2011, 2020))
    assert price.price_year == 2011


def test_a_protocol_names_another_price_or_a_case_mix() -> None:
    book = price_book([], 2024)
    assert book.for_kinds({"ae_attendance": "NCC24-ED"})["ae_attendance"].gbp == pytest.approx(280.17)
    mixed = book.for_kinds({"ae_attendance": "NCC24-VB11Z:0.7 NCC24-ED:0.3"})["ae_attendance"]
    assert mixed.gbp == pytest.approx(0.7 * 126.76 + 0.3 * 280.17)
    assert "NHS England" in mixed.source


@pytest.mark.parametrize(
    "mix", ["NCC24-VB11Z:0.7 NCC24-ED:0.4", "NCC24-VB11Z:x NCC24-ED:0.3", "NCC24-ED:1.5 NCC24-VB11Z:-0.5"]
)
def test_a_case_mix_that_does_not_add_up_is_refused(mix: str) -> None:
    with pytest.raises(Usage, match="add to 1"):
        price_book([], 2024).for_kinds({"ae_attendance": mix})


def test_an_unknown_code_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(Usage, match="no such price") as refused:
        price_book([], 2024).for_kinds({"ae_attendance": "NCC24-VB11"})
    assert "did you mean 'NCC24-VB11Z'" in refused.value.next_step


def test_an_economic_price_never_becomes_fiscal() -> None:
    with pytest.raises(Usage, match="is economic") as refused:
        price_book([], 2024).for_kinds({"rape": "HORR99-RAPE"})
    assert "HORR99-P-RAPE" in refused.value.allowed


def test_lenses_have_prices_of_their_own() -> None:
    book = price_book([], 2024)
    assert book.for_kinds({}, Perspective.SOCIAL)["qaly_loss"].gbp == 70_000
    assert book.for_kinds({}, Perspective.SOCIAL)["wellby_loss"].gbp == pytest.approx(rebased(13_000, 2019, 2024))
    assert book.for_kinds({}, Perspective.ECONOMIC)["robbery"].code == "HORR99-ROB"
    assert "robbery" not in book.by_kind


# A user's own table


def test_a_users_price_wins_over_the_shipped_one(tmp_path: Path) -> None:
    price = price_book([written(tmp_path, ROW)], 2024).by_kind["ae_attendance"]
    assert (price.code, price.source, price.price_year) == ("OWN-1", "our finance team", 2023)
    assert price.gbp == pytest.approx(rebased(210, 2023, 2024))


def test_a_users_price_may_state_its_shares_and_spread(tmp_path: Path) -> None:
    path = written(tmp_path, ROW + ",0.4,0.35,0.1", head=HEAD + ",variable,step,spread")
    price = price_book([path], 2023).by_kind["ae_attendance"]
    assert (price.variable, price.step, price.spread) == (0.4, 0.35, 0.1)


def test_where_a_user_brings_several_prices_of_a_kind_one_must_be_marked(tmp_path: Path) -> None:
    second = ROW.replace("OWN-1", "OWN-2").replace("210", "90")
    book = price_book([written(tmp_path, ROW, second)], 2024)
    with pytest.raises(Usage, match="2 own prices of ae_attendance") as asked:
        _ = book.by_kind
    assert "OWN-1, OWN-2" in asked.value.given
    assert 'ae_attendance = "OWN-1" under [prices]' in asked.value.next_step
    assert book.for_kinds({"ae_attendance": "OWN-2"})["ae_attendance"].code == "OWN-2"
    marked = written(tmp_path, ROW + ",", second + ",yes", head=HEAD + ",own")
    assert price_book([marked], 2024).by_kind["ae_attendance"].code == "OWN-2"


def test_a_spreadsheet_is_read_as_a_csv_is(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEAD.split(","))  # type: ignore[union-attr]
    cells: list[object] = list(ROW.split(","))
    cells[3], cells[5] = 210, 2023
    book.active.append(cells)  # type: ignore[union-attr]
    book.save(tmp_path / "prices.xlsx")
    assert read_table(tmp_path / "prices.xlsx")[0].price == read_table(written(tmp_path, ROW))[0].price


def test_semicolons_byte_order_mark_and_pound_signs(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    row = ROW.replace("210", '"£1,210.50"').replace(",", ";").replace("£1;210", "£1,210")
    path.write_text("\ufeff" + HEAD.replace(",", ";") + "\n" + row + "\n", encoding="utf-8")
    assert read_table(path)[0].price.gbp == 1210.5


def test_every_problem_of_a_table_is_named_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ROW.replace("210", "cheap"),
        ROW.replace("OWN-1", "OWN-2").replace("2023-24", "last year"),
        ROW.replace("OWN-1", "OWN-3").replace("fiscal", "mine").replace("our finance team", ""),
        ROW.replace("OWN-1", "OWN-4").replace("210", "-3"),
        ROW,
        ROW,
    )
    with pytest.raises(DataProblem, match="7 problems") as refused:
        price_book([path], 2024)
    given = refused.value.given
    for text in (
        "row 1: gbp 'cheap'",
        "row 2: price_year 'last year'",
        "row 3: source is empty",
        "row 3: perspective 'mine'",
        "row 4: gbp '-3'",
        "row 6: price 'OWN-1' is already in row",
    ):
        assert text in given


def test_a_table_without_its_columns_says_which(tmp_path: Path) -> None:
    path = written(tmp_path, "OWN-1,210", head="code,amount")
    with pytest.raises(
        DataProblem, match="lacks price, kind, gbp, unit, price_year, perspective, source, edition"
    ) as refused:
        read_table(path)
    assert refused.value.given == "code, amount"


@pytest.mark.parametrize("name", ["prices.xlsx", "prices.csv"])
def test_a_file_that_is_no_table_is_a_data_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\x01 not a table \x00")
    if name.endswith(".csv"):
        assert read_table(tmp_path / name) == (), "one odd line is a heading without rows"
    else:
        with pytest.raises(DataProblem, match=r"prices\.xlsx cannot be read"):
            read_table(tmp_path / name)


@pytest.mark.parametrize(
    ("given", "gbp"),
    [
        (["£1.234,50", "£5"], [1234.50, 5.0]),
        (["122,01", "2.609,70"], [122.01, 2609.70]),
        (["£1,234.50", "5"], [1234.50, 5.0]),
        (["1,234", "17"], [1234.0, 17.0]),
        (["1.234", "17"], [1.234, 17.0]),
        (["1 234.5", "£ 17"], [1234.5, 17.0]),
    ],
)
def test_pounds_are_read_by_the_mark_that_their_column_proves(
    tmp_path: Path, given: list[str], gbp: list[float]
) -> None:
    rows = [ROW.replace("OWN-1", f"OWN-{at}").replace(",210,", f',"{one}",') for at, one in enumerate(given)]
    assert [row.price.gbp for row in read_table(written(tmp_path, *rows))] == gbp


def test_a_price_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataProblem) as refused:
        read_table(written(tmp_path, ROW.replace(",210,", ",£0.00,")))
    assert "row 1: gbp is nothing" in refused.value.given


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
def test_a_table_is_read_as_excel_writes_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "prices.csv"
    head = HEAD.upper().replace("PRICE_YEAR", "Price Year").replace(",", "\t")
    path.write_text(f"{head}\n{ROW.replace('fiscal', 'Fiscal ').replace(',', chr(9))}\n", encoding=encoding)
    assert read_table(path)[0].price == read_table(written(tmp_path, ROW))[0].price


def test_a_column_that_no_mark_reads_is_refused(tmp_path: Path) -> None:
    rows = [
        ROW.replace("OWN-1", f"OWN-{at}").replace(",210,", f',"{one}",')
        for at, one in enumerate(("1.234,50", "1,234.50"))
    ]
    with pytest.raises(DataProblem) as refused:
        read_table(written(tmp_path, *rows))
    assert "row 1: gbp '1.234,50'" in refused.value.given and "row 2" not in refused.value.given


def test_an_empty_table_holds_no_prices(tmp_path: Path) -> None:
    assert read_table(written(tmp_path)) == ()
    assert price_book([written(tmp_path)], 2024).by_kind == price_book([], 2024).by_kind


def test_empty_lines_of_a_spreadsheet_are_passed_over(tmp_path: Path) -> None:
    book = Workbook()
    for cells in (HEAD.split(","), [None] * 11, ROW.split(","), [None] * 11):
        book.active.append(cells)  # type: ignore[union-attr]
    book.save(tmp_path / "prices.xlsx")
    assert [row.price.code for row in read_table(tmp_path / "prices.xlsx")] == ["OWN-1"]


def test_many_problems_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    rows = [ROW.replace("OWN-1", f"OWN-{at}").replace("210", "x") for at in range(40)]
    with pytest.raises(DataProblem, match="40 problems") as refused:
        read_table(written(tmp_path, *rows))
    assert refused.value.given.count("row ") == 12 and refused.value.given.endswith("and 28 more")


def test_later_tables_win_over_earlier_ones(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = written(tmp_path / "one", ROW)
    two = written(tmp_path / "two", ROW.replace("OWN-1", "OWN-2").replace("210", "190"))
    assert price_book([one, two], 2023).by_kind["ae_attendance"].gbp == 190
    assert price_book([two, one], 2023).by_kind["ae_attendance"].gbp == 210
    assert {"OWN-1", "OWN-2"} <= set(price_book([one, two], 2023).prices)


def test_a_users_table_is_linted_against_what_is_shipped(tmp_path: Path) -> None:
    """An attendance at £2,100 in a user's own table: a decimal point that slipped, said with file and row."""
    book = price_book([written(tmp_path, ROW.replace(",210,", ",2100,"))], 2024)
    (alarm,) = [warning for warning in book.warnings if warning.alarm]
    assert (alarm.code, alarm.check) == ("OWN-1", "order of magnitude")
    assert "OWN-1 (prices.csv, row 1)" in alarm.text


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ((",attendance,", ",hour,"), "unit"),
        (("2023-24", "2009-10"), "stale price year"),
        (("hospital", "society"), "perspective"),
    ],
)
def test_other_slips_in_a_users_table(tmp_path: Path, change: tuple[str, str], check: str) -> None:
    path = written(tmp_path, ROW.replace(*change))
    assert {(warning.code, warning.check) for warning in price_book([path], 2024).warnings if warning.alarm} == {
        ("OWN-1", check)
    }


def test_a_price_year_without_an_index_is_named_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(DataProblem) as refused:
        read_table(written(tmp_path, ROW.replace("2023-24", "2029-30")))
    assert "row 1: price_year 2029-30 has no price index (1990 to 2024)" in refused.value.given


def test_a_sound_table_of_a_users_own_raises_no_alarm(tmp_path: Path) -> None:
    rows = (
        ROW,
        (
            "OWN-2,social_care_visit,half an hour at home,14.50,visit,2023-24,fiscal,social-care,our"
            " contract,2023,internal"
        ),
    )
    book = price_book([written(tmp_path, *rows)], 2024)
    assert [warning for warning in book.warnings if warning.alarm] == []
    assert book.by_kind["social_care_visit"].bearer == "social-care"


def test_a_missing_table_is_a_data_problem(tmp_path: Path) -> None:
    with pytest.raises(DataProblem, match="no price table"):
        price_book([tmp_path / "gone.csv"], 2024)


def test_shares_that_exceed_the_price_are_named() -> None:
    record = dict(zip(HEAD.split(","), ROW.split(","), strict=True)) | {"variable": "0.8", "step": "0.5"}
    with pytest.raises(DataProblem, match="1 problem") as refused:
        rows_of("mine", [record])
    assert "shares do not exceed 1" in refused.value.given


# Planted corruptions: each is caught, and named by the right check

PLAIN = shipped_rows()


def corrupted(code: str, **changes: object) -> tuple[PriceRow, ...]:
    """The shipped tables with one price changed, as a table of a user's own would hold it (no version, no control
    total)."""
    rows = []
    for row in PLAIN:
        if row.price.code == code:
            row = replace(row, price=replace(row.price, **changes), version="", activity=None, total_gbp=None)  # type: ignore[arg-type]
        rows.append(row)
    return tuple(rows)


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.price.code)
@pytest.mark.parametrize("slip", [10.0, 0.1])
def test_a_decimal_shift_of_any_shipped_price_is_caught(row: PriceRow, slip: float) -> None:
    """By the control total always; by its own arithmetic where the source gave total and activity."""
    shifted = tuple(replace(r, price=replace(r.price, gbp=r.price.gbp * slip)) if r is row else r for r in PLAIN)
    found = alarms(shifted)
    assert (row.version, "control total") in found
    assert not row.activity or (row.price.code, "arithmetic") in found


SHIFTS = [
    (code, slip)
    for code in ("NCC24-ED", "NCC24-NEL", "NCC24-MHCC", "NCC24-CHS", "UCD14-HE3.0", "NCC24-AMB")
    for slip in (10.0, 0.1)
]


@pytest.mark.parametrize(("code", "slip"), [*SHIFTS, ("NICE-QALY-LOW", 0.1)])
def test_a_decimal_shift_in_a_users_table_is_caught_by_its_neighbours(code: str, slip: float) -> None:
    gbp = next(row.price.gbp for row in PLAIN if row.price.code == code)
    assert (code, "order of magnitude") in alarms(corrupted(code, gbp=gbp * slip))


def test_what_neighbours_alone_cannot_tell() -> None:
    """£200,000 a life year lies within a factor 4.5 of £70,000; only the control total of the shipped table sees that
    slip."""
    assert ("NICE-QALY-LOW", "order of magnitude") not in alarms(corrupted("NICE-QALY-LOW", gbp=200_000.0))
    assert ("qaly-nice", "control total") in alarms(
        tuple(replace(r, price=replace(r.price, gbp=2e5)) if r.price.code == "NICE-QALY-LOW" else r for r in PLAIN)
    )


@pytest.mark.parametrize(
    ("code", "unit"),
    [("NCC24-ED", "hour"), ("NCC24-NELS", "bed-day"), ("UCD14-CR1.0", "hour"), ("NCC24-AMB-SC", "attendance")],
)
def test_a_wrong_unit_is_caught(code: str, unit: str) -> None:
    assert (code, "unit") in alarms(corrupted(code, unit=unit))


@pytest.mark.parametrize("row", [row for row in PLAIN if row.version == "ncc-2024-25"], ids=lambda row: row.price.code)
def test_a_stale_year_is_caught(row: PriceRow) -> None:
    stale = tuple(replace(r, price=replace(r.price, price_year=2012)) if r is row else r for r in PLAIN)
    assert (row.price.code, "price year") in alarms(stale)
    assert (row.price.code, "stale price year") in alarms(corrupted(row.price.code, price_year=2012))


def test_a_price_of_the_future_is_caught() -> None:
    assert ("NCC24-ED", "price year") in alarms(corrupted("NCC24-ED"), year=2022)


def test_the_whole_and_a_part_both_in_use_are_caught() -> None:
    parts = tuple(
        replace(row, own=True) if row.price.code in ("UCD14-CR2.0", "UCD14-CR2.0.1") else row for row in PLAIN
    )
    assert ("UCD14-CR2.0.1", "nested") in alarms(parts)


def test_parts_that_nobody_declared_are_caught() -> None:
    """2,470 = 1,171 + 581 + 415 + 193 + 110: a copy of the table without its `parent` column."""
    loose = tuple(
        (
            replace(row, price=replace(row.price, parent="", perspective=Perspective.FISCAL), version="")
            if row.price.code.startswith("UCD14-CR2.0")
            else row
        )
        for row in PLAIN
    )
    assert ("UCD14-CR2.0", "nested") in alarms(loose)


def test_parts_that_exceed_the_whole_are_caught() -> None:
    assert ("UCD14-CR2.0", "nested") in alarms(corrupted("UCD14-CR2.0.1", gbp=2171.0))


def test_a_part_of_nothing_is_caught() -> None:
    assert ("UCD14-CR2.0.3", "nested") in alarms(corrupted("UCD14-CR2.0.3", parent="UCD14-CR9.9"))


def test_a_cost_to_society_called_fiscal_is_caught() -> None:
    assert ("HORR99-ROB", "perspective") in alarms(corrupted("HORR99-ROB", perspective=Perspective.FISCAL))


def test_a_social_figure_copied_under_a_budgets_name_is_caught() -> None:
    source = next(row for row in PLAIN if row.price.code == "HORR99-ROB")
    copy = replace(
        source, price=replace(source.price, code="OURS", perspective=Perspective.FISCAL, bearer="police"), version=""
    )
    assert ("OURS", "perspective") in alarms((*PLAIN, copy))


def test_a_lost_row_is_caught() -> None:
    assert ("horr99", "control total") in alarms(tuple(row for row in PLAIN if row.price.code != "HORR99-CYB"))


# Prices with doubt


def test_every_price_of_the_book_has_a_doubt_and_says_why_and_old_ones_more() -> None:
    """A collected average 10 %, an estimate 20 %, and 11 % a root year of age: 13 years old, √(0.2² + 13 · 0.11²) =
    0.4442."""
    book = price_book([], 2024)
    assert all(price.spread > 0.02 and price.doubt for price in book.prices.values())
    assert book.prices["NCC24-ED"].spread == pytest.approx(0.10)
    assert book.prices["UCD14-HE15.0"].spread == pytest.approx(0.4442, abs=1e-4)
    assert book.prices["UCD14-HE15.0"].doubt == "an estimate of 20%, 13 years old"
    assert (book.prices["PSSRU25-GP"].spread, book.prices["PSSRU25-GP"].doubt) == (0.046, "the published range")
    ages = [(price.price_year, price.spread) for code, price in book.prices.items() if code.startswith("UCD14")]
    assert [spread for _, spread in sorted(ages, reverse=True)] == sorted(spread for _, spread in ages)


def test_how_a_cost_divides_is_known_by_kind_or_is_said_to_be_assumed(tmp_path: Path) -> None:
    book = price_book([], 2024)
    hospital, benefit, prison = (book.prices[code] for code in ("NCC24-ED", "UCD14-EE1.0.1", "UCD14-CR3.0"))
    assert (hospital.variable, hospital.step) == (0.16, 0.5) and "JAMA" in hospital.costing
    assert (benefit.variable, benefit.step) == (1.0, 0.0)
    assert prison.variable + prison.step == pytest.approx(0.65) and "65 %" in prison.costing
    fiscal = [price for price in book.prices.values() if price.perspective is Perspective.FISCAL]
    assert {price.kind for price in fiscal if price.costing.startswith("assumed: of no kind")} <= CRIMES
    own = written(tmp_path, ROW + ",0.4", head=HEAD + ",variable")
    (row,) = read_table(own)
    assert (row.price.variable, row.price.costing) == (0.4, "as the price table states")
    (odd,) = read_table(written(tmp_path, ROW.replace("ae_attendance", "wizardry")))
    assert odd.price.costing.startswith("assumed")


CRIMES = {"homicide", "rape", "vehicle_theft"}

LOST_POINTS = {
    "UCD14-HO4.0": 107.45,
    "UCD14-SS7.0": 538.23,
    "UCD14-SS8.0.2": 109.79,
    "UCD14-SS11.0": 192.83,
    "UCD14-SS12.0": 137.63,
    "UCD14-FI7.0": 16.05,
    "UCD14-CR9.0": 38.43,
    "UCD14-SS8.0.1": 533.83,
    "UCD14-HO4.1": 334.95,
}
"""Prices printed with pence: without their point they are a hundred times as dear."""


@pytest.mark.parametrize("code", LOST_POINTS)
def test_a_lost_decimal_point_is_found_by_the_unit_or_the_neighbours(code: str) -> None:
    rows = shipped_rows()
    assert next(row for row in rows if row.price.code == code).price.gbp == LOST_POINTS[code]
    slipped = tuple(
        replace(row, price=replace(row.price, gbp=100 * row.price.gbp)) if row.price.code == code else row
        for row in rows
    )
    assert code in {name for name, check in alarms(slipped) if "magnitude" in check}


def test_a_draw_of_prices_keeps_the_price_in_the_mean() -> None:
    from headwater.savings.value import price_draws

    used = tuple(price_book([], 2024).prices[code] for code in ("UCD14-HE15.0", "NCC24-ED"))
    drawn = price_draws(used, 500, 7)
    assert drawn.mean(axis=0) == pytest.approx([1.0, 1.0])
    assert drawn.std(axis=0) == pytest.approx([0.444, 0.1], rel=0.15)
