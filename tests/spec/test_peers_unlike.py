"""A body whose figures are not of its peers' kind is told at check, at load and to whoever asks for partners, and
compared with nobody."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from headwater.app import choosing, reading
from headwater.app.place import Place
from headwater.domain.peers import unlike_posts, unlike_spending

if TYPE_CHECKING:
    from pathlib import Path

BODIES = [
    {
        "organisation": code,
        "name": f"{code.title()} Fire",
        "sort": "fire",
        "tier": "",
        "population": people,
        "easting": 1000 * at,
        "northing": 0,
    }
    for at, (code, people) in enumerate(
        (("ash", 680_000), ("birch", 880_000), ("cedar", 930_000), ("elm", 2_000_000), ("fir", 765_000))
    )
]
A_HEAD = {"ash": 40.0, "birch": 36.0, "cedar": 41.0, "elm": 45.0, "fir": 34.0}


def spend(times: dict[str, float], lines: tuple[str, ...] = ("all", "control room")) -> list[dict[str, Any]]:
    return [
        {
            "organisation": body["organisation"],
            "line": line,
            "year": "2023-24",
            "gbp": (
                A_HEAD[str(body["organisation"])]
                * float(str(body["population"]))
                * share
                * times.get(str(body["organisation"]), 1.0)
            ),
        }
        for body in BODIES
        for line, share in zip(lines, (1.0, 0.04), strict=True)
    ]


@pytest.mark.parametrize("times", [0.001, 0.002, 0.01, 1000.0])
def test_spending_a_thousand_times_off_is_told(times: float) -> None:
    (found,) = unlike_spending(spend({"ash": times}), BODIES)
    assert found.organisation == "ash"
    assert found.times == pytest.approx(1 / times, rel=0.3)
    assert "a head, beside £34.00 to £45.00 a head of 4 others of its sort" in found.text
    assert ("it looks like thousands" in found.text) == (times in (0.001, 0.002))


@pytest.mark.parametrize("times", [1.0, 0.2, 5.0])
def test_true_differences_are_no_slip(times: float) -> None:
    assert unlike_spending(spend({"ash": times}), BODIES) == []


def test_nothing_is_said_without_peers_or_across_sorts() -> None:
    few = [body for body in BODIES if body["organisation"] in ("ash", "birch")]
    assert unlike_spending([row for row in spend({"ash": 0.001}) if row["organisation"] in ("ash", "birch")], few) == []
    villages = [
        {**body, "organisation": f"parish {at}", "sort": "parish", "population": 300} for at, body in enumerate(BODIES)
    ]
    small = [{"organisation": one["organisation"], "line": "all", "year": "2023-24", "gbp": 900.0} for one in villages]
    assert unlike_spending([*spend({}), *small], [*BODIES, *villages]) == []


def test_one_line_off_is_told_of_that_line_alone() -> None:
    rows = spend({})
    rows[1]["gbp"] /= 1000
    (found,) = unlike_spending(rows, BODIES)
    assert (found.organisation, found.line) == ("ash", "control room")
    assert "it looks like thousands" in found.text
    rows[3]["gbp"] *= 40
    assert unlike_spending(rows, BODIES) == [], "where peers themselves lie far apart nothing can be said of one line"


def test_without_residents_whole_sums_are_compared() -> None:
    unknown = [{**body, "population": None} for body in BODIES]
    (found,) = unlike_spending(spend({"fir": 0.001}), unknown)
    assert found.organisation == "fir"
    assert "a head" not in found.text


def test_each_year_stands_for_itself() -> None:
    before = [{**row, "year": "2022-23"} for row in spend({})]
    assert [(one.organisation, one.year) for one in unlike_spending([*before, *spend({"elm": 0.001})], BODIES)] == [
        ("elm", "2023-24")
    ]


def test_pay_in_thousands_or_by_the_month_is_told() -> None:
    def posts(pay: float, fte: float = 1.0) -> list[dict[str, Any]]:
        return [
            {
                "organisation": body["organisation"],
                "layer": layer,
                "fte": fte if body["organisation"] == "ash" else 1.0,
                "salary_gbp": each * (pay if body["organisation"] == "ash" else 1.0),
            }
            for body in BODIES
            for layer, each in ((1, 140_000.0), (2, 90_000.0), (5, 35_000.0))
        ]

    assert [one.organisation for one in unlike_posts(posts(0.001), BODIES)] == ["ash"]
    assert [one.organisation for one in unlike_posts(posts(1 / 12), BODIES)] == ["ash"]
    assert [one.organisation for one in unlike_posts(posts(1.0, 1000.0), BODIES)] == ["ash"]
    assert unlike_posts(posts(1.3), BODIES) == []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Ash in thousands; cedar gives nought for its control room, elm less than nought."""
    rows = spend({"ash": 0.001})
    given = {("cedar", "control room"): 0, ("elm", "control room"): -20_000}
    for row in rows:
        row["gbp"] = given.get((row["organisation"], row["line"]), row["gbp"])
    for name, table in (("bodies", BODIES), ("spend", rows)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(table[0]))
            writer.writeheader()
            writer.writerows(table)
    (tmp_path / "headwater.toml").write_text(
        'place = "Fire"\n[[source]]\ntable = "organisation"\nfiles = "bodies.csv"\n[[source]]\ntable = "spend"\nfiles ='
        ' "spend.csv"\n',
        encoding="utf-8",
    )
    return Place(tmp_path)


def test_check_load_and_partners_tell_it_and_compare_it_with_nobody(place: Place) -> None:
    checked = {one["file"]: one["problems"] for one in reading.check(place).content["files"]}
    assert any("ash (Ash Fire), 2023-24" in problem and "thousands" in problem for problem in checked["spend.csv"])
    (told,) = reading.load(place).content["unlike"]
    assert "ash (Ash Fire)" in told
    for asking in ("ash", "birch"):
        content = choosing.find(place, asking)
        assert not [one for one in content.content["options"] if "ash" in one["partners"]], (
            "no figure of it in any option"
        )
        needs = [need for one in content.content["needs"] for need in one["needs"] if "ash" in need]
        assert needs and all("it looks like thousands" in need for need in needs)


def test_nought_and_less_are_told_as_such(place: Place) -> None:
    reading.load(place)
    content = choosing.find(place, "birch").content
    needs = {need for one in content["needs"] for way in (one, *one["inside"]) for need in way["needs"]}
    assert any("control room of cedar: given is £0 in 2023-24" in need for need in needs)
    assert any("control room of elm: given is −£20,000 in 2023-24, below nought" in need for need in needs)


def test_a_doubtful_line_is_left_out_and_the_rest_of_the_body_is_compared(place: Place) -> None:
    rows = spend({})
    rows[1]["gbp"] /= 1000
    with (place.workspace.root / "spend.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert "control room is £0.0016 a head" in reading.load(place).content["unlike"][0]
    content = choosing.find(place, "ash").content
    ways = [way for one in (*content["options"], *content["needs"]) for way in (one, *one["inside"])]
    shown = {way["id"].rpartition(":")[0]: bool(way.get("needs")) for way in ways}
    assert shown["mirror:control-room"] and not shown["mirror:leadership-and-management"]
