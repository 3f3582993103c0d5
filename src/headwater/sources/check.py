"""What fits and what does not, file by file, before anything is loaded; nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from headwater.domain.errors import DataProblem, HeadwaterError
from headwater.domain.progress import silent
from headwater.domain.tables import TABLES
from headwater.sources import headings
from headwater.sources.among import among
from headwater.sources.content import can_be, cardinality, given_values, spans_lives
from headwater.sources.coordinates import DEGREES, GRID
from headwater.sources.databases import is_address
from headwater.sources.files import files_of, shown
from headwater.sources.odd import odd_counts, odd_times
from headwater.sources.origins import origins_of
from headwater.sources.passing import Reader, standing_twice
from headwater.sources.profile import profiled, unread_times
from headwater.sources.rows import Making, make_rows
from headwater.sources.stages import WRITTEN, begun_by, called_an_end, ended_by
from headwater.sources.whose import NUMBERS, PEOPLE, odd_people, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headwater.domain.progress import Progress
    from headwater.domain.tables import Column
    from headwater.domain.workspace import Settings, SourceSettings, Workspace
    from headwater.sources.batches import Batch
    from headwater.sources.origins import Origin
    from headwater.sources.rows import Made

NO_ROW = 'it has a heading and no row: ask for the file again, or leave it out with ignore = ["its name"]'
LOOKED_AT = 4
"""Batches whose rows are made to see what would be lost: about 64 MiB; how columns are read is judged by all rows."""
UNFIT = ("missing", "no column", "doubtful", "lost", "the heading seems")
KEYS = (
    "contact",
    "record",
    "person",
    "post",
    "asset",
    "service",
    "place",
    "organisation",
    "unit",
    "agency",
    "kind",
    "line",
    "sort",
)
LIFE = {
    "birth_date": {"birth", "born", "dob", "birthdate"},
    "death_date": {"death", "deathdate", "died", "dod", "deceased"},
}
"""Column of ours → words of headings that no other column is taken from."""
OUTRIGHT = {
    "start": ("start", "startdate", "starttime", "startdatetime", "admitted"),
    "end": ("end", "enddate", "endtime", "enddatetime"),
}
"""Headings that say outright that they are the contact's own."""
SLIP = 0.85
"""Likeness of letters from which a heading is another spelling of a name."""
LIKELY = 0.55
"""Likeness of two headings from which one is worth suggesting for the other."""

CONTENT = {
    "nhs_number": r"^\d{3}[ -]?\d{3}[ -]?\d{4}$",
    "postcode": r"^[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}$",
    "start": r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}( \d{1,2}:\d{2}.*)?$",
    "birth_date": r"^\d{1,4}[-/.]\d{1,2}[-/.](19|20)?\d{2}$",
    "sex": r"^(?i:m|f|male|female)$",
}
"""What a column's values look like → the column of ours they could be."""

USUAL = {
    "nhs_number": ("nhs", "nhsno", "nhsnum"),
    "given_name": ("forename", "firstname"),
    "family_name": ("surname", "lastname"),
    "birth_date": ("dob", "dateofbirth", "born"),
    "death_date": ("dod", "dateofdeath", "deathdate", "died", "datedied", "deceased", "deceaseddate", "datedeceased"),
    "sex": ("gender",),
    "record": (
        "patientid",
        "clientid",
        "personid",
        "hospitalnumber",
        "patient",
        "client",
        "clientno",
        "childid",
        "personurn",
        "subjectid",
        "customerid",
        "nhsnumber",
        "nhsno",
    ),
    "contact": (
        "attendanceid",
        "incidentid",
        "incidentnumber",
        "incno",
        "episodeid",
        "encounterid",
        "visitid",
        "eventid",
        "callid",
        "referralid",
        "ref",
        "id",
    ),
    "start": ("arrival", "arrivaltime", "startdate", "admitted", "opened", "date"),
    "end": (
        "departure",
        "departuretime",
        "enddate",
        "discharged",
        "closed",
        "dateclosed",
        "completed",
        "datecompleted",
        "timelastapplianceleft",
    ),
    "service": ("department", "team", "ward", "clinic"),
    "organisation": ("orgcode", "provider", "code", "council", "body"),
    "post": ("postnumber", "postno", "positionnumber"),
    "title": ("jobtitle", "postname"),
    "layer": ("gradelayer", "managementlayer"),
    "fte": ("fulltimeequivalent", "wte"),
    "salary_gbp": ("salary", "pay"),
    "period": ("month", "quarter"),
    "unit": ("orgcode", "trust", "code"),
    "contacts": ("count", "attendances", "number"),
    "kind": ("crimetype", "incidenttype", "occurrencetype", "eventtype", "calltype", "typeofincident"),
    "place": (
        "lsoa",
        "msoa",
        "street",
        "location",
        "ward",
        "wardname",
        "wardcode",
        "beat",
        "beatcode",
        "neighbourhood",
        "borough",
    ),
    "quantity": ("beddays", "hours"),
}
"""What agencies usually call the things of ours; headings are compared by their letters alone."""
POOR = {
    "record": ("caseid", "caseno", "casenumber", "caseref", "householdref", "householdid", "tenancyref", "tenancyno")
}
"""What may stand for a thing of ours where nothing better does."""
OF_OTHERS = {
    "salary_gbp": {
        "cost",
        "costs",
        "reports",
        "bill",
        "budget",
        "total",
        "team",
        "floor",
        "ceiling",
        "min",
        "max",
        "minimum",
        "maximum",
    }
}
"""Column of ours → words of a heading that make it another's, or an end of a range: what those below a post cost is not
what it is paid."""
SOMEBODYS = 0.95
"""Likeness of a heading that says, with whose word ever, that it is somebody's number."""
WARDS = {"ward", "wards"}
HOSPITAL = {
    "admission",
    "admitted",
    "discharge",
    "discharged",
    "bed",
    "beds",
    "consultant",
    "specialty",
    "spell",
    "patient",
    "hospital",
}
"""Words of other headings beside which a ward is where somebody lies, and not where they live."""


@dataclass(frozen=True, slots=True)
class FileCheck:
    """One file: rows looked at, what would be quarantined, headings of theirs that could be columns of ours."""

    file: str
    table: str
    rows: int
    fits: bool
    problems: tuple[str, ...]
    suggestions: dict[str, str]
    """Their heading → our column."""
    unused: tuple[str, ...]
    profile: tuple[dict[str, object], ...] = ()
    """A line a filled column of ours: column, heading, reading, missing (share), distinct, least, most; no value of a
    person's."""
    lost: float = 0.0
    """Share of the rows looked at that would be lost; harmless repeats apart."""
    excluded: int = 0


def check(workspace: Workspace, settings: Settings, progress: Progress = silent) -> tuple[FileCheck, ...]:
    """Every file against its mapping: its columns judged by all rows, its first rows made."""
    found: list[FileCheck] = []
    for at, source in enumerate(settings.sources):
        progress(f"looking at {shown(source)}", at, len(settings.sources))
        found += check_source(workspace, source)
    progress("", 1, 1)
    return tuple(found)


def check_source(workspace: Workspace, source: SourceSettings) -> tuple[FileCheck, ...]:
    """Every file that one source names."""
    try:
        return tuple(_file(origin, source, workspace.root) for origin in origins_of(workspace.root, source))
    except DataProblem as problem:
        return (FileCheck(shown(source), source.table, 0, False, (_in_a_line(problem),), {}, ()),)


def state_of(workspace: Workspace, source: SourceSettings) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of the files that a source names, by which one tells whether they changed; () for a
    database."""
    if is_address(source.files):
        return ()
    try:
        return tuple(
            (file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files_of(workspace.root, source)
        )
    except DataProblem:
        return ()


def _file(origin: Origin, source: SourceSettings, root: Path) -> FileCheck:
    """The whole file judged, its first rows made."""
    try:
        with origin.opened() as contents:
            reader = Reader(origin, contents, source, root)
            look = next(contents.look(), None)
            if look is None:
                reader.refuse_no_table()
                return FileCheck(origin.name, source.table, 0, False, (NO_ROW,), {}, ())
            return _looked(reader, look)
    except HeadwaterError as problem:
        return FileCheck(origin.name, source.table, 0, False, (_in_a_line(problem),), {}, ())


def _in_a_line(problem: HeadwaterError) -> str:
    given = f" ({problem.given})" if problem.given else ""
    return f"{problem.what}{given}" + (f": {problem.next_step}" if problem.next_step else "")


def _looked(reader: Reader, look: Batch) -> FileCheck:
    source, name = reader.source, reader.origin.name
    readings = reader.readings()
    there = replace(look, columns=look.columns | dict.fromkeys(reader.seen, look.columns[next(iter(look.columns))]))
    problems = _headings(there, reader)
    missing = [column for column in TABLES[source.table].columns if not _mapped(column, there, source)]
    unused = _unused(look, source)
    problems += [f"doubtful: {ours}: {why}" for ours, why in readings.problems.items()]
    batches = list(islice(reader.batches(), LOOKED_AT))
    made = [make_rows(batch, Making(source, b"check", readings, name)) for batch in batches]
    rows = sum(len(batch.rows) + len(batch.refused) for batch in batches)
    refused = [one for part in made for one in part.refused]
    late = among([part.kept for part in made], source)
    lost = (len(refused) + late.total()) / rows if rows else 0.0
    told = profiled(batches, source, readings)
    problems += [f"{n:,} row(s) would be quarantined: {reason}" for reason, n in late.most_common()] + _rows(
        refused, [one for part in made for one in part.left_out]
    )
    problems += unread_times(batches, source, readings)
    problems += _gone(lost, source, told, made)
    problems += [said] if (said := reader.contents.remark()) else []
    kept = [part.kept for part in made]
    problems += odd_counts(kept) if source.table == "count" else odd_times(kept) if source.table == "contact" else []
    problems += odd_people(
        batches if source.join else [look], source
    )  # a batch has the mapped columns alone, unless it is joined
    fits = not any(problem.startswith(UNFIT) for problem in problems)
    return FileCheck(
        name,
        source.table,
        rows,
        fits,
        tuple(problems),
        suggested(unused, missing, look, source.table),
        tuple(unused),
        told,
        lost,
        reader.passed.excluded,
    )


def _gone(lost: float, source: SourceSettings, told: tuple[dict[str, object], ...], made: list[Made]) -> list[str]:
    """Too few rows survive, or a column that was given is lost whole."""
    found = (
        [
            f"lost: {lost:.1%} of the rows (more than {source.most_lost:.1%}; write most_lost = {lost + 0.005:.2f}"
            " where that is right)"
        ]
        if lost > source.most_lost
        else []
    )
    given = [str(one["column"]) for one in told if one["distinct"]]
    if made and sum(part.kept.num_rows for part in made):
        found += [
            f"lost: no value of {name} could be read"
            for name in given
            if name in made[0].kept.column_names
            and not any(part.kept[name].null_count < part.kept.num_rows for part in made)
        ]
    return found


def _headings(batch: Batch, reader: Reader) -> list[str]:
    """Mapped headings that the file does not have, and required columns nothing fills."""
    source = reader.source
    lacking = headings.lacking(source, batch.columns)
    lacking += [
        (ours, theirs)
        for ours, theirs in _coordinates(source).items()
        if headings.found_in(theirs, batch.columns) is None
    ]
    wrong = [
        f"no column {theirs!r} in the file, which {ours} is mapped to{_near(theirs, batch)}" for ours, theirs in lacking
    ]
    if twice := standing_twice(lacking, list(batch.columns)):
        wrong.append(f"the heading stands in several columns: write {twice}")
    if lacking and (row := reader.heading_row()):
        wrong.append(f"the heading seems to stand in row {row}: write header_row = {row}")
    needed = [
        column.name for column in TABLES[source.table].columns if column.required and not _mapped(column, batch, source)
    ]
    return wrong + [f"missing: nothing fills the required column {name!r}" for name in needed]


def _coordinates(source: SourceSettings) -> dict[str, str]:
    return {name: str(source.at[name]) for name in (*GRID, *DEGREES) if name in source.at}


def _near(theirs: str, batch: Batch) -> str:
    near = get_close_matches(theirs, list(batch.columns), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _rows(refused: Sequence[tuple[int, str, str]], left_out: Sequence[tuple[int, str, str]]) -> list[str]:
    rows, values = (
        Counter(reason for _, reasons, _ in found for reason in reasons.split("; ")).most_common()
        for found in (refused, left_out)
    )
    return [
        *(f"{n:,} row(s) would be quarantined: {reason}" for reason, n in rows),
        *(f"{n:,} value(s) would be left out, their rows kept: {reason}" for reason, n in values),
    ]


def _mapped(column: Column, batch: Batch, source: SourceSettings) -> bool:
    numbered = source.number_rows and column.name == "contact"
    filled = numbered or column.name in source.constants or (column.name == "agency" and bool(source.agency))
    there = any(headings.found_in(one, batch.columns) for one in headings.wanted(source, column.name, batch.columns))
    return filled or column.name in source.defaults or there


def _unused(batch: Batch, source: SourceSettings) -> list[str]:
    used = headings.used(source, batch.columns)
    return [name for name in batch.columns if name not in used]


def suggested(unused: list[str], missing: list[Column], batch: Batch, table: str = "") -> dict[str, str]:
    """Their heading → the likeliest column of ours, the surest pairs first, each of theirs and ours in one pair at
    most. Of pairs as likely the commoner name goes first, whatever the order of the columns; of the times of one event
    those that began and ended it.
    """
    pairs = sorted(
        (-_likeness(theirs, column, batch), _commoner(theirs, column.name), column.name, theirs)
        for theirs in unused
        for column in missing
    )
    by_name = {column.name: column for column in missing}
    found: dict[str, str] = {}
    for likeness, _, ours, theirs in pairs:
        free = -likeness >= LIKELY and theirs not in found and ours not in found.values()
        if free and not _once(ours, theirs, batch, table) and can_be(by_name[ours], table, batch.columns[theirs]):
            found[theirs] = ours
    if table == "contact":
        found = _in_their_course(found, unused, batch)
    return dict(sorted(found.items(), key=lambda pair: unused.index(pair[0])))


def _commoner(theirs: str, ours: str) -> tuple[int, str]:
    """Where a heading stands among the usual names of a column of ours, and the heading itself."""
    plain, names = "".join(words_of(theirs)), USUAL.get(ours, ())
    return (names.index(plain) if plain in names else len(names)), theirs


def _in_their_course(found: dict[str, str], unused: list[str], batch: Batch) -> dict[str, str]:
    """The same pairs with the contact's start and end by what came first and last in the rows, unless a heading says it
    outright."""
    found = {name: ours for name, ours in found.items() if ours not in ("start", "end") or not _of_another(name)}
    theirs = {ours: name for name, ours in found.items()}
    free = [name for name in unused if (name not in found or found[name] in ("start", "end")) and not _of_another(name)]
    start, end = theirs.get("start", ""), theirs.get("end", "")
    if "".join(words_of(start)) not in OUTRIGHT["start"]:
        start = begun_by({name: batch.columns[name] for name in free}) or start
    if "".join(words_of(end)) not in OUTRIGHT["end"]:
        ends = {name: batch.columns[name] for name in free if name != start and called_an_end(name)}
        end = ended_by(ends) or end
    kept = {name: ours for name, ours in found.items() if ours not in ("start", "end")}
    return kept | {name: ours for ours, name in (("start", start), ("end", end)) if name}


def _of_another(heading: str) -> bool:
    """Whether a heading says that its time is that of a life, or of the row itself: when it was extracted or
    changed."""
    words = set(words_of(heading))
    return bool(words & WRITTEN) or any(words & told for told in LIFE.values())


def _once(ours: str, theirs: str, batch: Batch, table: str) -> bool:
    """Whether a number that is hardly somebody's says something else in each row of contacts: then it is the row's."""
    poor = "".join(words_of(theirs)) in POOR.get(ours, ())
    return poor and table == "contact" and cardinality(batch.columns[theirs]) == "another in each row"


def _likeness(theirs: str, column: Column, batch: Batch) -> float:
    """1 for the same name or a usual one for it, less for one that holds it or a slip of it; what the values look like
    counts besides."""
    words = words_of(theirs)
    plain = "".join(words)
    names = [column.name.replace("_", ""), *USUAL.get(column.name, ())]
    if (
        column.name in ("service", "place")
        and set(words) & WARDS
        and (column.name == "service") != _of_a_hospital(batch)
    ):
        return 0.0
    if plain in names or plain in POOR.get(column.name, ()):
        return 1.0 if plain in names else LIKELY
    if any(column.name != ours and told & set(words) for ours, told in LIFE.items()):
        return 0.0
    if set(words) & OF_OTHERS.get(column.name, set()):
        return 0.0
    if column.name == "person":
        return 0.0  # one number for all agencies is nothing that a heading alone can promise
    if column.name == "record" and set(words) & PEOPLE and set(words) <= PEOPLE | NUMBERS:
        return SOMEBODYS
    within = any(
        _holds(words, name, column.name in KEYS)
        for name in (column.name.replace("_", " "), *USUAL.get(column.name, ()))
    )
    slip = max(SequenceMatcher(None, plain, name).ratio() for name in names)
    return max(0.9 if within else 0.0, slip if slip >= SLIP else 0.0, 0.8 * _looks_like(theirs, column.name, batch))


def _of_a_hospital(batch: Batch) -> bool:
    return any(HOSPITAL & set(words_of(heading)) for heading in batch.columns)


def _holds(words: list[str], name: str, key: bool) -> bool:
    """Whether a heading holds a name as words; one of a key holds nothing besides but words for a number."""
    wanted = name.split()
    size = len(wanted)
    at = next((at for at in range(len(words) - size + 1) if words[at : at + size] == wanted), -1)
    return at >= 0 and len(name) > 3 and (not key or set(words[:at] + words[at + size :]) <= NUMBERS)


def _looks_like(theirs: str, ours: str, batch: Batch) -> float:
    """Share of the given values that have the form of our column, where the form alone says what it is."""
    if ours not in CONTENT:
        return 0.0
    values = given_values(batch.columns[theirs])
    if not len(values) or (ours == "birth_date" and not spans_lives(values)):
        return 0.0
    return float(pc.mean(pc.match_substring_regex(values, CONTENT[ours]).cast("int8")).as_py())
