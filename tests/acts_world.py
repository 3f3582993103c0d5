"""A workspace of four made-up people with a ledger, small enough to be broken at every byte that is written, and how it
is broken."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headwater.app import evaluating, reading
from headwater.app.ledgers import ledger_of
from headwater.app.place import Place
from headwater.domain.errors import HeadwaterError
from headwater.domain.uncertainty import Interval
from headwater.governance import template
from money_world import AT, LOCK, claim, lot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    Act = Callable[[Place], object]

KEY = bytes(range(32))
PEOPLE = (
    ("anna", "smith", "1980-01-01"),
    ("bert", "jones", "1970-02-02"),
    ("cleo", "brown", "1960-03-03"),
    ("dora", "white", "1950-04-04"),
)
SETTINGS = """place = "X"
[disclosure]
role = "analyst"
[[source]]
table = "record"
files = "data/r.csv"
[[source]]
table = "contact"
files = "data/c.csv"
"""
VOLATILE = ("audit.jsonl", "audit.head", ".lock", "lock", "lock.owner", "times.json", "key.json")
"""What says when and who, and the fingerprint of a key: a new one is made by chance."""
WRITING = os.O_WRONLY | os.O_RDWR
CHANCE = re.compile(r"[0-9a-f]{12,}|\.\d+-[\w-]+")
"""What differs between two runs in the name of a file: hashes, processes, and what chance adds."""


def workspace(root: Path) -> Place:
    """Files, loaded and linked; a lot over all four people with two claims."""
    (root / "data").mkdir(parents=True)
    (root / "collaborations").mkdir()
    (root / "headwater.toml").write_text(SETTINGS)
    records = [f"{i},a,{given},{family},{born},female" for i, (given, family, born) in enumerate(PEOPLE)]
    (root / "data" / "r.csv").write_text(
        "record,agency,given_name,family_name,birth_date,sex\n" + "\n".join(records) + "\n"
    )
    contacts = [f"{at},{at // 2},a,s1,ae_attendance,2023-01-0{at + 1}" for at in range(8)]
    (root / "data" / "c.csv").write_text("contact,record,agency,service,kind,start\n" + "\n".join(contacts) + "\n")
    place = Place(root)
    reading.load(place)
    reading.link(place)
    with place.store() as store:
        people = store.arrow(store.table("person_link").select("person").distinct())["person"].to_pylist()
    ledger = ledger_of(place)
    ledger.open_lot(lot(), people, LOCK, 3, AT)
    ledger.claim([claim("first", 10.0), claim("second", 20.0)], AT)
    return place


def protocol_in(root: Path, name: str = "team") -> None:
    """A protocol from the template of a team, under this id."""
    text = template("multidisciplinary-team").replace('id = "example"', f'id = "{name}"', 1)
    (root / "collaborations" / f"{name}.toml").write_text(text)


@contextmanager
def under_key(file: Path) -> Iterator[None]:
    """The key of these workspaces, written here and in use within: for fixtures that are made once for many tests."""
    file.write_text(KEY.hex())
    before = os.environ.get("HEADWATER_KEY_FILE")
    os.environ["HEADWATER_KEY_FILE"] = str(file)
    try:
        yield
    finally:
        if before is None:
            del os.environ["HEADWATER_KEY_FILE"]
        else:
            os.environ["HEADWATER_KEY_FILE"] = before


def case_in(folder: Path, then: Act = lambda place: None) -> Case:
    """The workspace with its key, and with what `then` does to it, ready to be copied."""
    made = Case(folder / "base", folder / "at", folder / "key")
    with under_key(made.key):
        then(workspace(made.base))
    return made


def only_reading(patch: pytest.MonkeyPatch) -> None:
    """Reading outcomes is what matters, not what they say: an evaluation is the number of contacts."""
    patch.setattr(evaluating.evidence, "evaluate", lambda store, *asked: Interval(0, store.rows("contact"), 99))
    patch.setattr(evaluating, "estimate_of", lambda found: None)
    patch.setattr(evaluating, "decided", lambda place, protocol, found: found)


@dataclass
class Case:
    """A workspace to be copied, acted on, and looked at."""

    base: Path
    at: Path
    key: Path

    def fresh(self) -> Place:
        shutil.rmtree(self.at, ignore_errors=True)
        shutil.copytree(self.base, self.at)
        self.key.write_text(KEY.hex())
        self.key.with_name(f"{self.key.name}.next").unlink(missing_ok=True)
        return Place(self.at)

    def bytes(self) -> dict[str, str]:
        """File → the hash of its bytes, but for what says when and who."""
        return {
            str(file.relative_to(self.at)): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
            for file in sorted(self.at.rglob("*"))
            if file.is_file() and not file.name.endswith(VOLATILE) and "spill" not in file.parts
        }

    def traces(self, names: set[str]) -> list[str]:
        """Files that hold any of these pseudonyms in the open: parts are read, and all else searched as bytes."""
        import pyarrow.parquet as pq

        found = []
        for file in sorted((self.at / ".headwater").rglob("*")):
            if file.suffix == ".parquet":
                texts = [value for column in pq.read_table(file).columns for value in column.to_pylist()]
                held = names & {value for value in texts if isinstance(value, str)}
            else:
                held = {name for name in names if file.is_file() and name.encode() in file.read_bytes()}
            if held:
                found.append(str(file.relative_to(self.at)))
        return found


class Events:
    """Counts what is written: files opened for writing, renamed, removed, cut; at the n-th, `strike` is called."""

    def __init__(self) -> None:
        self.seen, self.limit, self.root, self.strike = 0, 0, "", lambda: None
        self.what: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.root or not self._writes(event, arguments):
            return
        self.seen += 1
        self.what.append(f"{event} {CHANCE.sub('', str(arguments[0]).removeprefix(self.root))}")
        if self.seen == self.limit:
            self.strike()

    def _writes(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event not in ("open", "os.rename", "os.remove", "os.truncate", "shutil.rmtree") or not isinstance(
            arguments[0], (str, Path)
        ):
            return False
        inside = str(arguments[0]).startswith(self.root)
        return inside and (event != "open" or (isinstance(arguments[2], int) and bool(arguments[2] & WRITING)))

    @contextmanager
    def at(self, root: Path, limit: int, strike: Callable[[], None]) -> Iterator[Events]:
        self.seen, self.limit, self.strike, self.root, self.what = 0, limit, strike, str(root), []
        try:
            yield self
        finally:
            self.root = ""


EVENTS = Events()


def said(act: Act, place: Place) -> str:
    """How an act ended, in a word; anything but a sentence of ours is a fault."""
    try:
        act(place)
    except HeadwaterError as problem:
        return f"refused: {problem.what}"
    return "done"


def killed(act: Act, case: Case, limit: int) -> bool:
    """Run the act in a process of its own that is ended, without a last word, at its n-th write."""
    process = os.fork()
    if process == 0:
        with EVENTS.at(case.at, limit, lambda: os._exit(9)):
            said(act, Place(case.at))
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 9


def no_room() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def full() -> None:
    """What strikes at an event when the disk is full."""
    if not EVENTS.what[-1].startswith("shutil.rmtree"):  # to take a folder away needs no room
        no_room()
