"""The demonstration county: the same seed gives the same bytes, and what its truth says is in its files."""

from __future__ import annotations

import csv
import gzip
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.domain.errors import Usage
from headwater.worlds import write_county
from headwater.worlds.bodies import deprivations
from headwater.worlds.identities import nhs_numbers
from headwater.worlds.lives import AT, WEEKS, Lives, born, live
from headwater.worlds.programmes import PEOPLE, PROTOCOLS
from headwater.worlds.streets import incidents

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def lives() -> Lives:
    rng = np.random.default_rng(3)
    return live(born(20_000, deprivations(), rng), rng)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_county(tmp_path / name, people=5000, seed=4)
    files = sorted(file.relative_to(tmp_path / "one") for file in (tmp_path / "one").rglob("*") if file.is_file())
    assert len(files) > 50
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_a_second_county_is_not_written_over_the_first(tmp_path: Path) -> None:
    write_county(tmp_path / "x", people=5000)
    with pytest.raises(Usage, match="stands here already"):
        write_county(tmp_path / "x", people=5000)
    with pytest.raises(Usage, match="5,000"):
        write_county(tmp_path / "y", people=10)


def test_what_is_told_as_truth_is_what_the_files_hold(tmp_path: Path) -> None:
    truth = write_county(tmp_path, people=5000)
    told = json.loads((tmp_path / "truth" / "truth.json").read_text())
    assert told["rate_ratios"]["frequent-attenders/ae_attendance"] == 0.70
    assert sorted(file.stem for file in (tmp_path / "collaborations").glob("*.toml")) == sorted(PROTOCOLS)
    rows = list(csv.DictReader((tmp_path / "data" / "enrolments" / "gp-frequent-attenders-0000.csv").open()))
    assert len(rows) == truth.enrolled["frequent-attenders"]
    with gzip.open(tmp_path / "data" / "ambulance" / "contacts-0000.csv.gz", "rt") as file:
        assert next(csv.reader(file))[0] == "IncidentRef"


def test_nhs_numbers_are_sound_distinct_and_nobody_s() -> None:
    numbers = nhs_numbers(0, 5000)
    assert len(set(numbers)) == 5000
    assert all(number.startswith("999") for number in numbers)
    for number in numbers[:200]:
        check = (
            11 - sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)) % 11
        ) % 11
        assert check == int(number[9])
    assert not set(nhs_numbers(5000, 5000)) & set(numbers)


def counted(lives: Lives, kind: str, row: int, low: int, high: int) -> float:
    """Contacts of a programme's people between two days of their enrolment."""
    start = np.where(lives.index[row] >= 0, 7 * lives.index[row], 10**6)
    mine = lives.kind == AT[kind]
    since = lives.day[mine] - start[lives.person[mine]]
    return float(((since >= low) & (since < high)).sum())


def test_before_and_after_looks_splendid_where_nothing_was_done(lives: Lives) -> None:
    row = [one.id for one in PEOPLE].index("wellbeing-calls")
    before, after = counted(lives, "ambulance_call", row, -365, 0), counted(lives, "ambulance_call", row, 0, 365)
    assert after / before < 0.75


def test_the_effect_put_in_is_the_effect_that_is_there() -> None:
    """With many people, attendances of the enrolled over what the rates without the programme would give."""
    totals = np.zeros(2)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        people = live(born(20_000, deprivations(), rng), rng)
        seen = counted(people, "ae_attendance", 0, 0, 364)
        totals += (seen, people.averted["frequent-attenders", "ae_attendance"].sum())
    assert totals[0] / (totals[0] + totals[1]) == pytest.approx(0.70, abs=0.03)


def test_the_decoy_comes_before_attendances(lives: Lives) -> None:
    called = lives.kind == AT["advice_line_call"]
    attended = lives.kind == AT["ae_attendance"]
    calls = set(zip(lives.person[called].tolist(), lives.day[called].tolist(), strict=True))
    before = [
        any((person, day - ago) in calls for ago in range(1, 11))
        for person, day in zip(lives.person[attended].tolist(), lives.day[attended].tolist(), strict=True)
    ]
    assert np.mean(before) > 0.4


def test_nobody_has_contacts_after_the_end(lives: Lives) -> None:
    assert (lives.day <= lives.last_day[lives.person]).all()
    assert lives.day.max() < 7 * WEEKS


def test_programmes_overlap_and_their_people_met_the_rule(lives: Lives) -> None:
    assert ((lives.index[0] >= 0) & (lives.index[3] >= 0)).sum() > 10
    start = 7 * lives.index[0]
    attended = lives.kind == AT["ae_attendance"]
    ago = start[lives.person[attended]] - lives.day[attended]
    recent = np.bincount(lives.person[attended][(ago > 0) & (ago <= 90)], minlength=len(start))
    assert (recent[lives.index[0] >= 0] >= 3).all()


def test_streets_grow_quieter_where_the_week_was() -> None:
    rng = np.random.default_rng(1)
    easting, northing = rng.uniform(0, 10_000, (2, 240))
    found = incidents(easting, northing, rng)
    assert len(found.treated) == 12
    assert found.averted.sum() > 50
