"""Power cuts, full disks, several writers, and people who edit: nothing is lost, and everything is found and
located."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headwater.domain.errors import Failed, ProtocolBreach
from headwater.store.chain import hash_of
from money_world import AT, claim, ledger_in, lot, opened, people

if TYPE_CHECKING:
    from headwater.ledger import Problem


def booked(folder: Path, n: int = 4) -> Path:
    """A ledger with a lot and n claims, an entry a line; its file."""
    ledger = opened(folder)
    for at in range(n):
        ledger.claim([claim(f"c{at}", 1.0 + at)], AT)
    return folder / "ledger.jsonl"


def problems(folder: Path) -> list[Problem]:
    return [problem for problem in ledger_in(folder).verify().problems if problem.breach]


def lines(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines(keepends=True)


# Power cuts


def test_a_power_cut_at_every_byte_of_an_append_leaves_the_entry_in_or_out(tmp_path: Path) -> None:
    """Every prefix of the last entry's bytes, with the anchor as it was before it: the ledger opens, and can be written
    to."""
    file = booked(tmp_path, 2)
    before, anchor = file.read_bytes(), (tmp_path / ".headwater" / "units" / "ledger.head").read_bytes()
    ledger_in(tmp_path).claim([claim("last", 7.0)], AT)
    whole = file.read_bytes()
    assert whole.startswith(before)
    for size in range(len(before), len(whole) + 1):
        file.write_bytes(whole[:size])
        (tmp_path / ".headwater" / "units" / "ledger.head").write_bytes(anchor)
        ledger = ledger_in(tmp_path)
        names = [each.claim.claim for each in ledger.claims]
        assert names == (["c0", "c1", "last"] if size == len(whole) else ["c0", "c1"]), f"cut at byte {size}"
        assert ledger.verify().intact


def test_the_writer_after_a_power_cut_mends_the_torn_end(tmp_path: Path) -> None:
    file = booked(tmp_path, 2)
    good = file.read_bytes()
    for torn in (b'{"act":"cl', b'{"act":"claim"}', b"\x00\x00\x00", lines(file)[-1][:-1]):
        file.write_bytes(good + torn)
        assert [(p.what, p.breach) for p in ledger_in(tmp_path).verify().problems] == [("torn", False)]
        ledger_in(tmp_path).claim([claim(f"after {torn[:3]!r} {len(torn)}", 0.5)], AT)
        assert ledger_in(tmp_path).verify().problems == ()
        good = file.read_bytes()
    assert len(ledger_in(tmp_path).claims) == 6


def test_a_crash_between_the_entry_and_its_anchor_loses_nothing(tmp_path: Path) -> None:
    file = booked(tmp_path, 2)
    anchor = tmp_path / ".headwater" / "units" / "ledger.head"
    old = anchor.read_bytes()
    ledger_in(tmp_path).claim([claim("late", 3.0)], AT)
    anchor.write_bytes(old)
    ledger = ledger_in(tmp_path)
    assert ledger.verify().intact and ledger.claims[-1].claim.claim == "late"
    ledger.claim([claim("later", 3.0)], AT)
    assert json.loads(anchor.read_text())["entries"] == len(lines(file)) == 5


def test_a_lost_anchor_is_said_and_made_anew(tmp_path: Path) -> None:
    booked(tmp_path)
    (tmp_path / ".headwater" / "units" / "ledger.head").unlink()
    assert [(p.what, p.breach) for p in ledger_in(tmp_path).verify().problems] == [("no anchor", False)]
    ledger_in(tmp_path).claim([claim("next", 1.0)], AT)
    assert ledger_in(tmp_path).verify().problems == ()


# Full disk


@pytest.mark.parametrize("written", [0, 1, 40, 200])
def test_a_full_disk_books_nothing_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int) -> None:
    file = booked(tmp_path)
    before = file.read_bytes()
    true_write, calls = os.write, []

    def full(descriptor: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) > 1 or not written:
            raise OSError(errno.ENOSPC, "No space left on device")
        return true_write(descriptor, data[:written])

    ledger = ledger_in(tmp_path)
    assert ledger.verify().intact
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(Failed, match="No space left") as problem:
            ledger.claim([claim("big", 5.0)], AT)
    assert "nothing was booked" in problem.value.next_step
    assert file.read_bytes() == before
    ledger.claim([claim("big", 5.0)], AT)
    assert ledger.verify().problems == () and len(ledger.claims) == 5


def test_a_full_disk_that_cannot_even_cut_back_leaves_a_torn_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = booked(tmp_path)
    before, true_write = file.read_bytes(), os.write

    def full(descriptor: int, data: bytes) -> int:
        true_write(descriptor, data[:30])
        raise OSError(errno.ENOSPC, "No space left on device")

    def stuck(descriptor: int, size: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    ledger = ledger_in(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        patched.setattr(os, "ftruncate", stuck)
        with pytest.raises(Failed):
            ledger.claim([claim("big", 5.0)], AT)
    assert len(file.read_bytes()) == len(before) + 30
    ledger.claim([claim("big", 5.0)], AT)
    assert ledger_in(tmp_path).verify().problems == () and len(ledger_in(tmp_path).claims) == 5


# Several writers

WRITER = """
import sys
from pathlib import Path
from money_world import AT, claim, ledger_in
ledger, gate = ledger_in(Path(sys.argv[1])), Path(sys.argv[1]) / "go"
print("ready", flush=True)
while not gate.exists():
    pass
for at in range(int(sys.argv[3])):
    ledger.claim([claim(f"{sys.argv[2]}-{at}", 0.25)], AT)
"""


def test_concurrent_writers_lose_nothing_and_keep_the_chain(tmp_path: Path) -> None:
    """Four processes, let go at the same moment, book 15 claims each, while this one reads."""
    opened(tmp_path)
    root = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join((str(root / "src"), str(root / "tests")))
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": paths}
    writers = [subprocess.Popen([*command, name, "15"], env=environment, stdout=subprocess.PIPE) for name in "abcd"]
    for writer in writers:
        assert writer.stdout and writer.stdout.readline() == b"ready\n"
    (tmp_path / "go").touch()
    reader, seen = ledger_in(tmp_path), 0
    while any(writer.poll() is None for writer in writers):
        now = len(reader.claims)
        assert now >= seen, "what was read once stays"
        seen = now
    assert [writer.wait() for writer in writers] == [0] * 4
    ledger = ledger_in(tmp_path)
    names = {each.claim.claim for each in ledger.claims}
    assert names == {f"{name}-{at}" for name in "abcd" for at in range(15)}
    assert ledger.verify().problems == ()
    assert all(check.passed for check in ledger.check())


def test_two_writers_cannot_both_take_the_last_of_a_lot(tmp_path: Path) -> None:
    one, two = opened(tmp_path), ledger_in(tmp_path)
    assert one.left() == two.left() == {"lot-1": 96.0}
    one.claim([claim("one", 96.0)], AT)
    with pytest.raises(ProtocolBreach, match=r"available 0 \(96 too many\)"):
        two.claim([claim("two", 96.0)], AT)


# Hands


def test_an_edited_entry_is_found_and_located(tmp_path: Path) -> None:
    file = booked(tmp_path)
    text = lines(file)
    text[2] = text[2].replace(b'"contacts":2.0', b'"contacts":9.0')
    file.write_bytes(b"".join(text))
    assert [(p.line, p.what) for p in problems(tmp_path)] == [(3, "edited")]
    assert "entry 3 on line 3 was changed" in problems(tmp_path)[0].text


@pytest.mark.parametrize("byte", range(0, 400, 7))
def test_any_byte_changed_anywhere_is_found(tmp_path: Path, byte: int) -> None:
    file = booked(tmp_path, 2)
    data = bytearray(file.read_bytes())
    data[byte % len(data)] ^= 1
    file.write_bytes(bytes(data))
    assert not ledger_in(tmp_path).verify().intact


def test_an_edited_entry_with_its_hash_made_to_fit_breaks_the_chain_after_it(tmp_path: Path) -> None:
    file = booked(tmp_path)
    text = lines(file)
    entry = json.loads(text[2])
    entry["body"]["contacts"] = 9.0
    entry["hash"] = hash_of({name: value for name, value in entry.items() if name != "hash"})
    text[2] = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    file.write_bytes(b"".join(text))
    assert [(p.line, p.what) for p in problems(tmp_path)] == [(4, "chain broken")]


def test_an_entry_laid_out_otherwise_is_found(tmp_path: Path) -> None:
    """The same figures with other spaces are not the bytes that were written."""
    file = booked(tmp_path)
    text = lines(file)
    text[2] = text[2].replace(b'"contacts":2.0', b'"contacts": 2.0')
    file.write_bytes(b"".join(text))
    assert [(p.line, p.what) for p in problems(tmp_path)] == [(3, "edited")]


def test_a_ledger_rewritten_from_end_to_end_is_found_by_its_anchor_and_by_a_noted_hash(tmp_path: Path) -> None:
    booked(tmp_path)
    noted = ledger_in(tmp_path).head_hash
    (tmp_path / "other").mkdir()
    other = opened(tmp_path / "other")
    for at in range(4):
        other.claim([claim(f"c{at}", 9.0)], AT)
    shutil.copy(tmp_path / "other" / "ledger.jsonl", tmp_path / "ledger.jsonl")
    assert [(p.line, p.what) for p in problems(tmp_path)] == [(5, "rewritten")]
    (tmp_path / ".headwater" / "units" / "ledger.head").unlink()
    assert ledger_in(tmp_path).verify().intact, "without its anchor nothing betrays it ..."
    (found,) = [p for p in ledger_in(tmp_path).verify(noted).problems if p.breach]
    assert found.what == "noted head missing", "... but for the hash on a signed statement"


@pytest.mark.parametrize("kept", [0, 1, 3, 4])
def test_a_truncated_ledger_is_found(tmp_path: Path, kept: int) -> None:
    file = booked(tmp_path)
    file.write_bytes(b"".join(lines(file)[:kept]))
    (found,) = problems(tmp_path)
    assert (found.line, found.what) == (kept + 1, "truncated")
    assert f"5 entries were written, {kept} are left" in found.text


def test_a_truncation_within_a_line_is_found_too(tmp_path: Path) -> None:
    file = booked(tmp_path)
    file.write_bytes(file.read_bytes()[:-20])
    assert [(p.line, p.what) for p in problems(tmp_path)] == [(5, "truncated")]


def test_a_deleted_ledger_is_found(tmp_path: Path) -> None:
    booked(tmp_path).unlink()
    assert [p.what for p in problems(tmp_path)] == ["truncated"]


def test_an_entry_taken_out_of_the_middle_is_found(tmp_path: Path) -> None:
    file = booked(tmp_path)
    text = lines(file)
    file.write_bytes(b"".join(text[:2] + text[3:]))
    (found,) = problems(tmp_path)
    assert (found.line, found.what) == (3, "out of order")
    assert "line 3 holds entry 4: entries are missing before it" in found.text


def test_entries_in_another_order_are_found(tmp_path: Path) -> None:
    file = booked(tmp_path)
    text = lines(file)
    text[2], text[3] = text[3], text[2]
    file.write_bytes(b"".join(text))
    assert [(p.line, p.what) for p in problems(tmp_path)][:2] == [(3, "out of order"), (4, "out of order")]


def test_a_replayed_entry_is_found(tmp_path: Path) -> None:
    file = booked(tmp_path)
    text = lines(file)
    file.write_bytes(b"".join([*text, text[2]]))
    (found,) = problems(tmp_path)
    assert (found.line, found.what) == (6, "replayed")
    assert "repeats the entry of line 3" in found.text


def test_a_line_that_is_no_entry_is_found(tmp_path: Path) -> None:
    file = booked(tmp_path)
    text = lines(file)
    file.write_bytes(b"".join([*text[:2], b"hello\n", *text[2:]]))
    assert (problems(tmp_path)[0].line, problems(tmp_path)[0].what) == (3, "unreadable")


def test_nothing_is_booked_in_a_ledger_that_was_tampered_with(tmp_path: Path) -> None:
    file = booked(tmp_path)
    file.write_bytes(file.read_bytes().replace(b'"contacts":2.0', b'"contacts":9.0'))
    damaged = file.read_bytes()
    with pytest.raises(ProtocolBreach, match="not what was written") as problem:
        ledger_in(tmp_path).claim([claim("new", 1.0)], AT)
    assert "entry 3 on line 3" in problem.value.given and "ledger verify" in problem.value.next_step
    assert file.read_bytes() == damaged
    (check,) = ledger_in(tmp_path).check()
    assert (check.name, check.passed) == ("chain", False)


def test_tampering_is_found_by_a_ledger_that_is_already_open(tmp_path: Path) -> None:
    booked(tmp_path)
    ledger = ledger_in(tmp_path)
    assert len(ledger.claims) == 4
    file = tmp_path / "ledger.jsonl"
    file.write_bytes(b"".join(lines(file)[:3]))
    with pytest.raises(ProtocolBreach, match="not what was written"):
        ledger.claim([claim("new", 1.0)], AT)


def test_changed_or_lost_unit_sets_are_found(tmp_path: Path) -> None:
    ledger = opened(tmp_path, (lot(), people(0, 50)), (lot("lot-2"), people(20, 60)))
    first, second = (tmp_path / ".headwater" / "units" / f"{each.units}.npy" for each in ledger.lots)
    shutil.copy(second, first)
    checks = {check.name: check for check in ledger_in(tmp_path).check()}
    assert checks["unit-sets"].passed is False and "lot-1" in checks["unit-sets"].text
    with pytest.raises(Failed, match="not those it was opened with"):
        ledger_in(tmp_path).available()
