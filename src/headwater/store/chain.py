"""One chain under the ledger, locks, decisions and the audit log: JSON Lines, each entry with the hash of the one
before, and an anchor that knows the last.

A power cut at any byte of an append leaves the entry in or out: a line counts once its newline is on the disk, and a
torn last line is taken off by the next writer. One writer at a time. The anchor (how many entries, the last one's hash)
lies apart from the file, so a chain whose end was cut off, or which was rewritten from end to end, is found too.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import Failed, ProtocolBreach, Usage
from headwater.store.files import locked, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

START = "0" * 64
BOM = b"\xef\xbb\xbf"
FIELDS = ("n", "at", "act", "role", "body", "before")

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. n counts from 1; `at` is the caller's time stamp; role is who did it (never a name).

    request: the act that it was written by, '' where nobody said; by it an act that was cut off knows whether it was
    done.
    """

    n: int
    at: str
    act: str
    role: str
    body: Body
    before: str
    hash: str
    request: str = ""
    raw: bytes = b""
    """The line as it lies in the file, where that is an earlier edition's way of writing it."""

    def line(self) -> bytes:
        return (self.raw or _canonical({**_content(self), "hash": self.hash})) + b"\n"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the file, and where: the line counts from 1. `breach` is false for what the next write
    mends."""

    line: int
    what: str
    text: str
    breach: bool = True


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the file is what was written. head_hash fixes its whole content up to the last sound entry."""

    entries: int
    head_hash: str
    problems: tuple[Problem, ...]

    @property
    def intact(self) -> bool:
        return not any(problem.breach for problem in self.problems)


def _content(entry: Entry) -> dict[str, object]:
    told = {name: getattr(entry, name) for name in FIELDS}
    return {**told, "request": entry.request} if entry.request else told


def hash_of(content: Mapping[str, object]) -> str:
    return hashlib.sha256(_canonical(content)).hexdigest()


def _canonical(content: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (UnicodeEncodeError, ValueError) as problem:
        raise Usage(
            "this cannot be written down: it holds half a letter, or a figure that is no number",
            allowed="whole letters and finite figures",
            next_step="type it again; nothing was written",
        ) from problem


class Chain:
    """A chained file and its anchor. `entries` are those read so far; `writing` brings them up to date under the lock.

    folder: where the anchor and the lock lie, apart from the file.
    """

    def __init__(self, file: Path, folder: Path) -> None:
        self.file, self.anchor, self.lock = file, folder / f"{file.stem}.head", folder / f"{file.stem}.lock"
        self.entries: list[Entry] = []
        self._size, self._inode = 0, 0
        self._still: Callable[[], bool] = lambda: True

    @property
    def head(self) -> str:
        return self.entries[-1].hash if self.entries else START

    def refresh(self) -> int:
        """Read what was appended since the last look; the number of entries that were known already and still stand.

        Raises ProtocolBreach, located, where the file is not what was written.
        """
        noted, known = self._anchored(), len(self.entries)
        if self._same_start():
            with self.file.open("rb") as file:
                file.seek(self._size)
                tail = file.read()
        else:
            known, self.entries, self._size = 0, [], 0
            tail = self._bytes()
        whole = tail[: tail.rfind(b"\n") + 1]
        new, problems = follow(whole, self.head, len(self.entries))
        problems += _against_anchor(noted, [*self.entries, *new], torn=len(whole) < len(tail))
        if breaches := [problem for problem in problems if problem.breach]:
            raise _breach(self.file.name, breaches)
        self.entries += new
        self._size += len(whole)
        self._inode = self.file.stat().st_ino if self.file.exists() else 0
        return known

    @contextmanager
    def writing(self) -> Iterator[int]:
        """The lock, and a file read up to date with its torn end taken off; yields what `refresh` does."""
        with locked(self.lock) as still:
            self._still = still
            known = self.refresh()
            if self.file.exists() and self.file.stat().st_size > self._size:
                os.truncate(self.file, self._size)
            if self.entries and self._anchored() != (len(self.entries), self.head):
                self._note()
            try:
                yield known
            finally:
                self._still = lambda: True

    def append(self, acts: Sequence[tuple[str, str, str, Body]], request: str = "") -> list[Entry]:
        """Add entries (at, act, role, body) at the end, on the disk before it returns. Only within `writing`."""
        new: list[Entry] = []
        before = self.head
        for n, (at, act, role, body) in enumerate(acts, len(self.entries) + 1):
            bare = Entry(n, at, act, role, body, before, "", request)
            new.append(replace(bare, hash=hash_of(_content(bare))))
            before = new[-1].hash
        data = b"".join(entry.line() for entry in new)
        self._need_alone()
        self._write(data)
        self.entries += new
        self._size += len(data)
        self._inode = self.file.stat().st_ino
        self._note()
        return new

    def _need_alone(self) -> None:
        """Raises Failed where somebody took the lock away, or wrote in spite of it: two entries would follow on one."""
        size = self.file.stat().st_size if self.file.exists() else 0
        if size != self._size or not self._still():
            raise Failed(
                f"{self.file.name} was written to by another process, or its lock was removed, while this entry was"
                " made",
                given=str(self.lock),
                allowed="one writer at a time; nobody needs to remove a lock",
                next_step="nothing was booked; type the same command again",
            )

    def _note(self) -> None:
        """The entry is on the disk: a note that cannot be written takes nothing back, and the next writer makes it
        good."""
        with suppress(Failed):
            write_atomically(self.anchor, json.dumps({"entries": len(self.entries), "hash": self.head}))

    def verify(self, noted_head: str = "") -> Verification:
        """Read the whole file afresh and name everything that is not as it was written. Never raises for what it finds.

        noted_head is a head hash noted elsewhere, as on a signed statement: the ledger must still contain that entry.
        """
        return self.audit(noted_head)[0]

    def audit(self, noted_head: str = "") -> tuple[Verification, list[Entry]]:
        """What `verify` finds, and the entries it found, which owe nothing to what was read before."""
        noted = self._anchored()
        data = self._bytes()
        whole = data[: data.rfind(b"\n") + 1]
        entries, problems = follow(whole, START, 0)
        torn = len(whole) < len(data)
        problems += _against_anchor(noted, entries, torn=torn, damaged=any(problem.breach for problem in problems))
        if torn:
            text = (
                f"the last {len(data) - len(whole)} bytes are a torn entry that was never finished; the next write"
                " takes them off"
            )
            problems.append(Problem(whole.count(b"\n") + 1, "torn", text, breach=False))
        if noted_head and noted_head not in {entry.hash for entry in entries}:
            problems.append(
                Problem(len(entries), "noted head missing", f"no entry has the noted hash {noted_head[:12]}…")
            )
        return Verification(len(entries), entries[-1].hash if entries else START, tuple(problems)), entries

    def _bytes(self) -> bytes:
        try:
            return self.file.read_bytes() if self.file.exists() else b""
        except OSError as problem:
            raise Failed(
                f"{self.file.name} cannot be read: {problem.strerror}",
                given=str(self.file),
                next_step="mend the folder's permissions, then type the same command again",
            ) from problem

    def _same_start(self) -> bool:
        """Whether the bytes already read are, by the look of the file and its last known line, still there."""
        if not self._size or not self.file.exists():
            return False
        stat, line = self.file.stat(), self.entries[-1].line()
        if stat.st_ino != self._inode or stat.st_size < self._size:
            return False
        with self.file.open("rb") as file:
            file.seek(self._size - len(line))
            return file.read(len(line)) == line

    def _anchored(self) -> tuple[int, str] | None:
        """How many entries there are, and the last one's hash. Read before the file itself: a writer notes it after it
        has written, so a reader without the lock then finds at least as many entries as were noted."""
        try:
            note = json.loads(self.anchor.read_text(encoding="utf-8"))
            return int(note["entries"]), str(note["hash"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, data: bytes) -> None:
        fresh = not self.file.exists()
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as problem:
            raise self._unwritten(problem) from problem
        try:
            done = 0
            while done < len(data):
                done += os.write(descriptor, data[done:])
            os.fsync(descriptor)
        except OSError as problem:
            with suppress(OSError):  # what stays is a torn end, which the next writer takes off
                os.ftruncate(descriptor, self._size)
            raise self._unwritten(problem) from problem
        finally:
            os.close(descriptor)
        if fresh:
            _sync_folder(self.file.parent)

    def _unwritten(self, problem: OSError) -> Failed:
        return Failed(
            f"the entry could not be written: {problem.strerror}",
            given=str(self.file),
            next_step="nothing was booked; free some space or mend the permissions, and type the same command again",
        )


def follow(data: bytes, before: str, known: int) -> tuple[list[Entry], list[Problem]]:
    """The entries of whole lines, following on `known` earlier ones, and every place where the chain does not hold.

    After a bad line the chain is taken up again at the next, so that each break is named once.
    """
    entries: list[Entry] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for at, line in enumerate(data.split(b"\n")[:-1], known + 1):
        entry = _entry(line)
        if entry is None:
            problems.append(Problem(at, "unreadable", f"line {at} is not an entry"))
            before = ""
            continue
        if not _sound(line, entry):
            problems.append(Problem(at, "edited", f"entry {entry.n or at} on line {at} {_how_changed(line, entry)}"))
        elif before and entry.before != before:
            problems.append(_break(entry, at, seen))
        seen[entry.hash] = at
        before = entry.hash
        entries.append(entry)
    return entries, problems


def _against_anchor(
    noted: tuple[int, str] | None, entries: Sequence[Entry], *, torn: bool, damaged: bool = False
) -> list[Problem]:
    """What the note of the last entry says about those that were read; a file that is damaged within is judged by that
    alone."""
    if noted is None:
        text = "the note of the last entry is missing: a cut-off end cannot be told"
        return [Problem(0, "no anchor", text, breach=False)] if entries else []
    count, head = noted
    if damaged or not count:
        return []
    if len(entries) < count:
        text = f"{count} entries were written, {len(entries)} are left{', the last one torn' if torn else ''}"
        return [Problem(len(entries) + 1, "truncated", text)]
    if entries[count - 1].hash != head:
        return [Problem(count, "rewritten", f"entry {count} is sound in itself but is not the one that was written")]
    return []


def _break(entry: Entry, at: int, seen: Mapping[str, int]) -> Problem:
    if entry.hash in seen:
        return Problem(at, "replayed", f"line {at} repeats the entry of line {seen[entry.hash]}")
    if entry.n and entry.n != at:
        where = "entries are missing before it" if entry.n > at else "it was moved, or others were put in before it"
        return Problem(at, "out of order", f"line {at} holds entry {entry.n}: {where}")
    return Problem(at, "chain broken", f"entry {entry.n} does not follow on the line before it")


def _sound(line: bytes, entry: Entry) -> bool:
    """Whether a line is, byte for byte, what was hashed, with its hash put in."""
    said = f', "hash": "{entry.hash}"' if entry.raw else f',"hash":"{entry.hash}"'
    return hashlib.sha256(line.replace(said.encode(), b"", 1)).hexdigest() == entry.hash


def _how_changed(line: bytes, entry: Entry) -> str:
    """Of a line that is not what was hashed: an editor's line ends and byte-order mark say nothing of what was
    written."""
    bare = line.removeprefix(BOM).removesuffix(b"\r")
    if bare != line and _sound(bare, entry):
        return "was saved again by an editor or by git, with other line ends or a byte-order mark"
    return "was changed after it was written"


def _entry(line: bytes) -> Entry | None:
    try:
        fields = json.loads(line, parse_constant=_no_number)
        if not isinstance(fields, dict):
            return None
        entry = Entry(**fields) if "body" in fields else _earlier(fields, line)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    sound = isinstance(entry.n, int) and isinstance(entry.body, dict) and isinstance(entry.hash, str)
    sound = sound and isinstance(entry.request, str) and isinstance(entry.before, str) and isinstance(entry.raw, bytes)
    return entry if sound else None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _earlier(fields: dict[str, Any], line: bytes) -> Entry:
    """A line of the first edition of locks, decisions and audits: what was said lies flat beside the two hashes."""
    body = {name: value for name, value in fields.items() if name not in ("before", "hash")}
    at, act, role = (str(body.get(name, "")) for name in ("at", "act", "role"))
    return Entry(0, at, act, role, body, str(fields["before"]), str(fields["hash"]), raw=line)


def _breach(name: str, problems: Sequence[Problem]) -> ProtocolBreach:
    return ProtocolBreach(
        f"{name} is not what was written, so nothing can be booked in it",
        given="; ".join(problem.text for problem in problems[:5]),
        allowed="an unbroken chain of entries",
        next_step=f"headwater ledger verify, then put back the last good copy of {name}",
    )


def _sync_folder(folder: Path) -> None:
    """A new file's name is on the disk only once its folder is."""
    if os.name == "nt":  # pragma: no cover
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
