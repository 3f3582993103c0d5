"""Whether the number that stands for people is one of people: of somebody with two cases a number of cases makes two
people, and no file looks wrong for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.sources.headings import found_in, plain, under, wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch

NUMBERS = {
    "id",
    "no",
    "num",
    "number",
    "ref",
    "reference",
    "identifier",
    "ident",
    "code",
    "key",
    "unique",
    "local",
    "urn",
}
"""Words of a heading that only say that it is a number of something."""
PEOPLE = {
    "person",
    "people",
    "patient",
    "client",
    "applicant",
    "child",
    "customer",
    "subject",
    "service user",
    "resident",
    "tenant",
    "caller",
    "victim",
    "offender",
    "nominal",
}
"""Words of a heading whose number is somebody's."""
EVENTS = (
    "case",
    "incident",
    "referral",
    "episode",
    "spell",
    "event",
    "call",
    "visit",
    "attendance",
    "appointment",
    "encounter",
    "consultation",
    "crime",
    "job",
    "ticket",
    "admission",
    "booking",
    "contact",
    "enquiry",
    "request",
    "application",
    "cad",
    "inc",
)
"""Words of a heading whose number is that of something that befalls people, who may have several."""
HOMES = ("household", "property", "address", "uprn", "premises", "tenancy")
"""Words of a heading whose number several people share, and that a person leaves by moving."""
SLIPS = 0.01
"""Share of numbers of which a column may say two things and still tell whose each is."""
SEVERAL = 0.02
"""Share of people with more than one of the numbers from which they are no numbers of people."""
FEWEST, ONCE = 200, 0.995
"""Contacts of an agency, and the share of them with a number of their own, from which it is odd that nobody comes
again."""


def words_of(heading: str) -> list[str]:
    """The words of a heading, cut at marks and at capitals."""
    apart = re.sub(r"([a-z])([A-Z])", r"\1 \2", heading)
    return re.findall(r"[a-z]+", apart.lower())


def thing_numbered(heading: str) -> str:
    """The word of a heading that says what else than people it numbers; '' where none does, or another says that it is
    people."""
    words = words_of(heading)
    if set(words) & PEOPLE:
        return ""
    return next((thing for thing in (*EVENTS, *HOMES) if any(_numbers(word, thing) for word in words)), "")


def _numbers(word: str, thing: str) -> bool:
    """`caseid` and `cases` as `case`."""
    return word.startswith(thing) and word[len(thing) :] in {"", "s", *NUMBERS}


def odd_people(batches: Sequence[Batch], source: SourceSettings) -> list[str]:
    """What is odd in the column that `record` is read from, in words: the contact's own, one of which people have
    several, or a heading of something else."""
    theirs = _heading(source, "record", batches)
    if not theirs or "person" in source.columns:
        return []
    if source.table == "contact" and _heading(source, "contact", batches) == theirs:
        return [
            f"odd: record and contact are both read from {theirs!r}, so that each contact is another person's: map the"
            " number of the person to record"
        ]
    if set(words_of(theirs)) & PEOPLE:
        return []
    persons = [one for one in batches[0].columns if one != theirs and _of_people(one)]
    told = [(one, several) for one in persons if (several := _with_several(batches, source, (theirs, one)))]
    if told:
        one, (many, of) = told[0]
        return [
            f"odd: record is read from {theirs!r}, of which {many:,} of {of:,} in {one!r} have several, and each would"
            f' be another person: write record = "{one}"'
        ]
    thing = thing_numbered(theirs)
    said = "whoever moves" if thing in HOMES else f"whoever has two {thing}s"
    return (
        [
            f"odd: record is read from {theirs!r}, by its heading the number of a {thing}: {said} is two people then,"
            " and is not seen to come again. Map the person's own number, or bring it in with [source.join]; where"
            " each person has one alone, nothing needs mending"
        ]
        if thing
        else []
    )


def _heading(source: SourceSettings, ours: str, batches: Sequence[Batch]) -> str:
    """The one heading that fills a column of ours; '' where none or several do."""
    there = batches[0].columns if batches else {}
    found = [found_in(one, there) for one in wanted(source, ours, there)]
    return (found[0] or "") if len(found) == 1 else ""


def _of_people(heading: str) -> bool:
    words = set(words_of(heading))
    return bool(words & PEOPLE and words & NUMBERS) or plain(heading).replace(" ", "") in {
        f"{one}{number}" for one in PEOPLE for number in NUMBERS
    }


def _with_several(batches: Sequence[Batch], source: SourceSettings, pair: tuple[str, str]) -> tuple[int, int] | None:
    """(people with several of the numbers, people) where each number is one person's; None where it is not, or hardly
    anybody has two."""
    number, person = (pa.chunked_array([under(one, name, source) for one in batches]) for name in pair)
    rows = pa.table({"number": number, "person": person}).drop_null()
    both = rows.group_by(["number", "person"]).aggregate([])
    of, people = (pc.count_distinct(both[name]).as_py() for name in ("number", "person"))
    several = (
        people - pc.sum(pc.equal(both.group_by("person").aggregate([([], "count_all")])["count_all"], 1)).as_py()
        if people
        else 0
    )
    sound = people > 1 and both.num_rows <= (1 + SLIPS) * of and several > SEVERAL * people
    return (several, people) if sound else None
