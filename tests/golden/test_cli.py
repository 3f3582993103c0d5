"""The command line as a newcomer meets it: help, errors that say what next, exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headwater.app.answer import Answer
from headwater.cli.door import Door
from headwater.cli.main import main
from headwater.disclosure import release
from headwater.domain.release import Count
from headwater.domain.workspace import DisclosureSettings

if TYPE_CHECKING:
    from pathlib import Path


def run(*words: str | Path) -> int:
    return main([str(word) for word in words])


@pytest.mark.parametrize(
    "verb", ["protocol", "register", "ledger", "risk", "gate", "key", "evidence", "prices", "link"]
)
def test_the_help_of_a_verb_cuts_no_sentence_short(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(verb, "--help") == 0
    told = capsys.readouterr().out
    assert "..." not in told.split("Commands:")[1]


def test_help_names_both_questions(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    told = capsys.readouterr().out
    for verb in ("partners", "evaluate", "ledger", "demo", "serve"):
        assert verb in told


def test_an_unknown_verb_is_answered_by_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("partner") == 2
    assert "did you mean 'partners'" in capsys.readouterr().err


def test_a_folder_without_a_workspace_says_what_to_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-w", tmp_path, "load") == 2
    told = capsys.readouterr().err
    assert "no headwater.toml" in told
    assert "headwater new" in told


def test_errors_are_json_where_json_was_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("load", "--json", "--workspace", tmp_path) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "headwater.error/1"
    assert told["exit_code"] == 2


def test_an_answer_that_says_no_is_one_object_with_its_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One row of three has no day: too many are lost, what was kept is told, and standard output is JSON all the
    same."""
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    source = '[[source]]\ntable = "contact"\nfiles = "data/{0}.csv"\nagency = "a"\n'
    (tmp_path / "headwater.toml").write_text('place = "X"\n' + source.format("c") + source.format("none"))
    (tmp_path / "data").mkdir()
    heading = "contact,record,service,kind,start\n"
    (tmp_path / "data" / "none.csv").write_text(heading)
    (tmp_path / "data" / "c.csv").write_text(heading + "1,p,s,visit,2024-01-01\n2,p,s,visit,2024-01-02\n3,p,s,visit,\n")
    for verb in ("check", "load"):
        assert run("-w", tmp_path, verb, "--json") == 3
        told = json.loads(capsys.readouterr().out)
        assert told["schema"] == f"headwater.{verb}/1"
        assert told["error"]["exit_code"] == 3
        assert len(told["files"]) == 2
    assert run("-w", tmp_path, "load") == 3
    out, err = capsys.readouterr()
    assert "data/none.csv" in out
    assert "more rows of some files are lost than may be" in err
    (tmp_path / "data" / "c.csv").write_text(heading + "1,p,s,visit,2024-01-01\n")
    assert run("-w", tmp_path, "load") == 3
    assert "a heading and no row" in capsys.readouterr().err, "a file without a row is told, not passed over"


def test_a_new_workspace_checks_loads_and_links(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    place = tmp_path / "our place"
    assert run("new", place) == 0
    assert run("-w", place, "doctor") == 0
    assert run("-w", place, "check") == 0
    capsys.readouterr()
    assert run("-w", place, "load", "--json") == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert all(one["rows_in"] == one["kept"] + one["quarantined"] for one in files)
    assert sum(one["kept"] for one in files) == 7
    assert run("-w", place, "link") == 0
    assert "Only hospital gave records" in capsys.readouterr().out
    assert run("new", place) == 2


def test_a_bad_setting_is_told_with_what_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "headwater.toml").write_text('place = "X"\n[[source]]\ntabel = "contact"\nfiles = "x"\n')
    assert run("-w", tmp_path, "check") == 2
    assert "did you mean 'table'" in capsys.readouterr().err


def test_a_missing_file_is_a_data_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "headwater.toml").write_text(
        'place = "X"\n[[source]]\ntable = "contact"\nfiles = "data/none.csv"\nagency = "a"\n'
    )
    assert run("-w", tmp_path, "load") == 3
    assert "no file" in capsys.readouterr().err
    assert run("-w", tmp_path, "partners") == 3


def test_counts_are_numbers_or_masks_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    shown = release({"few": Count(3), "many": Count(43)}, DisclosureSettings())
    Door(None, as_json=True, quiet=True).answer(Answer(shown), str)
    assert json.loads(capsys.readouterr().out) == {"few": "*", "many": 45.0}


def test_status_says_what_comes_next_at_each_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    place = tmp_path / "ours"
    assert run("new", place) == 0
    capsys.readouterr()
    steps = []
    for words in (
        (),
        ("load",),
        ("protocol", "new", "team", "--template", "multidisciplinary-team"),
        ("lock", "team", "--role", "board"),
    ):
        assert not words or run("-w", place, *words) == 0
        capsys.readouterr()
        assert run("-w", place, "status") == 0
        steps.append(capsys.readouterr().out.strip().rpartition("Next: ")[2])
    assert steps == [
        "headwater load",
        "headwater protocol new ID --template multidisciplinary-team",
        "headwater lock team --role ...",
        "headwater evaluate team",
    ]
    for words in (("protocol", "show", "team"), ("gate", "list"), ("risk", "list")):
        assert run("-w", place, *words) == 0
    assert run("-w", place, "risk", "show", "nothing") == 2
    assert "headwater risk list" in capsys.readouterr().err
