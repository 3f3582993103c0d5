"""Heads of the chains that lie elsewhere: each that a report, an audit line, a partner's note or a time stamp carried
is looked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from acts_world import Case, case_in, protocol_in
from headwater.app import booking, leaving, planning
from headwater.app.heads import heads, missing
from headwater.domain.errors import HeadwaterError
from headwater.store.files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ABSENT = "ab" * 32


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    made = case_in(tmp_path_factory.mktemp("heads"))
    (made.base / "releases").mkdir()
    (made.base / "governance" / "heads").mkdir(parents=True)
    register = [json.dumps({"release": name}) + "\n" for name in ("first", "second")]
    (made.base / "releases" / "register.jsonl").write_text("".join(register))
    return made


@pytest.fixture(autouse=True)
def key(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))


def stamp(head: str, null: bytes = b"\x05\x00") -> bytes:
    """The messageImprint within a time stamp, as RFC 3161 (2.4.1) and X.690 write it, with more around it."""
    algorithm = bytes.fromhex("0609608648016503040201") + null
    imprint = bytes([0x30, len(algorithm)]) + algorithm + b"\x04\x20" + bytes.fromhex(head)
    return b"\x30\x82\x01\x00\x02\x01\x01\x30" + bytes([len(imprint)]) + imprint + b"\x01\x01\xff"


CARRIED: dict[str, Callable[[Path, str], object]] = {
    "a report of an earlier edition": lambda at, head: manifest(at, {"facts": {"ledger head": head}}),
    "a report": lambda at, head: manifest(at, {"facts": {}, "heads": {"locks": head}}),
    "a partner's note": lambda at, head: (at / "governance/heads/icb.txt").write_text(f"Seen on 6 January: {head}.\n"),
    "a note of another system": (
        lambda at, head: (at / "governance/heads/n.txt").write_bytes(b"\xef\xbb\xbf" + head.encode() + b"\r\n")
    ),
    "a time stamp": lambda at, head: (at / "governance/heads/head.tsr").write_bytes(stamp(head)),
    "a time stamp without parameters": (
        lambda at, head: (at / "governance/heads/head.tsr").write_bytes(stamp(head, b""))
    ),
}


def manifest(at: Path, record: dict[str, object]) -> None:
    (at / "releases" / "r.manifest.json").write_text(json.dumps(record))


@pytest.mark.parametrize("way", CARRIED)
def test_a_head_that_was_carried_is_looked_for_in_every_chain(case: Case, way: str) -> None:
    place = case.fresh()
    booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more of it")
    for head in heads(place).values():
        CARRIED[way](case.at, head)
        assert missing(place) == []
        assert booking.verify(place).content["intact"]
    CARRIED[way](case.at, ABSENT)
    (told,) = missing(place)
    assert ABSENT[:12] in told
    with pytest.raises(HeadwaterError, match="in no chain any more"):
        booking.verify(place)


def test_the_register_of_releases_is_under_the_audit_log(case: Case) -> None:
    """A release that is taken out of the register, or put in before others, is found by the next verification."""
    place = case.fresh()
    booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more of it")
    register = case.at / "releases" / "register.jsonl"
    lines = register.read_bytes().splitlines(keepends=True)
    register.write_bytes(b"".join([*lines, b'{"release":"third"}\n']))
    assert missing(place) == [], "more may leave"
    for other in (lines[:1], lines[1:], lines[::-1], [b'{"release":"zeroth"}\n', *lines], []):
        register.write_bytes(b"".join(other))
        assert "the releases in the audit log" in missing(place)[0]


def test_verifying_a_report_looks_for_the_heads_that_it_carried(case: Case) -> None:
    place = case.fresh()
    file = case.at / "releases" / "r.txt"
    file.write_text("words")
    entry = {"r.txt": {"sha256": sha256_of(file), "words": ["words"]}}
    for head, same in ((heads(place)["ledger"], True), (ABSENT, False)):
        manifest(case.at, {"facts": {"ledger head": head}, "files": entry})
        answer = leaving.verify(place, file).content
        assert answer["same"] is same
        assert ("in no chain any more" in answer["text"]) is not same


HARMS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "cut off": lambda lines: lines[:-1],
    "edited": lambda lines: [lines[0].replace(b"analyst", b"finance"), *lines[1:]],
    "emptied": lambda lines: [],
    "turned round": lambda lines: lines[::-1],
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("file", [".headwater/audit.jsonl", "governance/locks.jsonl"])
def test_a_chain_beside_the_ledger_that_does_not_hold_is_named(case: Case, file: str, harm: str) -> None:
    place = case.fresh()
    for name in ("team", "second"):
        protocol_in(case.at, name)
        planning.lock(place, name, "analyst", "agreed")
    assert missing(place) == []
    lines = (case.at / file).read_bytes().splitlines(keepends=True)
    (case.at / file).write_bytes(b"".join(HARMS[harm](lines)))
    with pytest.raises(HeadwaterError, match=file.rpartition("/")[2]):
        booking.verify(place)
