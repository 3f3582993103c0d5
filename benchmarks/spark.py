"""The same county on DuckDB and on Spark, every step timed; the answers compared; and what a national run needs, on paper.

python benchmarks/spark.py --people 5000              # the county's figures on both, to 1e-9
python benchmarks/spark.py --contacts 20000000 --write # the steps with rows in them, at size
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from engines import SPARK, apart, rows_of
from headwater.app import choosing, evaluating, reading
from headwater.app.demo import _county, _on_its_own_day
from headwater.app.place import Place
from headwater.domain.errors import HeadwaterError

LINKED = ("person_link", "person", "person_contact", "person_enrolment", "person_observation")


def county(people: int) -> None:
    """Every step of the county on both engines."""
    with tempfile.TemporaryDirectory() as folder, _on_its_own_day():
        root = Path(folder)
        _county(root / "duckdb", people, 1, lambda *told: None)
        shutil.copytree(root / "duckdb", root / "spark")
        answers = {name: _river(root / name, name) for name in ("duckdb", "spark")}
    lines = [
        line for step in answers["duckdb"] for line in apart(answers["duckdb"][step], answers["spark"][step], step)
    ]
    print("\n".join(lines[:40]) or "every figure the same to 1e-9")
    sys.exit(bool(lines))


def _river(root: Path, engine: str) -> dict[str, object]:
    place = Place(root)
    if engine == "spark":
        place.__dict__["settings"] = replace(place.settings, engine=SPARK)
    found: dict[str, object] = {}
    steps = {
        "load": lambda: reading.load(place),
        "link": lambda: reading.link(place),
        "partners": lambda: choosing.find(place),
    }
    steps |= {
        f"evaluate {one.id}": lambda one=one: evaluating.evaluate(place, one.id) for one in evaluating.protocols(place)
    }
    for name, step in steps.items():
        begin = time.perf_counter()
        try:
            answer = step()
            found[name] = (answer.value, answer.content)
        except HeadwaterError as problem:
            found[name] = str(problem)
        print(f"{engine:<8}{name:<40}{time.perf_counter() - begin:8.1f} s", flush=True)
    with place.store() as store:
        found |= {table: rows_of(store, table) for table in LINKED}
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=5_000)
    county(parser.parse_args().people)
