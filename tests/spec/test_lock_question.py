"""What a lock binds beside the protocol's own words, and what is said when any of it is another one afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acts_world import KEY, case_in, only_reading, protocol_in
from headwater.app import evaluating, planning, reading
from headwater.app.place import Place
from headwater.domain.collaboration import Status
from headwater.domain.errors import ProtocolBreach
from headwater.domain.workspace import Workspace
from headwater.governance import note_locked, note_read, published_key, read_before_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.domain.collaboration import Standing


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return case_in(tmp_path_factory.mktemp("question"), lambda place: protocol_in(place.workspace.root)).base


@pytest.fixture
def at(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workspace on an account of its own. Reading outcomes is what matters here, not what they say."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "key").write_text(KEY.hex())
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "home" / "key"))
    only_reading(monkeypatch)
    return copied(base, tmp_path / "at")


def copied(root: Path, to: Path) -> Path:
    shutil.copytree(root, to)
    return to


def locked(root: Path) -> None:
    planning.lock(Place(root), "team", "head", "agreed")


def read(root: Path) -> Standing:
    """Outcomes read; how the protocol stands then."""
    place = Place(root)
    with place.store() as store:
        return evaluating.evaluated(place, store, evaluating.protocol_of(place, "team"), opening=True)[0]


def edited(file: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        text = (root / file).read_text()
        assert old in text
        (root / file).write_text(text.replace(old, new, 1))
        reading.load(Place(root))

    return edit


CHANGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "a contact more": ("data", edited("data/c.csv", "0,0,a,s1", "90,0,a,s1,ae_attendance,2023-01-09\n0,0,a,s1")),
    "a filter": (
        "mapping",
        edited("headwater.toml", 'files = "data/c.csv"\n', 'files = "data/c.csv"\nwhere = {service = "s1"}\n'),
    ),
    "a word of the mapping": (
        "mapping",
        edited("headwater.toml", 'files = "data/c.csv"\n', 'files = "data/c.csv"\nconstants = {outcome = "x"}\n'),
    ),
    "a price year": ("prices", edited("headwater.toml", 'place = "X"\n', 'place = "X"\nprice_year = 2019\n')),
    "a disclosure rule": (
        "disclosure",
        edited("headwater.toml", "[disclosure]\n", '[disclosure]\nrule = "threshold-10"\n'),
    ),
    "a window": (
        "observed window",
        edited("headwater.toml", 'place = "X"\n', 'place = "X"\nobserved = {to = 2023-01-05}\n'),
    ),
    "a way to link": ("linkage", edited("headwater.toml", 'place = "X"\n', 'place = "X"\nlink = {review_pairs = 7}\n')),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_part_of_the_question_that_changed_after_the_lock_is_named(at: Path, change: str) -> None:
    part, happens = CHANGES[change]
    locked(at)
    assert read(at).status is Status.LOCKED
    happens(at)
    found = read(at)
    assert (found.status, found.deviations) == (Status.AMENDED, (f"Not as it was locked: {part}.",))


def test_data_that_came_after_the_lock_are_bound_by_their_first_reading(at: Path) -> None:
    shutil.rmtree(at / ".headwater" / "store")
    locked(at)
    reading.load(Place(at))
    assert read(at).status is Status.LOCKED
    CHANGES["a contact more"][1](at)
    assert read(at).deviations == ("Not as it was locked: data.",)


def removed(root: Path, *names: str) -> None:
    for name in names:
        if (root / name).is_dir():
            shutil.rmtree(root / name)
        else:
            (root / name).unlink(missing_ok=True)


LOCKS = "governance/locks.jsonl"
FORGED: dict[str, tuple[str, ...]] = {
    "its anchor too": (LOCKS, ".headwater/heads"),
    "the audit log too": (LOCKS, ".headwater/heads", ".headwater/audit.jsonl"),
    "the whole hidden folder": (LOCKS, ".headwater", "ledger.jsonl"),
}


@pytest.mark.parametrize("gone", FORGED)
def test_a_lock_made_anew_after_outcomes_were_read_stays_exploratory(at: Path, gone: str) -> None:
    locked(at)
    read(at)
    removed(at, *FORGED[gone])
    locked(at)
    reading.load(Place(at))
    found = read(at)
    assert found.status is Status.EXPLORATORY
    assert found.deviations


def test_a_lock_file_that_is_gone_is_a_breach(at: Path) -> None:
    locked(at)
    (at / LOCKS).unlink()
    with pytest.raises(ProtocolBreach, match=r"locks\.jsonl"):
        read(at)


def test_outcomes_that_were_read_in_a_copy_bind_the_original(at: Path, tmp_path: Path) -> None:
    copy = copied(at, tmp_path / "copy")
    assert read(copy).status is Status.EXPLORATORY
    shutil.rmtree(copy)
    locked(at)
    found = read(at)
    assert (found.status, found.deviations) == (
        Status.EXPLORATORY,
        ("Another copy of this workspace had read outcomes of the same data before this lock.",),
    )


def test_a_locked_workspace_that_is_copied_stays_locked(at: Path, tmp_path: Path) -> None:
    locked(at)
    assert read(at).status is Status.LOCKED
    assert read(copied(at, tmp_path / "copy")).status is Status.LOCKED


def test_the_list_of_what_was_read_names_nothing(at: Path, tmp_path: Path) -> None:
    locked(at)
    read(at)
    said = (tmp_path / "home" / "outcomes.read").read_text()
    assert [len(word) for line in said.splitlines() for word in line.split()[1:]] == [32, 32]
    assert "team" not in said


@pytest.mark.parametrize(("key", "truth", "bound"), [(1, True, False), (1, False, True), (None, True, True)])
def test_a_made_up_county_that_is_made_again_has_read_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: int | None, truth: bool, bound: bool
) -> None:
    """Two counties of one seed have the same files. Only the truth beside them and the published key together say made
    up."""
    held = tmp_path / "home" / "key"
    held.parent.mkdir()
    held.write_text((KEY if key is None else published_key(key)).hex())
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(held))
    first, second = (Workspace(tmp_path / name) for name in ("one", "two"))
    for each in (first, second) if truth else ():
        (each.root / "truth").mkdir(parents=True)
        (each.root / "truth" / "truth.json").write_text("{}")
    note_read(first, "team", "the same data")
    note_locked(second, "team")
    assert read_before_lock(second, "team", "the same data") is bound
