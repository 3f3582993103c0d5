"""Results that are kept: whatever they were made of is their key, and each setting and input in turn asks for them
anew."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from acts_world import KEY, case_in, only_reading, protocol_in
from headwater.app import choosing, evaluating, governing, planning, reading
from headwater.app.place import Place
from headwater.domain import evidence, release
from headwater.domain.uncertainty import Interval
from headwater.store import Store, open_store
from headwater.store.kept import packed, unpacked
from headwater.store.made import Made, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people, a protocol for them that is locked, and every result kept."""
    return case_in(tmp_path_factory.mktemp("kept"), agreed).base


def agreed(place: Place) -> None:
    protocol_in(place.workspace.root)
    planning.lock(place, "team", "head", "agreed")


@pytest.fixture
def at(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "key").write_text(KEY.hex())
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "home" / "key"))
    only_reading(monkeypatch)
    shutil.copytree(base, tmp_path / "at")
    return tmp_path / "at"


def made_all(root: Path) -> None:
    place = Place(root)
    with place.store() as store:
        evaluating.evaluated(place, store, evaluating.protocol_of(place, "team"))
        choosing.options(place, store, None, tuple(choosing.Style))
        governing._measured(place, store).make(governing.governance.measured)


def stand(root: Path) -> set[str]:
    """Which of the three are still what they were made of."""
    place = Place(root)
    with place.store() as store:
        results = {
            "evaluation": evaluating.ready(place, store, evaluating.protocol_of(place, "team")),
            "options": choosing.ready(place, store),
            "measured": governing._measured(place, store).stands(),
        }
    return {name for name, stands in results.items() if stands}


def written(name: str, old: str, new: str, *, load: bool = False) -> Callable[[Path], None]:
    def write(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new, 1))
        if load:
            reading.load(Place(root))

    return write


def setting(words: str) -> Callable[[Path], None]:
    return written("headwater.toml", 'place = "X"\n', f'place = "X"\n{words}\n')


ALL = {"evaluation", "options", "measured"}
CHANGES: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    "a contact more": (written("data/c.csv", "0,0,a", "90,0,a,s1,ae_attendance,2023-01-09\n0,0,a", load=True), ALL),
    "a person more": (written("data/r.csv", "0,a,anna", "9,a,erik,green,1980-01-01,male\n0,a,anna", load=True), ALL),
    "a word of the mapping": (
        written(
            "headwater.toml", 'files = "data/c.csv"\n', 'files = "data/c.csv"\nconstants = {outcome = "x"}\n', load=True
        ),
        ALL,
    ),
    "the last day observed": (setting("observed = {to = 2023-01-05}"), ALL),
    "the first day observed": (setting("observed = {from = 2023-01-02}"), {"evaluation", "options"}),
    "how people are linked": (setting("link = {review_pairs = 7}"), {"evaluation", "options"}),
    "the price year": (setting("price_year = 2019"), {"evaluation", "options"}),
    "a station": (setting('[[station]]\nkind = "ae_attendance"\nservers = 3'), {"evaluation", "options"}),
    "a partner's setting": (setting("partners = {travel_minutes = 31}"), {"options"}),
    "the disclosure rule": (
        written("headwater.toml", "[disclosure]\n", '[disclosure]\nrule = "threshold-10"\n'),
        {"evaluation"},
    ),
    "somebody forgotten": (lambda root: governing.forget(Place(root), ("a", "0"), "guardian", "asked"), ALL),
    "the protocol": (lambda root: amended(root), {"evaluation"}),
    "nothing": (lambda root: None, set()),
    "a role": (written("headwater.toml", 'role = "analyst"', 'role = "finance"'), set()),
}


def amended(root: Path) -> None:
    written("collaborations/team.toml", 'id = "team"', 'id = "team"\nseed = 77')(root)
    planning.amend(Place(root), "team", "head", "another seed")


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_a_result_rests_on_asks_for_it_anew(at: Path, change: str) -> None:
    made_all(at)
    assert stand(at) == ALL
    happens, gone = CHANGES[change]
    happens(at)
    assert stand(at) == ALL - gone


def test_another_key_and_another_edition_of_the_program_ask_for_all_anew(
    at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_all(at)
    for room in (evaluating, choosing, governing):
        monkeypatch.setattr(room, "code_version", lambda: "another")
    assert stand(at) == set()
    monkeypatch.undo()


@dataclass(frozen=True)
class Question:
    words: tuple[str, ...] = ("a",)
    figure: float = 1.0


TABLES = ("contact", "place", "price")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as opened:
        for name in TABLES:
            opened.put(name, f"{name} 1", opened.table(name))
        yield opened


def maker(store: Store, question: Question, *_: object) -> float:
    """Reads two tables, and one that it has written itself."""
    store.has("contact")
    store.table("place")
    store.put("candidate", "k", pa.table({"x": [1]}))
    return question.figure + store.rows("candidate")


GIVEN: list[tuple[Any, ...]] = [
    (Question(),),
    (Question(("a", "b")),),
    (Question(("a,b",)),),
    (Question(figure=1),),
    (Question(), 1),
    (Question(), "1"),
    (Question(), True),
    (Question(), None),
    (Question(), {"a": 1}),
    (Question(), {"a": "1"}),
    (Question(), {"b": 1}),
    (Question(), ("a", "b")),
    (Question(), ("ab",)),
]


def test_no_two_questions_have_one_key(store: Store, tmp_path: Path) -> None:
    marks = [Made(tmp_path / "r.json", store, given).mark for given in GIVEN]
    assert len(set(marks)) == len(GIVEN)
    assert said({"a": 1, "b": 2}) == said({"b": 2, "a": 1})


@pytest.mark.parametrize(
    ("table", "stands"), [("contact", False), ("place", False), ("price", True), ("candidate", True)]
)
def test_a_result_stands_until_a_table_that_it_read_is_another(
    store: Store, tmp_path: Path, table: str, stands: bool
) -> None:
    made = Made(tmp_path / "r.json", store, (Question(),), ("code",))
    assert made.found() is None
    assert made.make(maker) == made.found() == 2.0
    store.put(table, "another key", store.table(table))
    assert made.stands() is stands
    assert (made.found() is not None) is stands
    assert not Made(made.file, store, (Question(),), ("other code",)).stands()


def test_what_a_result_read_is_read_by_whatever_is_made_of_it(store: Store, tmp_path: Path) -> None:
    inner = Made(tmp_path / "inner.json", store, (Question(),))
    for _ in range(2):  # made, then found
        outer = Made(tmp_path / "outer.json", store, ())
        outer.make(lambda store: inner.found() or inner.make(maker))
        assert outer.stands()
    store.put("place", "another key", store.table("place"))
    assert not outer.stands()


@pytest.mark.parametrize(
    "bytes_", [b"", b"[]", b"\xff", b'{"given":1}', b'{"read":[]}', b'{"given":"x","read":{},"value":{"$":"Nope"}}']
)
def test_a_kept_result_that_does_not_read_is_made_again(store: Store, tmp_path: Path, bytes_: bytes) -> None:
    made = Made(tmp_path / "r.json", store, (Question(),))
    made.file.write_bytes(bytes_)
    assert made.found() is None
    assert made.make(maker) == made.found()


def test_words_of_the_same_name_are_read_back_as_what_they_were() -> None:
    """Two modules of the domain each have an Amount; a kept result may hold both."""
    both = (release.Amount(12.5), evidence.Amount("ae_attendance", evidence.Measure.FIRST, Interval(0.7, 0.8, 0.9)))
    assert unpacked(json.loads(json.dumps(packed(both)))) == both
