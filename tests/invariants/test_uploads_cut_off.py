"""A file from a browser that is cut off or finds no room: the whole file under its name, or nothing; and its name is
nobody's hindrance."""

from __future__ import annotations

import errno
import io
import os
from typing import TYPE_CHECKING, Any

import pytest

from acts_world import EVENTS, full
from headwater.app.acting import writing
from headwater.app.place import Place
from headwater.domain.errors import Failed, Usage
from headwater.web import uploads

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"record,agency\n" + b"1,a\n" * 300_000
"""Longer than one piece that is copied."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "headwater.toml").write_text('place = "X"\n')
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def writes(folder: Path) -> int:
    with EVENTS.at(folder, 0, lambda: None) as events:
        uploads.take(folder, "r.csv", io.BytesIO(CONTENT))
    (folder / "r.csv").unlink()
    return events.seen


@pytest.mark.skipif(os.name == "nt", reason="a process is ended as POSIX does it")
def test_an_upload_that_is_killed_is_whole_or_not_there_and_can_be_sent_again(folder: Path) -> None:
    for at in range(1, writes(folder) + 1):
        if (process := os.fork()) == 0:
            with EVENTS.at(folder, at, lambda: os._exit(9)):
                uploads.take(folder, "r.csv", io.BytesIO(CONTENT))
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 9
        if (folder / "r.csv").exists():
            assert (folder / "r.csv").read_bytes() == CONTENT
            (folder / "r.csv").unlink()
        assert uploads.take(folder, "r.csv", io.BytesIO(CONTENT)) == "r.csv"
        (folder / "r.csv").unlink()
    with writing(Place(folder.parent), "test"):
        assert list(folder.iterdir()) == [], "the next act sweeps what was left beside"


class Torn(io.BytesIO):
    """A connection that breaks after one piece."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        return super().read(size)


class Filling(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().read(size)


@pytest.mark.parametrize("stream", [Torn, Filling])
def test_an_upload_that_ends_in_the_middle_leaves_nothing(folder: Path, stream: type[Any]) -> None:
    with pytest.raises(Failed, match=r"r\.csv could not be kept"):
        uploads.take(folder, "r.csv", stream(CONTENT))
    assert list(folder.iterdir()) == []


def test_no_room_at_any_write_is_a_sentence_and_leaves_nothing(folder: Path) -> None:
    for at in range(1, writes(folder)):
        with EVENTS.at(folder, at, full), pytest.raises(Failed, match="could not be kept"):
            uploads.take(folder, "r.csv", io.BytesIO(CONTENT))
        assert list(folder.iterdir()) == []


def test_a_name_that_is_there_stays_as_it_is(folder: Path) -> None:
    (folder / "r.csv").write_bytes(b"first")
    with pytest.raises(Usage, match="is there already"):
        uploads.take(folder, "r.csv", io.BytesIO(CONTENT))
    assert (folder / "r.csv").read_bytes() == b"first"
