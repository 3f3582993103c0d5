"""Segments as people write them down: TOML, one table a segment, in a language of seven sorts of condition.

    [[segment]]
    id = "falls-65"
    name = "Falls, people of 65 and over"
    kinds = ["emergency_admission"]                 # kinds of contact it is a part of
    where = [                                       # any line, all conditions of the line
      [{age = [65, 130]}, {system = "icd10", at = "first", code = "S|T"}, {system = "icd10", at = "other", code =
      "W[01]"}],
    ]
    mechanism = "prevention"
    upstream = ["housing", "community therapy"]     # who could act earlier, most likely first
    source = "..."                                  # with edition and grade

Conditions: {system, code, at, but} a coded reason, by a pattern at its beginning; {word, of} a word in reasons and
outcome (or of "kind", "place"); {age}, {nights}, {hours}, {frailty} from and to; {before = {days, at_least, ...}}
earlier contacts; {top = {share, by}} the few with most. `absent = true` turns the first, second and fifth round.
`needs` stands in the place of `where` for what own contacts cannot show.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from headwater.domain.errors import DataProblem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

GRADES = ("verified", "part", "recalled")
MECHANISMS = ("prevention", "substitution", "failure demand", "faster flow", "split")
OWN = "yours"
Unit = Literal["person", "place"]


@dataclass(frozen=True, slots=True)
class Coded:
    """A reason in a coding system whose code begins with the pattern; `but` names codes that do not count."""

    system: str
    code: str
    at: str = "any"
    """first, other or any position."""
    but: str = ""
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Worded:
    """A pattern anywhere in the words of the reasons or the outcome; of: text, kind or place (its name)."""

    word: str
    of: str = "text"
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Within:
    """what: age (years), nights, hours (of the day, across midnight where from is above to), frailty (points); both
    ends count."""

    what: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Before:
    """At least so many earlier contacts of the same person or place within so many days.

    kinds: of which kinds, empty for the segment's own; prior: conditions on the earlier contact; same: those of the
    line it stands in; including: the contact itself counts; ended: the days run from the end of the earlier contact.
    """

    days: float
    at_least: int
    by: Unit = "person"
    kinds: tuple[str, ...] = ()
    prior: tuple[Condition, ...] = ()
    same: bool = False
    including: bool = False
    ended: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Among:
    """The person or place is among the share with most contacts of the kinds in the same year of the data."""

    share: float
    by: Unit = "person"
    kinds: tuple[str, ...] = ()


Condition = Coded | Worded | Within | Before | Among
Line = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Demand that others could meet earlier. setting: no national definition exists, its thresholds are the
    workspace's."""

    id: str
    name: str
    kinds: tuple[str, ...]
    where: tuple[Line, ...]
    mechanism: str
    upstream: tuple[str, ...]
    source: str
    edition: str
    grade: str
    needs: str = ""
    setting: bool = False
    seen_at: str = ""
    note: str = ""

    @property
    def split(self) -> bool:
        """A cut over other segments: shown, and never added to them."""
        return self.mechanism == "split"

    def conditions(self) -> Iterator[Condition]:
        for line in self.where:
            yield from line

    @property
    def days(self) -> float:
        """The longest history that it looks back on."""
        return max((one.days for one in self.conditions() if isinstance(one, Before)), default=0.0)


@cache
def shipped() -> tuple[Segment, ...]:
    """Every segment that comes with Headwater, file by file in the order of assignment."""
    folder = resources.files(__package__) / "library"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    return tuple(one for file in files for one in parsed(tomllib.loads(file.read_text(encoding="utf-8")), file.name))


def segments_of(folder: Path) -> tuple[Segment, ...]:
    """The workspace's own (segments.toml), then the shipped ones; one of the workspace's takes the place of its
    namesake."""
    file = folder / "segments.toml"
    if not file.exists():
        return shipped()
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as problem:
        raise DataProblem("segments.toml cannot be read", given=str(problem), next_step="mend that line") from problem
    own = parsed(raw, file.name, own=True)
    named = {one.id for one in own}
    return (*own, *(one for one in shipped() if one.id not in named))


def as_spelt(segments: Sequence[Segment], kinds: Collection[str]) -> tuple[Segment, ...]:
    """The segments of the kinds in the data, with these kinds as the data spell them: `False Alarm` is
    `false_alarm`."""
    spelt: dict[str, list[str]] = {}
    for kind in sorted(kinds):
        spelt.setdefault(plain_kind(kind), []).append(kind)

    def also(named: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*named, *(kind for one in named for kind in spelt.get(plain_kind(one), ())))))

    def line(conditions: Line) -> Line:
        return tuple(
            replace(one, kinds=also(one.kinds)) if isinstance(one, Before | Among) else one for one in conditions
        )

    found = (replace(one, kinds=also(one.kinds), where=tuple(map(line, one.where))) for one in segments)
    return tuple(one for one in found if set(one.kinds) & set(kinds))


def plain_kind(kind: str) -> str:
    """A kind's word without case, with one mark between its words."""
    return re.sub(r"[\s_-]+", "_", kind.strip().lower())


def parsed(raw: Mapping[str, Any], file: str, own: bool = False) -> tuple[Segment, ...]:
    """Raises DataProblem naming every segment of the file that cannot be one, and why."""
    problems: list[str] = []
    found = [_segment(one, problems, own) for one in raw.get("segment", ())]
    ids = [one.id for one in found if one]
    problems += [f"{one}: stands twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    if problems:
        raise DataProblem(
            f"{file}: {len(problems)} segment{'s' * (len(problems) > 1)} cannot be read",
            given="; ".join(problems[:8]),
            allowed="id, name, kinds, where or needs, mechanism, upstream, source, edition, grade",
            next_step=f"mend {file}",
        )
    return tuple(one for one in found if one)


def _segment(raw: Mapping[str, Any], problems: list[str], own: bool) -> Segment | None:
    given = (
        {"source": "this workspace", "edition": OWN, "grade": "part", "setting": True, "mechanism": "prevention", **raw}
        if own
        else raw
    )
    try:
        made = Segment(
            given["id"],
            given["name"],
            tuple(given["kinds"]),
            _lines(given),
            given["mechanism"],
            tuple(given["upstream"]),
            given["source"],
            str(given["edition"]),
            given["grade"],
            given.get("needs", ""),
            given.get("setting", False),
            given.get("seen_at", ""),
            given.get("note", ""),
        )
        return _sound(made)
    except KeyError as problem:
        problems.append(f"{raw.get('id', '?')}: {problem.args[0]} is missing")
    except (TypeError, ValueError, re.error) as problem:
        problems.append(f"{raw.get('id', '?')}: {problem}")
    return None


def _lines(given: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines of `where`; the few with most are those of the segment's kinds."""
    kinds = tuple(given["kinds"])
    lines = (line_of(line) for line in given.get("where", ()))
    return tuple(tuple(replace(one, kinds=kinds) if isinstance(one, Among) else one for one in line) for line in lines)


def _sound(made: Segment) -> Segment:
    if made.mechanism not in MECHANISMS:
        raise ValueError(f"mechanism {made.mechanism!r} is none of {', '.join(MECHANISMS)}")
    if made.grade not in GRADES:
        raise ValueError(f"grade {made.grade!r} is none of {', '.join(GRADES)}")
    if bool(made.needs) == bool(made.where):
        raise ValueError("either `where` or `needs`, not both")
    return made


def line_of(raw: Sequence[Mapping[str, Any]]) -> Line:
    return tuple(condition(one) for one in raw)


def condition(raw: Mapping[str, Any]) -> Condition:
    """One inline table as a condition; ValueError for what is none, re.error for a pattern that cannot be read."""
    if "code" in raw:
        re.compile(raw["code"])
        return Coded(raw["system"], raw["code"], raw.get("at", "any"), raw.get("but", ""), raw.get("absent", False))
    if "word" in raw:
        re.compile(raw["word"])
        return Worded(raw["word"], raw.get("of", "text"), raw.get("absent", False))
    if "top" in raw:
        return Among(float(raw["top"]["share"]), raw["top"].get("by", "person"))
    if "before" in raw:
        return _before(raw["before"], raw.get("absent", False))
    for what in ("age", "nights", "hours", "frailty"):
        if what in raw:
            low, high = raw[what]
            return Within(what, float(low), float(high))
    raise ValueError(f"{dict(raw)} is no condition")


def _before(raw: Mapping[str, Any], absent: bool) -> Before:
    return Before(
        float(raw["days"]),
        int(raw["at_least"]),
        raw.get("by", "person"),
        tuple(raw.get("kinds", ())),
        line_of(raw.get("prior", ())),
        raw.get("same", False),
        raw.get("including", False),
        raw.get("ended", False),
        absent,
    )
