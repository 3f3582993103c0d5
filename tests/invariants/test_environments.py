"""Where a workspace may stand, and what the system around it may refuse: odd names, odd locales, no home, no room,
nothing to write to."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from acts_world import EVENTS, KEY, Case, case_in, said, workspace
from headwater.app import booking, governing, reading
from headwater.app.place import Place
from headwater.cli.main import main
from headwater.domain.errors import Failed
from headwater.store import open_store

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names and limits as POSIX systems have them")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_in(tmp_path_factory.mktemp("around"))


@pytest.fixture(autouse=True)
def key(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))


NAMES = ["a b é 'q' \"dq\" ; $(x) # [1] *?\nnl", "n" * 240, "con.fig", "%s{x}", "-w", "Ä\u0301 水", "..a"]


@pytest.mark.parametrize("name", NAMES)
def test_a_workspace_may_stand_in_a_folder_of_any_name(case: Case, tmp_path: Path, name: str) -> None:
    case.key.write_text(KEY.hex())
    place = workspace(tmp_path / name)
    booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more of it")
    governing.forget(Place(tmp_path / name), ("a", "0"), "guardian", "asked")
    with place.store() as store:
        assert (store.rows("record"), store.arrow(store.table("contact")).num_rows) == (3, 6)
    assert booking.verify(place).content["intact"]


def command(root: Path, *words: str, **around: str | None) -> tuple[int, str]:
    """One command in a process of its own, with some of the environment changed or (None) taken away."""
    environment = {name: text for name, text in {**os.environ, **around}.items() if text is not None}
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "-q", "-w", str(root), *words],
        env=environment,
        capture_output=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


LOCALES: list[dict[str, str | None]] = [
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "cp437", "PYTHONUTF8": "0"},
    {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
]


@pytest.mark.parametrize("locale", LOCALES)
def test_any_locale_shows_the_ledger(case: Case, locale: dict[str, str | None]) -> None:
    case.fresh()
    code, told = command(case.at, "ledger", "show", **locale)
    assert (code, "Traceback" in told, "Head " in told) == (0, False, True), told


def test_without_a_home_or_with_one_that_is_none_a_sentence_says_where_the_key_was_sought(case: Case) -> None:
    case.fresh()
    bare: dict[str, str | None] = {"HEADWATER_KEY_FILE": None, "XDG_CONFIG_HOME": None}
    for home in (None, "/proc/nonexistent"):
        code, told = command(case.at, "load", HOME=home, **bare)
        assert (code, "Traceback" in told) == (1, False), told
        assert "HEADWATER_KEY_FILE" in told
    shutil.rmtree(case.at / ".headwater")
    code, told = command(case.at, "load", HOME="/proc/nonexistent", **bare)
    assert (code, "Traceback" in told, "could not write" in told) == (1, False, True), told


@pytest.mark.parametrize("bytes_", [0, 600, 3000])
def test_files_that_may_not_grow_are_a_sentence_and_the_same_command_finishes(case: Case, bytes_: int) -> None:
    case.fresh()
    shutil.rmtree(case.at / ".headwater" / "store")
    limited = (
        f"import resource,sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes_}, {bytes_})); from headwater.cli.main"
        f" import main; sys.exit(main({['-q', '-w', str(case.at), 'load']!r}))"
    )
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr, done.stderr
    reading.load(Place(case.at))
    with Place(case.at).store() as store:
        assert (store.rows("record"), store.rows("contact")) == (4, 8)


def test_a_workspace_that_is_only_to_be_read_is_read_and_any_act_is_a_sentence(case: Case) -> None:
    """Every write is refused, as on a disk that was mounted so."""

    def refused() -> None:
        EVENTS.limit += 1
        raise OSError(errno.EROFS, "Read-only file system")

    place = case.fresh()
    before = case.bytes()
    with EVENTS.at(case.at, 1, refused):
        assert booking.show(place).content["totals"]["cash_gbp"] == 60.0
        assert booking.verify(place).content["intact"]
        assert said(lambda it: booking.claim(it, "lot-1", "hospital", 5.0, "2023-24", "x"), place).startswith(
            "refused: "
        )
        assert said(lambda it: governing.forget(it, ("a", "0"), "guardian", "asked"), place).startswith("refused: ")
        assert said(reading.load, place).startswith("refused: ")
    assert case.bytes() == before


def test_an_engine_without_room_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(tmp_path / "store") as store:
        rows = store.engine.rows_of(pa.table({"x": [1, 2]}))
        with pytest.raises(Failed, match="no room"):
            store.engine.write(rows, tmp_path / "nowhere" / "x.parquet")

        def without_memory(*asked: object) -> None:
            raise duckdb.OutOfMemoryException("failed to allocate 32 MB")

        monkeypatch.setattr(store.engine.backend, "to_pyarrow", without_memory)  # type: ignore[attr-defined]
        with pytest.raises(Failed, match="no room") as refused:
            store.engine.arrow(rows)
        assert "memory" in refused.value.next_step


@pytest.mark.parametrize(
    "problem", [PermissionError(errno.EACCES, "Permission denied", "/x/y"), MemoryError(), OSError("odd")]
)
def test_whatever_the_system_refuses_is_a_sentence_at_the_command_line(
    case: Case, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: Exception
) -> None:
    def refuse(*asked: object) -> None:
        raise problem

    case.fresh()
    monkeypatch.setattr(booking, "show", refuse)
    assert main(["-w", str(case.at), "ledger", "show"]) == 1
    told = capsys.readouterr().err
    assert "the system refused" in told and "next:" in told
