"""A ledger whose file, anchor, unit sets or audit log somebody laid hands on: each way is named, none is a
traceback."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from acts_world import Case, case_in
from headwater.app import booking
from headwater.app.ledgers import ledger_of
from headwater.app.place import Place
from headwater.domain.errors import HeadwaterError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Entries = list[dict[str, Any]]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Two claims booked by the ledger itself, one more and a signature by acts, whose heads the audit log carries."""
    return case_in(tmp_path_factory.mktemp("attacked"), booked)


def booked(place: Place) -> None:
    booking.claim(place, "lot-1", "hospital", 5.0, "2023-24", "more of it")
    booking.advance(place, "first", "finance-accepted", "finance", "agreed")


@pytest.fixture(autouse=True)
def key(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))


def canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entries_of(root: Path) -> Entries:
    return [json.loads(line) for line in (root / "ledger.jsonl").read_bytes().splitlines()]


def rechained(root: Path, entries: Entries) -> None:
    """The whole file written anew with sound hashes, and its anchor with it: what somebody does who knows how it is
    made."""
    before, lines = "0" * 64, []
    for n, entry in enumerate(entries, 1):
        content = {**{name: value for name, value in entry.items() if name != "hash"}, "n": n, "before": before}
        before = hashlib.sha256(canonical(content)).hexdigest()
        lines.append(canonical({**content, "hash": before}))
    (root / "ledger.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    (root / ".headwater/units/ledger.head").write_text(json.dumps({"entries": len(lines), "hash": before}))


def bare(root: Path) -> None:
    """Nothing elsewhere remembers a head."""
    for file in (root / ".headwater").glob("audit.*"):
        file.unlink()
    for file in (root / ".headwater" / "heads").glob("*"):
        file.unlink()


def judged(root: Path) -> str:
    """What `verify` and `check` say is wrong; '' where they find nothing."""
    try:
        booking.verify(Place(root))
    except HeadwaterError as problem:
        return problem.what
    return "; ".join(one["text"] for one in booking.check(Place(root)).content["checks"] if one["passed"] is False)


def lines(root: Path) -> list[bytes]:
    return (root / "ledger.jsonl").read_bytes().splitlines(keepends=True)


def put(root: Path, new: list[bytes]) -> None:
    (root / "ledger.jsonl").write_bytes(b"".join(new))


def gone(root: Path, *names: str) -> None:
    for name in names:
        (root / name).unlink()


def swapped(root: Path) -> None:
    place = Place(root)
    ledger_of(place)
    (one,) = (root / ".headwater" / "units").glob("*.npy")
    one.write_bytes(one.read_bytes()[:-8] + bytes(8))


def instead(root: Path, content: Callable[[bytes], bytes]) -> None:
    (one,) = (root / ".headwater" / "units").glob("*.npy")
    one.write_bytes(content(one.read_bytes()))


HEAD = ".headwater/units/ledger.head"
BYTES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a figure edited": (
        lambda at: put(at, [one.replace(b'"contacts":10.0', b'"contacts":90.0') for one in lines(at)]),
        "changed after it was written",
    ),
    "the end cut off": (lambda at: put(at, lines(at)[:-2]), "are left"),
    "the end cut off, the anchor gone": (lambda at: (put(at, lines(at)[:-2]), gone(at, HEAD)), "in no chain any more"),
    "emptied, the anchor too": (lambda at: (put(at, []), (at / HEAD).write_text("")), "in no chain any more"),
    "removed, the anchor too": (lambda at: gone(at, "ledger.jsonl", HEAD), "in no chain any more"),
    "two lines changed places": (lambda at: put(at, [lines(at)[1], lines(at)[0], *lines(at)[2:]]), "line 1"),
    "a line said again": (lambda at: put(at, [*lines(at), lines(at)[-1]]), "repeats the entry"),
    "a line taken out": (lambda at: put(at, [*lines(at)[:1], *lines(at)[2:]]), "line 2"),
    "two ledgers in one": (lambda at: put(at, lines(at) * 2), "repeats the entry"),
    "half a line": (lambda at: put(at, [*lines(at)[:-1], lines(at)[-1][:-20]]), "torn"),
    "line ends of another system": (
        lambda at: put(at, [one.replace(b"\n", b"\r\n") for one in lines(at)]),
        "saved again by an editor",
    ),
    "a mark at the start": (lambda at: put(at, [b"\xef\xbb\xbf", *lines(at)]), "line 1 was saved again by an editor"),
    "noise": (lambda at: put(at, [bytes(range(256)) * 9]), "line 1"),
    "a unit set damaged": (swapped, "every pool's people or places"),
    "a unit set emptied": (lambda at: instead(at, lambda held: b""), "every pool's people or places"),
    "a unit set cut off": (lambda at: instead(at, lambda held: held[:-4]), "every pool's people or places"),
    "a unit set that is another sort of file": (
        lambda at: instead(at, lambda held: b"PK\x03\x04" + held),
        "every pool's people or places",
    ),
    "a unit set of more than there can be": (
        lambda at: instead(at, lambda held: held.replace(b"(4,)", b"(4000000000000,)")),
        "every pool's people or places",
    ),
    "a unit set gone": (
        lambda at: [one.unlink() for one in (at / ".headwater/units").glob("*.npy")],
        "every pool's people or places",
    ),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_were_laid_hands_on_are_found(case: Case, name: str) -> None:
    case.fresh()
    assert judged(case.at) == ""
    BYTES[name][0](case.at)
    assert BYTES[name][1] in judged(case.at)
    checks = booking.check(Place(case.at)).content["checks"]
    assert any(one["passed"] is False for one in checks) or name == "half a line", "no door says that all is well"


@pytest.mark.parametrize("name", [name for name, (_, found) in BYTES.items() if "in no chain" in found])
def test_nothing_is_booked_again_in_a_ledger_whose_end_is_gone(case: Case, name: str) -> None:
    case.fresh()
    BYTES[name][0](case.at)
    before = case.bytes()
    with pytest.raises(HeadwaterError, match="nothing can be booked in it"):
        booking.claim(Place(case.at), "lot-1", "hospital", 5.0, "2023-24", "more of it")
    assert case.bytes() == before


def first_claim(entries: Entries) -> dict[str, Any]:
    return next(one for one in entries if one["act"] == "claim")


def forged(entries: Entries, act: str = "claim", **changes: Any) -> Entries:
    body = {**first_claim(entries)["body"], **changes} if act == "claim" else changes
    return [*entries, {**first_claim(entries), "act": act, "body": body}]


def larger(entries: Entries) -> Entries:
    for entry in entries:
        if entry["act"] == "lot":
            entry["body"] |= {name: entry["body"][name] * 10 for name in ("averted", "averted_high")}
    return entries


def priced(entries: Entries) -> Entries:
    """The lot as counting opens it, at £10 a contact of which £2 are cash: what the claims of these tests come to."""
    for entry in entries:
        if entry["act"] == "lot":
            entry["body"] |= {
                "price_gbp": 10.0,
                "split_gbp": [part * entry["body"]["averted"] for part in (2.0, 1.0, 3.0, 4.0)],
            }
    return entries


SPENT = {"collaboration": "x", "style": "upstream", "bearer": "b", "year": "2023-24", "what": "w", "state": "measured"}
FORGED: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "more than the lot holds": (lambda found: forged(found, claim="f", contacts=500.0), "claimed for more"),
    "pounds of no contact": (
        lambda found: forged(found, claim="f", contacts=0.0, cash_gbp=1e6),
        "pounds of no contact",
    ),
    "a year outside its lot": (
        lambda found: forged(found, claim="f", contacts=1.0, year="1999-00"),
        "of a year in which its pool averted nothing",
    ),
    "a year that is none": (lambda found: forged(found, claim="f", contacts=1.0, year="soon"), "no financial year"),
    "less than nothing of a saving": (
        lambda found: forged(found, claim="f", contacts=-1.0),
        "against the sign of its pool",
    ),
    "nobody's budget": (lambda found: forged(found, claim="f", contacts=1.0, bearer=" "), "bearer is missing"),
    "no reason": (lambda found: forged(found, claim="f", contacts=1.0, reason=""), "reason is missing"),
    "other amounts than the price gives": (
        lambda found: forged(priced(found), claim="f", contacts=1.0, cash_gbp=900.0),
        "those of its pool's prices",
    ),
    "cash made by a loss beside it": (
        lambda found: forged(
            priced(found),
            claim="f",
            contacts=1.0,
            cash_gbp=9e5,
            absorbed_gbp=10.0 - 9e5,
            released_gbp=0.0,
            none_gbp=0.0,
        ),
        "of cash, of which it has £192",
    ),
    "cash made of what was absorbed": (
        lambda found: forged(
            priced(found), claim="f", contacts=20.0, cash_gbp=200.0, absorbed_gbp=0.0, released_gbp=0.0, none_gbp=0.0
        ),
        "of cash, of which it has £192",
    ),
    "a claim's id again": (lambda found: forged(found, cash_gbp=1e6), "booked twice"),
    "a claim on no lot": (lambda found: forged(found, claim="f", lot="", cash_gbp=1e6), "on no open pool"),
    "a claim that begins as accepted": (
        lambda found: forged(found, claim="f", contacts=1.0, state="budget-removed"),
        "begins as",
    ),
    "a figure that is no number": (
        lambda found: forged(found, claim="f", contacts=float("nan"), cash_gbp=5e6),
        "is not an entry",
    ),
    "a figure beyond all numbers": (lambda found: forged(found, claim="f", contacts=float("inf")), "is not an entry"),
    "a lot of nothing": (lambda found: forged(found, "lot", lot="bad"), "is no lot that"),
    "a state of no claim": (
        lambda found: forged(found, "state", claim="nope", state="accepted", reason="x"),
        "is no state that",
    ),
    "a state that is none": (
        lambda found: forged(found, "state", claim="first", state="gold", reason="x"),
        "is no state that",
    ),
    "a count that is no list": (lambda found: forged(found, "count", parts=7), "is no count that"),
    "a text for pounds": (lambda found: forged(found, claim="f", contacts=1.0, cash_gbp="many"), "is no claim that"),
    "a figure for a bearer": (lambda found: forged(found, claim="f", contacts=1.0, bearer=7), "is no claim that"),
    "a cost in words": (lambda found: forged(found, "spent", **SPENT, gbp="much"), "is no spent that"),
    "a text for a figure": (lambda found: forged(found, claim="f", contacts="many"), "is no claim that"),
}


@pytest.mark.parametrize("name", FORGED)
def test_an_entry_that_was_forged_with_sound_hashes_breaks_a_rule_that_is_named(case: Case, name: str) -> None:
    """Even where no head of the ledger lies elsewhere."""
    case.fresh()
    bare(case.at)
    rechained(case.at, FORGED[name][0](entries_of(case.at)))
    assert FORGED[name][1] in judged(case.at)


REWRITTEN: dict[str, Callable[[Entries], Entries]] = {
    "lots ten times as large": larger,
    "a claim never made": lambda found: [one for one in found if one["act"] != "state"],
    "another role": lambda found: [{**one, "role": "board"} for one in found],
    "another day": lambda found: [{**one, "at": "2020-01-01T00:00:00Z"} for one in found],
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_chain_written_anew_from_end_to_end_is_found_by_any_head_that_lies_elsewhere(case: Case, name: str) -> None:
    case.fresh()
    rechained(case.at, REWRITTEN[name](entries_of(case.at)))
    assert "in no chain any more" in judged(case.at)
    with pytest.raises(HeadwaterError, match="nothing can be booked in it"):
        booking.reverse(Place(case.at), "second", "finance", "counted elsewhere")
    assert "in no chain any more" in judged(case.at), "asking for more heals nothing"


ASKED: dict[str, tuple[tuple[Any, ...], str]] = {
    "nothing": ((0.0,), "no contact"),
    "as good as nothing": ((1e-300,), "no contact"),
    "less than nothing": ((-5.0,), "the sign of its pool"),
    "no number": ((float("nan"),), "not a number"),
    "beyond all numbers": ((float("inf"),), "not a number"),
    "less than all numbers": ((float("-inf"),), "the sign of its pool"),
    "no reason": ((1.0, "hospital", "2023-24", " "), "reason is missing"),
    "a reason that cannot be seen": ((1.0, "hospital", "2023-24", "\x00"), "reason is missing"),
    "a formula": ((1.0, "=cmd|x!A0"), "bearer"),
    "a tag": ((1.0, "<script>alert(1)</script>"), "bearer"),
    "nobody's budget": ((1.0, ""), "bearer"),
    "a year before the lot": ((1.0, "hospital", "1999-00"), "in that year"),
    "a year after it": ((1.0, "hospital", "2030-31"), "in that year"),
    "no year": ((1.0, "hospital", "soon"), "no financial year"),
    "a book for a reason": ((1.0, "hospital", "2023-24", "x" * 1_000_000), "too long"),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_claim_of_nothing_nobody_or_no_year_is_refused(case: Case, name: str) -> None:
    place, given = case.fresh(), ASKED[name][0]
    before = case.bytes()
    bearer, year, reason = (*given[1:], *("hospital", "2023-24", "x")[len(given) - 1 :])
    with pytest.raises(HeadwaterError, match=ASKED[name][1]):
        booking.claim(place, "lot-1", bearer, given[0], year, reason)
    assert case.bytes() == before


def test_rounding_cannot_be_claimed_away(case: Case) -> None:
    """61 of 96 are left; a claim a hair above what is left is one claim, and no further one follows."""
    place = case.fresh()
    left = ledger_of(place).left()["lot-1"]
    booking.claim(place, "lot-1", "hospital", left * (1 + 5e-10), "2023-24", "all of it")
    for _ in range(3):
        with pytest.raises(HeadwaterError):
            booking.claim(
                place, "lot-1", "hospital", max(ledger_of(place).left()["lot-1"], 0) + 1e-7, "2023-24", "a hair"
            )


@pytest.mark.parametrize("told", ["99999999999999", "soon", "-99999999999999999999"])
def test_a_clock_that_is_none_is_a_sentence(case: Case, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    place = case.fresh()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", told)
    with pytest.raises(HeadwaterError, match="SOURCE_DATE_EPOCH"):
        booking.claim(place, "lot-1", "hospital", 1.0, "2023-24", "x")
