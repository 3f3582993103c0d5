"""Every act under the rules of Windows: nothing open is replaced or removed, and no file has a name that it refuses."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acts_world import Case, case_in, only_reading, protocol_in
from headwater.app import booking, evaluating, governing, leaving, planning, reading
from headwater.app.place import Place
from headwater.domain.errors import HeadwaterError
from headwater.store.files import removed, replaced, write_atomically
from headwater.web.uploads import bare, take
from windows import WINDOWS

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="open files are read from /proc")

ACTS: dict[str, Callable[[Place], object]] = {
    "load again": reading.load,
    "load anew": lambda place: (edited(place, "data/c.csv", "2023-01-01", "2023-01-07"), reading.load(place)),
    "check": reading.check,
    "link": reading.link,
    "claim": lambda place: booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more of it"),
    "accept": lambda place: booking.advance(place, "first", "finance-accepted", "finance", "agreed"),
    "lock": lambda place: planning.lock(place, "team", "head", "agreed"),
    "evaluate": lambda place: evaluated(place),
    "forget": lambda place: governing.forget(place, ("a", "0"), "guardian", "asked"),
    "rotate": lambda place: governing.rotate(place, "guardian", "leak", withdraw_lots=True),
    "request": lambda place: leaving.request(place, "team", "gp"),
    "export": lambda place: leaving.export(place, "team", "registry"),
    "settings": lambda place: planning.save_text(place, "", place.workspace.settings.read_text()),
}


def edited(place: Place, file: str, old: str, new: str) -> None:
    path = place.workspace.root / file
    path.write_text(path.read_text().replace(old, new))


def evaluated(place: Place) -> None:
    with place.store() as store:
        evaluating.evaluated(place, store, evaluating.protocol_of(place, "team"), opening=True)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_in(tmp_path_factory.mktemp("windows"), lambda place: protocol_in(place.workspace.root))


@pytest.fixture(autouse=True)
def key(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))
    only_reading(monkeypatch)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_touches_nothing_that_it_holds_open(case: Case, name: str) -> None:
    place = case.fresh()
    with WINDOWS.rules(case.at.parent) as windows:
        ACTS[name](place)
    assert windows.refused == []


def test_the_rules_would_be_felt(tmp_path: Path) -> None:
    """A twin that holds a file open is refused; otherwise the test above could not fail."""
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("x")
    with WINDOWS.rules(tmp_path), (tmp_path / "a").open() as held:
        with pytest.raises(PermissionError):
            (tmp_path / "b").replace(tmp_path / "a")
        with pytest.raises(PermissionError):
            (tmp_path / "a").unlink()
        with pytest.raises(OSError, match="syntax"):
            (tmp_path / "con.csv").write_text("x")
        assert held.read() == "x"


def test_a_reader_that_lets_go_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virus scanner or a reader holds a file for a moment: replacing and removing wait for it."""
    (tmp_path / "a").write_text("old")
    held, naps = (tmp_path / "a").open(), []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            held.close()

    monkeypatch.setattr("headwater.store.files.sleep", nap)
    with WINDOWS.rules(tmp_path):
        write_atomically(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new"
    assert len(naps) == 3
    held, naps[:] = (tmp_path / "a").open(), []
    with WINDOWS.rules(tmp_path):
        removed(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_reader_that_never_lets_go_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headwater.store.files.sleep", lambda seconds: None)
    (tmp_path / "a").write_text("old")
    with WINDOWS.rules(tmp_path), (tmp_path / "a").open():
        with pytest.raises(HeadwaterError, match="could not be removed"):
            removed(tmp_path / "a")
        with pytest.raises(HeadwaterError, match="could not write"):
            write_atomically(tmp_path / "a", "new")
        (tmp_path / "b").write_text("new")
        with pytest.raises(PermissionError):
            replaced(tmp_path / "b", tmp_path / "a")
    assert (tmp_path / "a").read_text() == "old"


@pytest.mark.parametrize("name", ["CON.csv", "con.csv", "Nul.xlsx", "com1.csv", "LPT9.tsv", "aux.x.csv", "prn .csv"])
def test_a_name_that_windows_keeps_for_itself_is_refused_everywhere(name: str) -> None:
    with pytest.raises(HeadwaterError, match="name"):
        bare(name)


def test_an_upload_that_was_killed_blocks_nobody(tmp_path: Path) -> None:
    (tmp_path / ".c.csv.part").write_text("half")
    (tmp_path / ".c.csv.999999-x.beside").write_text("half")
    with WINDOWS.rules(tmp_path) as windows:
        assert take(tmp_path, "c.csv", io.BytesIO(b"a,b\n1,2\n")) == "c.csv"
    assert windows.refused == []
    assert (tmp_path / "c.csv").read_bytes() == b"a,b\n1,2\n"
    with pytest.raises(HeadwaterError, match="there already"):
        take(tmp_path, "c.csv", io.BytesIO(b"other"))
    assert (tmp_path / "c.csv").read_bytes() == b"a,b\n1,2\n"


TEXTS = {"a mark": b"\xef\xbb\xbf", "none": b""}


@pytest.mark.parametrize("mark", TEXTS)
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_files_that_a_windows_editor_saved_are_read_alike(case: Case, mark: str, ends: bytes) -> None:
    """headwater.toml, protocols, data and people's own notes; what is chained is for no editor."""
    case.fresh()
    for name in ("headwater.toml", "collaborations/team.toml", "data/r.csv", "data/c.csv"):
        file = case.at / name
        file.write_bytes(TEXTS[mark] + file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", ends))
    place = Place(case.at)
    assert [(one.kept, one.quarantined) for one in reading.load(place).value] == [(4, 0), (8, 0)]
    assert evaluating.protocol_of(place, "team").id == "team"
