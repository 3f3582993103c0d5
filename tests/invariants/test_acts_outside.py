"""Whoever was forgotten: named nowhere, and known again under another number. Locks that somebody takes away."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from acts_world import PEOPLE, Case, case_in, said
from headwater.app import booking, governing, reading
from headwater.app.acting import writing
from headwater.app.place import Place
from headwater.domain.errors import Failed
from headwater.store.acts import PATIENCE
from headwater.store.chain import Chain
from headwater.store.files import locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = "record,agency,given_name,family_name,birth_date,sex,postcode,local_key"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_in(tmp_path_factory.mktemp("outside"))


@pytest.fixture(autouse=True)
def key(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))


def lines() -> list[str]:
    return [
        f"{at},a,{given},{family},{born},female,NN1 {at}AA,k{at}" for at, (given, family, born) in enumerate(PEOPLE)
    ]


def written(root: Path, rows: list[str]) -> None:
    (root / "data" / "r.csv").write_text("\n".join([HEAD, *rows]) + "\n")


BACK = {
    "a new number, the same names, birth date and postcode": ("90,a,Anna,SMITH,1980-01-01,female,nn10aa,", 3),
    "a new number, other names, the same shared key": ("90,a,anne,smyth,1980-01-10,female,NN9 9ZZ,k0", 3),
    "a new number and another birth date: somebody else": ("90,a,anna,smith,1981-01-01,female,NN1 0AA,", 4),
    "a new number and no postcode: too many look alike": ("90,a,anna,smith,1980-01-01,female,,", 4),
}


@pytest.mark.parametrize("how", BACK)
def test_somebody_who_was_forgotten_does_not_come_back_under_another_number(case: Case, how: str) -> None:
    case.fresh()
    written(case.at, lines())
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    governing.forget(Place(case.at), ("a", "0"), "guardian", "asked")
    row, left = BACK[how]
    written(case.at, [row, *lines()[1:]])
    reading.load(Place(case.at))
    with Place(case.at).store() as store:
        assert store.rows("record") == left


def test_nobody_is_named_anywhere_after_forgetting(case: Case) -> None:
    """Names and all, as text, in every file but the agencies' own: parts are read, all else searched as bytes."""
    place = case.fresh()
    named = ("anna", "smith")
    written(case.at, lines())
    reading.load(place)
    assert said_in(case.at, named), "there is something to find"
    governing.forget(place, ("a", "0"), "guardian", "asked")
    assert said_in(case.at, named) == []
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    assert said_in(case.at, named) == []


def said_in(root: Path, words: tuple[str, ...]) -> list[str]:
    import pyarrow.parquet as pq

    found = []
    for file in sorted(root.rglob("*")):
        if not file.is_file() or "data" in file.relative_to(root).parts[:1]:
            continue
        text = (
            str(pq.read_table(file).to_pylist()) if file.suffix == ".parquet" else file.read_bytes().decode("latin-1")
        )
        found += [str(file)] if any(word in text.casefold() for word in words) else []
    return found


def busy_elsewhere(root: Path) -> str:
    """How a claim by another process ends, in a word."""
    out, into = os.pipe()
    process = os.fork()
    if process == 0:
        os.environ[PATIENCE] = "0.1"
        ended = said(lambda place: booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "at once"), Place(root))
        os.write(into, ended.encode())
        os._exit(0)
    os.close(into)
    os.waitpid(process, 0)
    return os.read(out, 4096).decode()


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is open")
@pytest.mark.parametrize("how", ["removed", "another in its place", "emptied"])
def test_the_workspace_stays_locked_when_somebody_takes_the_lock_file_away(case: Case, how: str) -> None:
    case.fresh()
    lock = case.at / ".headwater" / "lock"
    with writing(Place(case.at), "test"):
        if how == "emptied":
            lock.write_bytes(b"")
        else:
            lock.unlink()
        if how == "another in its place":
            lock.touch()
        assert (
            busy_elsewhere(case.at) == "refused: the workspace is being written to, and ledger claim waited 0 seconds"
        )
    assert busy_elsewhere(case.at) == "done"


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no file that is open")
def test_a_lock_that_is_replaced_while_one_waits_for_it_is_taken_anew(tmp_path: Path) -> None:
    """The waiter has the old file open: what it gets at last is no lock that anybody else looks at."""
    lock, held = tmp_path / "lock", threading.Event()
    with locked(lock):
        waiter = threading.Thread(target=lambda: taken_and_kept(lock, held))
        waiter.start()
        time.sleep(0.05)
        lock.unlink()
    assert held.wait(5)
    with pytest.raises(Failed), locked(lock, 0.05):
        pass
    held.clear()
    waiter.join(5)


def taken_and_kept(lock: Path, held: threading.Event) -> None:
    with locked(lock, 5):
        held.set()
        while held.is_set():
            time.sleep(0.01)


def took_the_lock(chain: Chain) -> None:
    chain.lock.unlink()


def wrote_in_spite(chain: Chain) -> None:
    with chain.file.open("ab") as file:
        file.write(b"{}\n")


@pytest.mark.parametrize("meanwhile", [took_the_lock, wrote_in_spite])
def test_an_entry_is_refused_where_another_may_have_been_written_meanwhile(
    tmp_path: Path, meanwhile: Callable[[Chain], None]
) -> None:
    chain = Chain(tmp_path / "a.jsonl", tmp_path / "heads")
    with chain.writing():
        chain.append([("now", "act", "role", {})])
    before = chain.file.read_bytes()
    with chain.writing():
        meanwhile(chain)
        with pytest.raises(Failed, match=r"nothing was booked|written to by another"):
            chain.append([("now", "act", "role", {})])
    assert chain.file.read_bytes().startswith(before)
    assert len(chain.entries) == 1
