"""The whole demonstration county on Spark, as its headwater.toml asks for it, says what it says on DuckDB to 1e-9."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from engine_county import LEARNT, LINKED, name_engine, river
from engines import SPARK, apart, spark_missing
from headwater.app.demo import _county, _on_its_own_day
from headwater.domain.progress import silent
from headwater.domain.workspace import EngineSettings

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.spark,
    pytest.mark.acceptance,
    pytest.mark.skipif(bool(spark_missing()), reason=spark_missing() or "Spark is here"),
]

PEOPLE = 5_000
"""The fewest of whom a county is made."""
JUDGED = ("frequent-attenders", "streetweek")
"""One programme of people and one of places; `benchmarks/spark.py stages` asks for all five."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("counties")
    with pytest.MonkeyPatch.context() as patch, _on_its_own_day():
        patch.setenv("HEADWATER_KEY_FILE", str(folder / "key"))
        _county(folder / "duckdb", PEOPLE, 1, silent)
        shutil.copytree(folder / "duckdb", folder / "spark")
        name_engine(folder / "duckdb", EngineSettings("duckdb", threads=2))
        name_engine(folder / "spark", SPARK)
        return tuple(river(folder / engine, only=JUDGED) for engine in ("duckdb", "spark"))  # type: ignore[return-value]


def test_every_step_answered_and_the_weights_decided(answers: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """No trivial agreement: people are joined by what they look like."""
    duck, _spark = answers
    assert [name for name in duck if name.startswith("evaluate ")] == [f"evaluate {one}" for one in JUDGED]
    assert all(len(duck[table]) > 100 for table in LINKED)
    assert sum(row["weight"] is not None for row in duck["person_link"]) > 1000


def test_what_is_learnt_without_labels_is_the_same_model(answers: tuple[dict[str, Any], dict[str, Any]]) -> None:
    one, other = (told[LEARNT] for told in answers)
    assert len(one["rules"]) > 1 and one["prior"] < 0.1
    assert not apart(one, other)


@pytest.mark.parametrize("step", ["load", "link", *LINKED, "partners", "evaluate"])
def test_the_county_says_the_same_on_both(answers: tuple[dict[str, Any], dict[str, Any]], step: str) -> None:
    asked = [name for name in answers[0] if name.split(" ")[0] == step]
    assert asked
    for name in asked:
        assert not apart(answers[0][name], answers[1][name], name)
