"""Rows in are rows kept and rows quarantined, whatever a file holds; and a killed load leaves what an undisturbed one
would."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.domain.errors import DataProblem
from headwater.domain.tables import TABLES
from headwater.sources import files, load
from headwater.sources.convert import convert, nhs_sound
from headwater.store import open_store
from sources_world import HEAD, KEY, ROW, contacts, place, write

CELLS = st.one_of(
    st.sampled_from(
        ["", "A1", "A2", "2023-01-05", "2023-02-31", "05/01/2023 10:00", "-1", "1e3", "emergency", "NULL", "£2"]
    ),
    st.text(st.characters(exclude_characters="\x00\r", exclude_categories=("Cs",)), max_size=8),
)


@given(st.lists(st.lists(CELLS, min_size=5, max_size=7), max_size=12))
@settings(max_examples=40, deadline=None)
def test_rows_in_are_rows_kept_and_quarantined(lines: list[list[str]]) -> None:
    """Every line a CSV writer made that holds anything comes out on one side or the other, and the quarantine names
    each row once."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store") as store:
        write(Path(folder), "data/contacts.csv", HEAD + out.getvalue())
        (found,) = load(store, *place(Path(folder), contacts(date_format="dmy", decimal=".")), KEY)
        assert found.rows_in == sum(any(line) for line in lines) == found.kept + found.quarantined
        assert store.rows("contact") == found.kept
        told = [row["row"] for row in store.arrow(store.table("quarantine")).to_pylist()]
        assert len(set(told)) == len(told) == found.quarantined
        assert set(told) <= set(range(1, len(lines) + 1))


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_any_bytes_at_all_end_in_a_load_or_an_error_in_words(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store") as store:
        write(Path(folder), "data/contacts.csv", content)
        try:
            (found,) = load(store, *place(Path(folder)), KEY)
        except DataProblem as problem:
            assert problem.next_step
        else:
            assert found.rows_in == found.kept + found.quarantined


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d", "%d-%b-%Y", "%d %B %Y"]),
    st.sampled_from(["", " %H:%M", " %H:%M:%S"]),
)
@settings(max_examples=200, deadline=None)
def test_a_moment_written_is_the_moment_read(moment: datetime, day: str, clock: str) -> None:
    form = day if day == "%Y%m%d" else day + clock
    wanted = datetime.strptime(moment.strftime(form), form)
    made = convert(pa.array([moment.strftime(form), None]), TABLES["contact"].column("start"))
    assert made.values.to_pylist() == [wanted, None]
    assert not made.wrong.any()


@given(st.lists(st.integers(0, 10**10 - 1), min_size=1, max_size=50))
@settings(max_examples=100, deadline=None)
def test_the_check_digit_beside_a_slow_twin(numbers: list[int]) -> None:
    texts = [f"{number:010}" for number in numbers]
    assert nhs_sound(pa.array(texts)).tolist() == [_sound(text) for text in texts]


def _sound(text: str) -> bool:
    """As the NHS Data Dictionary tells it, digit by digit."""
    total = sum(int(digit) * weight for digit, weight in zip(text, range(10, 1, -1), strict=False))
    check = 11 - total % 11
    return check != 10 and int(text[9]) == (0 if check == 11 else check)


@pytest.mark.parametrize("seed", [1, 2])
def test_row_numbers_run_on_over_the_borders_of_batches(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK", 1 << 15)
    generator = np.random.default_rng(seed)
    wrong = set(generator.choice(40_000, 50, replace=False).tolist())
    lines = (
        f"A{n},P{n % 999},{'2023-02-31' if n in wrong and n % 2 else '2023-02-01'},,e{',x' * (n in wrong and not n % 2)},1\n"
        for n in range(40_000)
    )
    write(tmp_path, "data/contacts.csv", HEAD + "".join(lines))
    with open_store(tmp_path / "store") as store:
        load(store, *place(tmp_path), KEY)
        told = [row["row"] for row in store.arrow(store.table("quarantine")).to_pylist()]
    assert told == sorted(n + 1 for n in wrong)


@pytest.mark.parametrize("good", [0, 1])
def test_blank_lines_are_no_rows_and_ragged_ones_to_the_end_are(
    tmp_path: Path, good: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BLOCK", 1 << 10)
    write(tmp_path, "data/contacts.csv", HEAD + ROW * good + "\n" + "x,y\n\n" * 900 + ROW.replace("A1", "A2") + "\n\n")
    with open_store(tmp_path / "store") as store:
        (found,) = load(store, *place(tmp_path), KEY)
        told = [row["row"] for row in store.arrow(store.table("quarantine")).to_pylist()]
    assert (found.rows_in, found.kept) == (901 + good, 1 + good)
    assert told == list(range(1 + good, 901 + good))


KILLED = """
import sys
from pathlib import Path
from headwater.sources import load
from headwater.store import open_store
from sources_world import KEY, contacts, place
root = Path(sys.argv[1])
with open_store(root / "store") as store:
    print("begun", flush=True)
    load(store, *place(root, contacts(files="data")), KEY)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("after", [0.02, 0.2, 0.6])
def test_killed_and_loaded_again_gives_the_same_bytes(tmp_path: Path, after: float) -> None:
    for name in ("calm", "killed"):
        for at in range(4):
            lines = "".join(
                ROW.replace("A1", f"A{at}-{n}").replace("-05 14", f"-{4 + (n % 500 > 0):02} 14") for n in range(20_000)
            )
            write(tmp_path / name, f"data/{at}.csv", HEAD + ROW + lines)
    _run(tmp_path / "calm")
    _run(tmp_path / "killed", after)
    _run(tmp_path / "killed")
    assert _bytes(tmp_path / "killed") == _bytes(tmp_path / "calm")


def _run(root: Path, kill_after: float | None = None) -> None:
    here = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(here / "src"), str(here / "tests")])
    call = [sys.executable, "-c", KILLED, str(root)]
    with subprocess.Popen(call, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        running.stdout.readline()
        if kill_after is not None:
            time.sleep(kill_after)
            running.send_signal(signal.SIGKILL)
    assert kill_after is not None or running.returncode == 0


def _bytes(root: Path) -> dict[str, str]:
    """Every part and the manifest, by its hash."""
    files = [file for file in (root / "store").rglob("*") if file.suffix in {".parquet", ".json"}]
    return {file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_a_load_reads_the_files_in_order_of_name(tmp_path: Path) -> None:
    """Which of two equal numbers stays must not hang on how a disk lists its files."""
    for name, day in (("b", "06"), ("a", "05"), ("c", "07")):
        write(tmp_path, f"data/{name}.csv", HEAD + ROW.replace("2023-01-05", f"2023-01-{day}"))
    with open_store(tmp_path / "store") as store:
        load(store, *place(tmp_path, contacts(files="data")), KEY)
        (row,) = store.arrow(store.table("contact")).to_pylist()
    assert row["start"].day == 5
