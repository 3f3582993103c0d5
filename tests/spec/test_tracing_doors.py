"""Where figures come from, and how far a workspace is: what every page can point to."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from headwater.app import planning, reading, tracing
from headwater.app.place import Place
from headwater.app.starting import new
from headwater.app.version import DOORS, code_version
from headwater.governance import standing
from headwater.sources import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    new(tmp_path / "place")
    return Place(tmp_path / "place")


def test_an_empty_workspace_is_at_its_beginning(place: Place) -> None:
    made = tracing.progress_made(place).content
    assert (made["files"], made["collaborations"], made["lots"], made["reports"]) == (0, [], 0, 0)
    assert made["partners_found"] is False
    assert tracing.made_from(place).content["files"] == []


def test_every_loaded_file_is_named_with_its_hash_and_its_rows(place: Place) -> None:
    reading.load(place)
    content = tracing.made_from(place).content
    hashes = {one["file"]: one["sha256"] for one in content["files"]}
    assert hashes == {f"data/{name}": sha256(text.encode()).hexdigest() for name, text in EXAMPLES.items()}
    assert content["code_version"] == code_version()
    assert (content["from"], content["to"]) == ("2023-01-05", "2023-02-12")
    made = tracing.progress_made(place).content
    assert (made["files"], made["rows_in"], made["quarantined"]) == (4, 7, 0)


def test_the_data_version_changes_with_the_data_and_with_nothing_else(place: Place) -> None:
    reading.load(place)
    first = tracing.made_from(place).content["data_version"]
    reading.load(place)
    assert tracing.made_from(place).content["data_version"] == first
    file = place.workspace.data / "services.csv"
    file.write_text(file.read_text() + "eye,hospital,Eye clinic,ae_attendance\n")
    reading.load(place)
    assert tracing.made_from(place).content["data_version"] != first


def test_a_protocol_is_told_with_its_hash_and_its_lock_and_one_changed_by_hand_says_so(place: Place) -> None:
    planning.new_protocol(place, "team", "multidisciplinary-team")
    planning.lock(place, "team", "head of strategy", "agreed")
    told = tracing.made_from(place, "team").content["protocol"]
    assert told["sha256"] == standing(place.workspace, "team").sha256
    assert (told["status"], bool(told["locked_at"])) == ("locked", True)
    (line,) = tracing.progress_made(place).content["collaborations"]
    assert (line["status"], line["effect_verdict"]) == ("locked", "")
    file = place.workspace.collaborations / "team.toml"
    file.write_text(file.read_text().replace("follow_up_days = 365", "follow_up_days = 180"))
    (line,) = tracing.progress_made(Place(place.workspace.root)).content["collaborations"]
    assert line["status"] == "changed since its lock"


def test_the_code_version_is_of_what_can_change_a_figure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from headwater.app import version

    package = tmp_path / "headwater"
    names = ("stats/a.py", "report/words.py", *(f"{door}a.py" for door in DOORS))
    for name in names:
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("1")
    monkeypatch.setattr(version, "__file__", str(package / "app" / "version.py"))
    for name in names:
        before = code_version.__wrapped__()
        (package / name).write_text("2")
        assert (code_version.__wrapped__() != before) is not name.startswith(DOORS), name
