"""Every act ended without a word, and on a full disk, at every write: the same command again leaves the undisturbed
bytes."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from acts_world import EVENTS, Case, case_in, full, killed, protocol_in, said
from headwater.app import booking, choosing, counting, governing, leaving, planning, reading, run
from headwater.app.ledgers import ledger_of
from headwater.app.place import Place
from headwater.cli.main import main
from headwater.domain.collaboration import Standing, Status
from headwater.domain.errors import Failed, HeadwaterError, Usage
from headwater.governance import Known, holding, known
from headwater.ledger.rules import same_role
from headwater.web.server import house_of
from report_board import evaluation, facts
from web_place import own

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a process is ended as POSIX does it")

ACTS: dict[str, Callable[[Place], object]] = {
    "claim": lambda place: booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more of it"),
    "accept": lambda place: booking.advance(place, "first", "finance-accepted", "finance", "agreed"),
    "reverse": lambda place: booking.reverse(place, "second", "finance", "counted elsewhere"),
    "attribute": lambda place: booking.attribute(place, "equal", "board", "agreed"),
    "lock": lambda place: planning.lock(place, "team", "head", "agreed"),
    "forget": lambda place: governing.forget(place, ("a", "0"), "caldicott guardian", "asked"),
    "rotate": lambda place: governing.rotate(place, "caldicott guardian", "leak", withdraw_lots=True),
    "load": reading.load,
    "link": reading.link,
    "amend": lambda place: planning.amend(place, "second", "head", "a later end"),
    "gate": lambda place: governing.decide(place, "team", "align-exit", ("open", "board", "all met")),
    "balance": lambda place: booking.balance(
        place, "cash", 60.0, {"bearer": "", "collaboration": "", "year": ""}, "finance"
    ),
    "count": lambda place: counting.count(place, "team"),
    "release": lambda place: leaving.report(place, ("html", "xlsx")),
}


def given_more(place: Place) -> None:
    """Another person's record and contact in the agency's files."""
    for name, row in (("r.csv", "4,a,ezra,green,1960-05-05,male\n"), ("c.csv", "8,4,a,s1,ae_attendance,2023-02-01\n")):
        with (place.workspace.data / name).open("a") as file:
            file.write(row)


BEFORE: dict[str, tuple[Callable[[Place], object], ...]] = {
    "load": (given_more,),
    "link": (given_more, reading.load),
}
"""What is done before an act, so that it has something to do."""


@pytest.fixture
def begun(case: Case, name: str) -> Case:
    """The case in which an act of this name begins."""
    base = case.base.with_name(f"before {name}")
    if not base.exists():
        place = case.fresh()
        for do in BEFORE.get(name, ()):
            do(place)
        said(
            ACTS[name], place
        )  # once undisturbed: a child that is cut off must not be the one that compiles and imports
        place = case.fresh()
        for do in BEFORE.get(name, ()):
            do(place)
        shutil.copytree(case.at, base)
    return replace(case, base=base)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Four people and two plans: one that nobody locked, and one that was changed after its lock."""
    return case_in(tmp_path_factory.mktemp("acts"), planned)


def planned(place: Place) -> None:
    for name in ("team", "second"):
        protocol_in(place.workspace.root, name)
    planning.lock(place, "second", "head", "agreed")
    file = place.workspace.collaborations / "second.toml"
    file.write_text(file.read_text().replace('name = "', 'name = "Another ', 1))
    (place.workspace.releases).mkdir()


@pytest.fixture(autouse=True)
def found_already(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was evaluated, and what a report says, are given: the acts are judged, not the estimates."""
    made = replace(evaluation(), collaboration="team")
    lock = Standing(Status.LOCKED, "ab" * 32, "2023-03-20T09:30:00Z")
    monkeypatch.setattr(counting, "evaluated", lambda *asked: (lock, made))
    monkeypatch.setattr(leaving, "sealed", lambda *asked: False)
    monkeypatch.setattr(leaving, "_shared", lambda *asked: {"data": "d" * 16, "all_options": ()})
    monkeypatch.setattr(
        leaving, "_facts", lambda place, store, plan, shared: replace(facts(), name=f"{plan.id}-report")
    )


@pytest.fixture(autouse=True)
def one_key_and_one_day(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1736150400")


def undisturbed(case: Case, act: Callable[[Place], object]) -> tuple[list[int], dict[str, str]]:
    """Which writes to be cut off at, and what is left where nobody is."""
    place = case.fresh()
    with EVENTS.at(case.at, 0, lambda: None) as events:
        assert said(act, place) == "done"
    return telling(events.what), case.bytes()


def telling(writes: list[str], few: int = 16) -> list[int]:
    """Every write of a short act; of a long one the first of each sort (so many tables are written alike), and the last
    three of all. Every one where HEADWATER_EVERY_EVENT is set: a whole pass takes a quarter of an hour."""
    every = range(1, len(writes) + 1)
    if os.environ.get("HEADWATER_EVERY_EVENT") or len(writes) <= few:
        return list(every)
    first = {sort_of(writes[at - 1]): at for at in reversed(every)}
    return sorted({*first.values(), *every[-3:]})


def sort_of(write: str) -> str:
    """A write by what is done and in which folder; parts of all tables are one, and so is what is put beside and given
    its name."""
    event, _, file = write.partition(" ")
    folder = "/parts/" if "/parts/" in file else file.rpartition("/")[0]
    return f"{event} {folder}"


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_is_cut_off_anywhere_is_finished_by_the_same_command(begun: Case, name: str) -> None:
    writes, wanted = undisturbed(begun, ACTS[name])
    assert len(writes) > 3
    for at in writes:
        begun.fresh()
        assert killed(ACTS[name], begun, at), at
        assert said(ACTS[name], Place(begun.at)) == "done", at
        assert begun.bytes() == wanted, at


@pytest.mark.parametrize("name", ACTS)
def test_a_full_disk_at_any_write_is_a_sentence_and_books_nothing_twice(begun: Case, name: str) -> None:
    writes, wanted = undisturbed(begun, ACTS[name])
    for at in writes:
        place = begun.fresh()
        with EVENTS.at(begun.at, at, full):
            first = said(ACTS[name], place)
        # Done all the same where only a note could not be written: the next writer makes it good.
        assert first == "done" or said(ACTS[name], Place(begun.at)) == "done", at
        assert without_notes(begun.bytes()) == without_notes(wanted), at
        assert booking.verify(Place(begun.at)).content["intact"], at


def without_notes(found: dict[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in found.items() if not name.endswith(".head")}


@pytest.mark.parametrize("name", ["claim", "forget", "reverse"])
def test_what_was_cut_off_is_finished_or_never_was_before_another_act(case: Case, name: str) -> None:
    writes, _ = undisturbed(case, ACTS[name])
    for at in writes:
        case.fresh()
        killed(ACTS[name], case, at)
        booking.balance(
            Place(case.at),
            "cash",
            booking.totals(ledger_of(Place(case.at)).statement())["cash_gbp"],
            {"bearer": "", "collaboration": "", "year": ""},
            "finance",
        )
        assert not list((case.at / ".headwater" / "acts").glob("*.json"))
        assert booking.verify(Place(case.at)).content["intact"]
        claims = [one.claim.contacts for one in ledger_of(Place(case.at)).claims]
        assert claims.count(5.0) <= 1, "never booked twice"


def names_of(place: Place, record: str) -> Known:
    with place.store() as store:
        return known(store, place.workspace, "a", record)


def test_forgetting_leaves_no_trace_and_the_next_load_brings_nobody_back(case: Case) -> None:
    place = case.fresh()
    first, second = names_of(place, "0"), names_of(place, "1")
    wanted = {*first.names}
    assert case.traces(wanted), "there is something to find"
    governing.forget(place, ("a", "0"), "caldicott guardian", "asked")
    assert case.traces(wanted) == []
    found = reading.load(Place(case.at)).value
    reading.link(Place(case.at))
    assert case.traces(wanted) == [], "the agency's file still has the person, and the tombstone keeps them out"
    assert {one.file: one.reasons for one in found}["data/r.csv"] == {"forgotten at the person's wish": 1}
    assert all(one.rows_in == one.kept + one.quarantined for one in found)
    assert governing.forget(Place(case.at), ("a", "1"), "analyst", "asked").content["tables"]
    assert case.traces({*wanted, *second.names}) == [], "a second person is forgotten as the first was"
    with Place(case.at).store() as store:
        assert (holding(store, first), holding(store, second)) == ((), ())
        assert store.rows("record") == 2
    with pytest.raises(Usage, match="nobody is known"):
        governing.forget(Place(case.at), ("a", "0"), "analyst", "again")


def test_a_workspace_that_was_moved_makes_no_new_key(
    case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case.fresh()
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "elsewhere.key"))
    with pytest.raises(Failed, match="key that this workspace was loaded under is not here"):
        reading.load(Place(case.at))
    assert not (tmp_path / "elsewhere.key").exists()
    (tmp_path / "elsewhere.key").write_text("ab" * 32)
    with pytest.raises(Failed, match="key that this workspace was loaded under is not here"):
        reading.load(Place(case.at))


def test_a_copy_beside_the_original_is_told_where_this_account_has_its_key(
    case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case.fresh()
    (tmp_path / "original.key").write_text(case.key.read_text(encoding="ascii"), encoding="ascii")
    (tmp_path / "other.key").write_text("cd" * 32, encoding="ascii")
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "copy.key"))
    with pytest.raises(Failed) as told:
        reading.load(Place(case.at))
    assert f"copy {tmp_path / 'original.key'} to {tmp_path / 'copy.key'}" in told.value.next_step
    assert case.key.read_text(encoding="ascii") not in str(told.value)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a truncated part": lambda root: [
        os.truncate(file, 40) for file in (root / ".headwater/store/parts").rglob("*.parquet")
    ],
    "a list for a manifest": lambda root: (root / ".headwater/store/manifest.json").write_text("[]"),
    "a binary manifest": lambda root: (root / ".headwater/store/manifest.json").write_bytes(b"\xff\x00\x81" * 9),
    "a lost manifest": lambda root: (root / ".headwater/store/manifest.json").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_store_is_a_sentence_and_a_load_mends_it(case: Case, damage: str) -> None:
    case.fresh()
    DAMAGE[damage](case.at)
    with Place(case.at).store() as store:
        try:
            store.arrow(store.table("contact"))
        except HeadwaterError as problem:
            assert "headwater load" in problem.next_step
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    with Place(case.at).store() as store:
        assert (store.rows("contact"), store.rows("record"), store.arrow(store.table("person_link")).num_rows) == (
            8,
            4,
            4,
        )


@pytest.mark.parametrize("content", ["zz" * 32, "", "ab" * 4, "\ufeff"])
def test_a_key_that_does_not_read_is_a_sentence(case: Case, content: str) -> None:
    place = case.fresh()
    case.key.write_text(content, encoding="utf-8")
    with pytest.raises(HeadwaterError, match="key"):
        reading.load(place)


@pytest.mark.parametrize("line", [b"hello\n", b"[]\n", b'{"a":1}\n', b"\xff\xfe\n", b'{"body":{},"hash":3}\n'])
def test_a_broken_line_in_any_chain_is_a_sentence(case: Case, line: bytes) -> None:
    for file in ("ledger.jsonl", ".headwater/audit.jsonl"):
        place = case.fresh()
        with (case.at / file).open("ab") as out:
            out.write(line)
        with pytest.raises(HeadwaterError, match="jsonl"):
            booking.claim(place, "lot-1", "hospital", 1.0, "2023-24", "more")


@pytest.mark.parametrize("words", ["\ud800", "a\x00b", " ", "a\nb"])
def test_words_that_cannot_be_written_are_refused_before_anything_is(case: Case, words: str) -> None:
    place = case.fresh()
    before = case.bytes()
    with pytest.raises(HeadwaterError):
        booking.claim(place, "lot-1", words, 1.0, "2023-24", "x")
    with pytest.raises(HeadwaterError):
        booking.claim(place, "lot-1", "hospital", 1.0, "2023-24", words)
    assert case.bytes() == before


@pytest.mark.parametrize("gbp", [float("nan"), float("inf"), float("-inf")])
def test_a_balance_that_is_no_number_is_refused(case: Case, gbp: float) -> None:
    with pytest.raises(Usage, match="balance"):
        booking.balance(case.fresh(), "cash", gbp, {"bearer": "", "collaboration": "", "year": ""}, "finance")


@pytest.mark.parametrize(
    "role",
    [
        "analyst ",
        "Analyst",
        "analyst\u200b",
        "ＡＮＡＬＹＳＴ",
        " analyst",
        "\u0430nal\u0443st",
        "análysT",
        "analyst.",
        "Ana-lyst",
        "<analyst>",
    ],
)
def test_who_booked_a_claim_cannot_accept_it_under_a_name_that_looks_the_same(case: Case, role: str) -> None:
    with pytest.raises(HeadwaterError, match="cannot accept"):
        booking.advance(case.fresh(), "first", "finance-accepted", role, "x")


def test_one_person_in_two_roles_is_one_person(case: Case) -> None:
    place = case.fresh()
    as_analyst = Place(case.at, "analyst, reader a.b@example.org")
    made = booking.claim(as_analyst, "lot-1", "hospital", 5.0, "2023-24", "more").content["claim"]["claim"]
    for role in ("finance verifier, reader a.b@example.org", "finance verifier A.B@EXAMPLE.org"):
        with pytest.raises(HeadwaterError, match="cannot accept"):
            booking.advance(place, made, "finance-accepted", role, "x")
    booking.advance(place, made, "finance-accepted", "finance verifier, reader c.d@example.org", "x")


SAME = {
    ("analyst, reader ab123", "finance verifier, reader AB123"): True,
    ("analyst, reader COUNTY\\ab123", "finance verifier county\\ab123"): True,
    ("analyst", "finance verifier"): False,
    ("analyst, reader ab123", "finance verifier, reader ab124"): False,
    ("finance", "finance verifier"): False,
    ("data analyst", "Data_Analyst"): True,
    ("ANALYST \u0399\u0399", "analyst ii"): True,
}


@pytest.mark.parametrize("pair", SAME)
def test_roles_are_one_under_any_spelling_and_people_one_in_any_role(pair: tuple[str, str]) -> None:
    assert same_role(*pair) == same_role(*pair[::-1]) == SAME[pair]


def test_a_head_that_any_report_or_note_carried_betrays_a_ledger_written_anew(case: Case) -> None:
    place = case.fresh()
    head = ledger_of(place).head_hash
    note = case.at / "governance" / "heads" / "county-council.txt"
    note.parent.mkdir(parents=True)
    note.write_text(f"Seen by the county council on 2025-01-06: {head}\n")
    assert booking.verify(place).content["intact"]
    for gone in (
        case.at / "ledger.jsonl",
        case.at / ".headwater" / "units" / "ledger.head",
        *(case.at / ".headwater").rglob("audit.*"),
    ):
        gone.unlink()
    with pytest.raises(HeadwaterError, match=r"county-council\.txt"):
        booking.verify(Place(case.at))


def at_once(root: Path, do: Callable[[Place], object], gate: Path) -> str:
    """Something and a claim, begun when the gate opens; how they ended, in a word. Anything but a sentence of ours is
    told by its name."""
    while not gate.exists():
        time.sleep(0.01)
    place = Place(root)
    try:
        do(place)
        booking.claim(place, "lot-1", "hospital", 20.0, "2023-24", "at once")
    except HeadwaterError as problem:
        return f"refused {problem.what}"
    except BaseException as problem:
        return f"broke {type(problem).__name__} {problem}"
    return "booked"


def pages(place: Place) -> None:
    """A visitor who looks round while the others write."""
    visitor = own(house_of(place))[0]
    for _ in range(3):
        for page in ("/", "/data", "/ledger", "/ledger/claims", "/reports/audit", "/progress"):
            assert visitor.get(page).status_code == 200, page


def commands(place: Place) -> None:
    for words in (["check"], ["ledger", "show"], ["ledger", "check"], ["load"], ["audit"]):
        assert main(["--workspace", str(place.workspace.root), "--json", *words]) in (0, 3), words


def loaded_and(do: Callable[[Place], object]) -> Callable[[Place], object]:
    return lambda place: (reading.load(place), do(place))


DOINGS: tuple[Callable[[Place], object], ...] = (
    reading.load,
    reading.load,
    lambda place: run.run(place, ()),
    lambda place: run.run(place, ()),
    loaded_and(reading.link),
    loaded_and(choosing.find),
    pages,
    commands,
)


def test_eight_processes_at_once_load_run_claim_look_and_ask_without_a_traceback(case: Case) -> None:
    """66 of 96 are left: three of the eight find 20."""
    case.fresh()
    shutil.rmtree(case.at / ".headwater" / "store")
    pipes = []
    for do in DOINGS:
        out, into = os.pipe()
        process = os.fork()
        if process == 0:
            os.write(into, at_once(case.at, do, case.at / "go").encode())
            os._exit(0)
        os.close(into)
        pipes.append((process, out))
    (case.at / "go").touch()
    ended = [b"".join(iter(lambda one=pipe: os.read(one, 4096), b"")).decode() for _, pipe in pipes]
    for process, _ in pipes:
        os.waitpid(process, 0)
    assert sorted(out.split()[0] for out in ended) == ["booked"] * 3 + ["refused"] * 5, ended
    assert all("too many" in out for out in ended if out.startswith("refused"))
    assert all(check.passed for check in ledger_of(Place(case.at)).check())
    with Place(case.at).store() as store:
        assert (store.rows("contact"), store.rows("record")) == (8, 4)
    assert not [file for file in (case.at / ".headwater").rglob(".*") if file.name.endswith(".beside")]
