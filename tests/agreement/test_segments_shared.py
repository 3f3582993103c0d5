"""Shipped definitions and effects against the compiled material beside the project: every entry, its codes and its
figures."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest

from headwater.partners.published.library import effects
from headwater.partners.segments.definitions import Coded, shipped
from headwater.partners.segments.frailty import tenths

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[dict[str, str]]


def rows(file: Path) -> Rows:
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture
def definitions(shared_data: Path) -> dict[str, dict[str, str]]:
    folder = shared_data / "demand_segments"
    if not folder.is_dir():
        pytest.skip("the compiled segments are not beside the project")
    return {row["segment"]: row for name in ("segments.csv", "segments_other.csv") for row in rows(folder / name)}


def test_every_compiled_segment_is_shipped_with_its_kind_mechanism_and_bodies(
    definitions: dict[str, dict[str, str]],
) -> None:
    made = {one.id: one for one in shipped()}
    assert set(made) == set(definitions)
    for name, row in definitions.items():
        assert made[name].mechanism == row["mechanism"], name
        assert made[name].upstream == tuple(part.strip() for part in row["upstream"].split(";")), name
        assert row["downstream"] in made[name].kinds, name
        assert made[name].grade == (row.get("confidence") or "verified"), name


@pytest.mark.parametrize("system", ["icd10"])
def test_codes_of_hospital_segments_stand_in_the_compiled_rule(
    definitions: dict[str, dict[str, str]], system: str
) -> None:
    """Letters and digits of each pattern, in order, without the brackets' layout: `X?` stands for the rule's filler
    `X`."""
    for one in shipped():
        rule = re.sub(r"[^A-Z0-9]", "", definitions[one.id]["rule"])
        for part in one.conditions():
            if isinstance(part, Coded) and part.system == system and len(part.code) > 6:
                for code in re.findall(r"[A-Z][0-9]+", part.code):
                    assert code in rule, (one.id, code)


def test_the_frailty_points_are_those_compiled(shared_data: Path) -> None:
    file = shared_data / "demand_segments" / "hfrs.csv"
    if not file.exists():
        pytest.skip("the compiled frailty points are not beside the project")
    assert {row["icd10"]: round(float(row["points"]) * 10) for row in rows(file)} == dict(tenths())


def test_every_compiled_effect_is_shipped_with_its_figures(shared_data: Path) -> None:
    file = shared_data / "published_effects" / "effects.csv"
    if not file.exists():
        pytest.skip("the compiled effects are not beside the project")
    theirs = rows(file)
    assert len(theirs) == len(effects())
    word = {"fewer": "fewer", "more": "more", "no difference": "none", "mixed": "mixed"}
    ours = sorted((one.study, str(one.year), one.grade, one.found) for one in effects())
    assert ours == sorted(
        (row["source_title"], row["year"], int(row["grade"]), word[row["direction"]]) for row in theirs
    )
    spend = [row for row in theirs if row["measure"] == "rate_ratio" and row["estimate"]]
    printed = sorted(f"ratio {row['estimate']}" for row in spend)
    assert sorted(one.printed.split(" (")[0] for one in effects() if one.printed.startswith("ratio ")) == printed
