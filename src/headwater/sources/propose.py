"""What to write into headwater.toml for files that nobody has mapped: by a layout that is recognised, else by what
their columns hold."""

from __future__ import annotations

import re
import tempfile
import tomllib
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import takewhile
from os.path import commonpath
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from headwater.domain.errors import DataProblem, HeadwaterError
from headwater.domain.tables import TABLES
from headwater.domain.workspace import SourceSettings
from headwater.sources.blocks import drafted, pruned, quoted, renamed, sexes, with_header_file, with_sheet
from headwater.sources.content import cardinality, given_values, kind_word, sort_of
from headwater.sources.coordinates import DEGREES, GRID, LIMITS
from headwater.sources.fhir import SORT
from headwater.sources.files import ENDINGS, head_of
from headwater.sources.headings import CLOCK, bare_headings, found_in, plain
from headwater.sources.layouts import LayoutFile, recognised
from headwater.sources.longform import long_counts
from headwater.sources.numbers import bared
from headwater.sources.origins import origins_of
from headwater.sources.own_number import numbered
from headwater.sources.packed import members, unpacked
from headwater.sources.passing import Reader
from headwater.sources.rows import Making, make_rows
from headwater.sources.settings import source_of
from headwater.sources.sheets import is_workbook
from headwater.sources.sort_told import kind_column
from headwater.sources.suggest import WHO, first_batch, guess, headings_alone, is_headless
from headwater.sources.which_sheet import sheet_of
from headwater.sources.wide import NAME, VALUE, patterns, totals, unit_of, wide_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headwater.sources.batches import Batch
    from headwater.sources.longform import LongCounts
    from headwater.sources.suggest import Guess

SHOWN = 5
CELL_METRES = 500
"""Side of the squares that coordinates are put into, unless the user says otherwise."""
MASKED = "•••"
"""What stands for a value that says who somebody is."""
SHORT = {"latitude": ("lat",), "longitude": ("lon", "lng", "long")}
"""What coordinates are called for short."""
ROLES = {
    "victim",
    "witness",
    "suspect",
    "offender",
    "complainant",
    "informant",
    "aggrieved",
    "carer",
    "cared for",
    "referrer",
    "subject",
}
HEADLESS = (
    "; its first row holds values, not headings: add it together with the file of its headings (header_file = ...)"
)


@dataclass
class Proposal:
    """files: as one [[source]] names them; texts: the blocks; problems: why nothing is written, or what to settle
    before it is loaded."""

    files: str
    names: tuple[str, ...]
    title: str = ""
    why: str = ""
    texts: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    draft: str = ""
    """What would be written if the lines marked in it were said; '' where nothing lacks."""
    columns: list[dict[str, str]] = field(default_factory=list)
    sample: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was looked at. people: how it would fill the table of records; header_file: where its headings
    stand, if not in itself."""

    name: str
    batch: Batch
    layout: LayoutFile | None
    whole: Guess
    people: Guess
    header_file: str = ""
    headless: bool = False
    sheet: str = ""
    left: Sequence[str] = ()
    others: tuple[str, ...] = ()
    """Sorts of things in the file that are not read, each with how many there are."""
    theirs: Mapping[str, str] = field(default_factory=dict)
    """The layout's heading → the file's own, where all of these bear something before or after it."""

    @property
    def bare(self) -> Batch:
        """The batch under the headings of its layout."""
        held = self.batch.columns
        return (
            replace(self.batch, columns={ours: held[one] for ours, one in self.theirs.items()})
            if self.theirs
            else self.batch
        )


def proposed(root: Path, names: Sequence[str], agency: str = "") -> tuple[Proposal, ...]:
    """What each file is, files of one sort together. names: paths within the workspace. Raises DataProblem where one
    cannot be read."""
    heads = {name: alone for name in names if (alone := headings_alone(root / name))}
    files = [_seen(root, name, heads) for name in names if name not in heads or len(names) == len(heads)]
    seen = [sort for one in files for sort in _sorts(one)]
    sorts: dict[object, list[_Seen]] = {}
    for one in seen:
        sorts.setdefault((one.layout.layout.name, one.layout.name) if one.layout else one.name, []).append(one)
    paths = {found[0].layout.name: _together(root, found) for found in sorts.values() if found[0].layout}
    made = [
        _of_layout(root, found, paths, agency, seen) if found[0].layout else _of_content(root, found[0], agency, seen)
        for found in sorts.values()
    ]
    for proposal in made:
        proposal.texts = [_sheeted(text, proposal.names[0], seen) for text in proposal.texts]
        _tried(root, proposal)
    return tuple(made)


def _seen(root: Path, name: str, heads: dict[str, list[str]]) -> _Seen:
    """The file, or the first one in a zip, as its headings and first rows show it."""
    with tempfile.TemporaryDirectory() as folder:
        file = _first_inside(root / name, Path(folder))
        sheet, left = sheet_of(file)
        headless = not sheet and is_headless(file)
        header_file = _head_of(name, file, heads) if headless else ""
        whole = guess(file, "", header_file, sheet)
        batch = first_batch(file, whole.header_row, header_file, sheet)
        people = guess(file, "record", header_file, sheet)
    layout, theirs = _recognised(batch)
    return _Seen(
        name, batch, layout, whole, people, header_file, headless and not header_file, sheet, left, theirs=theirs
    )


def _recognised(batch: Batch) -> tuple[LayoutFile | None, dict[str, str]]:
    """The layout, and its headings as the file has them where they bear something before or after."""
    if found := recognised(batch.columns):
        return found, {}
    ways = ((recognised(bare), bare) for bare in bare_headings(batch.columns))
    return next(((found, bare) for found, bare in ways if found), (None, {}))


def _sorts(one: _Seen) -> list[_Seen]:
    """A file of FHIR resources once for each sort of them that a layout reads, with the others named; any other file as
    it is."""
    told = one.batch.columns.get(SORT)
    sorts = Counter(told.to_pylist()) if told is not None else {}
    if len(sorts) < 2:
        return [one]
    pieces = {sort: _of_sort(one.batch, sort) for sort in sorts}
    found = {sort: fits for sort, piece in pieces.items() if (fits := recognised(piece.columns)) and fits.blocks}
    others = tuple(f"{sort} ({sorts[sort]:,})" for sort in sorts if sort not in found)
    return [replace(one, batch=pieces[sort], layout=fits, others=others) for sort, fits in found.items()] or [one]


def _of_sort(batch: Batch, sort: str) -> Batch:
    """The resources of one sort, with the columns that they fill."""
    rows = pc.equal(batch.columns[SORT], sort)
    columns = {name: column.filter(rows) for name, column in batch.columns.items()}
    filled = {name: column for name, column in columns.items() if pc.any(pc.not_equal(column, "")).as_py()}
    return replace(batch, columns=filled, rows=batch.rows[rows.to_numpy(zero_copy_only=False)])


def _sheeted(text: str, name: str, seen: Sequence[_Seen]) -> str:
    """The block with the sheets of the file that it names, or of the first of those that its pattern does."""
    by_name = {one.name: one for one in seen}
    one = by_name.get(tomllib.loads(text)["source"][0]["files"], by_name[name])
    return with_sheet(text, one.sheet, list(one.left))


def _first_inside(file: Path, folder: Path) -> Path:
    """A file itself; of a zip the first member that is read, unpacked."""
    with file.open("rb") as raw:
        start = raw.read(4)
    if not start.startswith(b"PK") or is_workbook(file, start):
        return file
    names = [one for one in members(file) if one.lower().endswith(ENDINGS) and not one.lower().endswith(".zip")]
    if not names:
        raise DataProblem(
            f"{file.name} holds no file that is read",
            allowed=", ".join(ENDINGS),
            next_step="unpack it and add what is in it",
        )
    return unpacked(file, names[0], folder)


def _head_of(name: str, file: Path, heads: dict[str, list[str]]) -> str:
    """The file of as many headings as this one has columns, the one that is named most like it; '' for none."""
    width = max(len(row) for row in head_of(file, SourceSettings("contact", name), 3))
    fits = [one for one, words in heads.items() if len(words) == width]
    if not fits:
        return ""
    best = max(fits, key=lambda one: sum(takewhile(bool, map(str.__eq__, one, name))))
    same = PurePosixPath(best).parent == PurePosixPath(name).parent
    return PurePosixPath(best).name if same else best


def _together(root: Path, found: Sequence[_Seen]) -> str:
    """One name or pattern for all files of a sort, where a pattern names these and no other; else the first one's
    name."""
    names = [one.name for one in found]
    if len(names) == 1:
        return names[0]
    start = commonpath(names)
    end = commonpath([name[::-1] for name in names])[::-1]
    pattern = (
        f"{start}*{end}" if PurePosixPath(start).parent == PurePosixPath(names[0]).parent or start.endswith("/") else ""
    )
    there = {file.relative_to(root).as_posix() for file in root.glob(pattern)} if pattern else set()
    return pattern if there == set(names) else names[0]


# By a layout


def _of_layout(
    root: Path, found: Sequence[_Seen], paths: dict[str, str], agency: str, seen: Sequence[_Seen]
) -> Proposal:
    sort = found[0].layout
    assert sort is not None
    told = Proposal(
        paths[sort.name],
        tuple(one.name for one in found),
        sort.layout.title,
        f"by its headings {', '.join(sort.signature[:5])}",
    )
    if found[0].others:
        told.why += f"; not read are {', '.join(found[0].others)}"
    told.columns = _columns(found[0].batch, {})
    lacking = [one for one in sort.needs if one not in paths]
    if sort.layout.refuse:
        told.problems.append(f"recognised as {sort.layout.title}, and not read: {sort.layout.refuse}")
    elif lacking:
        told.problems.append(
            f"recognised as {sort.layout.title} ({sort.name}); its rows need the file {', '.join(lacking)}: add them"
            " together"
        )
    else:
        many = [told.files] if "*" in told.files or len(found) == 1 else [one.name for one in found]
        others = {one.layout.name: one.bare for one in seen if one.layout}
        told.texts = [
            _filled(block.text, block.with_, name, (agency or sort.layout.agency, found[0].bare), paths, others)
            for name in many
            for block in sort.blocks
        ]
        if found[0].theirs:
            told.texts = [renamed(text, found[0].theirs) for text in told.texts]
        told.texts = [with_header_file(text, found[0].header_file) for text in told.texts]
        if told.texts:
            told.texts[0] = (
                f"# {sort.layout.title}, recognised {told.why}; headings after {sort.layout.source}\n"
                + told.texts[0].lstrip()
            )
    return told


def _filled(
    text: str,
    more: dict[str, str],
    name: str,
    about: tuple[str, Batch],
    paths: dict[str, str],
    others: dict[str, Batch],
) -> str:
    """The block for these files, without the lines whose headings they lack."""
    agency, batch = about
    there = list(batch.columns)
    for other, added in more.items():
        if other in paths:
            text += added.lstrip("\n")
            there += list(others[other].columns)
            text = text.replace("{" + other + "}", paths[other])
    return pruned(text.replace("{files}", name).replace("{agency}", agency).lstrip("\n"), there)


# By content


def _of_content(root: Path, one: _Seen, agency: str, seen: Sequence[_Seen]) -> Proposal:
    if wide := wide_columns(one.batch):
        return _of_periods(one, wide, agency)
    whole = one.whole
    columns: dict[str, str | list[str]] = dict(whole.columns)
    told = Proposal(one.name, (one.name,), why="by what its columns hold")
    told.columns = _columns(one.batch, {theirs: ours for ours, theirs in whole.columns.items()})
    agency = agency or _slug(PurePosixPath(one.name).stem)
    if whole.table == "contact" and not {"record", "person", "place"} & set(columns):
        columns |= _shared_key(one, seen)
    lacking = _lacking(whole.table, columns)
    if whole.table == "contact" and not {"record", "person", "place"} & set(columns) and not _at(one.batch):
        lacking.append("record (whom) or place (where)")
    if (lacking or whole.table == "count") and (found := long_counts(one.batch)):
        return _of_long(one, found, agency)
    if lacking:
        told.problems.append(
            f"nothing in {one.name} fills {', '.join(lacking)} of the table {whole.table!r} it is most like: say it in"
            f" headwater.toml, or on the page Data{HEADLESS if one.headless else ''}"
        )
        told.draft = drafted(
            _block(one.name, whole.table, columns, agency, whole.header_row, one.batch), lacking, one.batch, columns
        )
        return told
    if whole.table == "contact":
        columns = numbered(columns, one.batch)
        if "kind" not in columns and (sort := kind_column(one.batch, columns.values(), one.name)):
            columns["kind"] = sort
    _clocked(columns, one.batch)
    told.problems += _roles(one.batch) if whole.table == "contact" else []
    told.texts.append(
        with_header_file(_block(one.name, whole.table, columns, agency, whole.header_row, one.batch), one.header_file)
    )
    if whole.table == "contact" and "record" in columns:
        who = {ours: theirs for ours, theirs in one.people.columns.items() if ours in WHO}
        if who:
            first = columns["start"]
            text = _block(
                one.name,
                "record",
                {"record": columns["record"], **who},
                agency,
                whole.header_row,
                one.batch,
                first if isinstance(first, str) else first[0],
            )
            told.texts.append(with_header_file(text, one.header_file))
    return told


def _of_long(one: _Seen, found: LongCounts, agency: str) -> Proposal:
    """Counts with a row for each unit, period and measure."""
    told = Proposal(one.name, (one.name,), why="by its rows: one for each place, period and measure")
    columns: dict[str, str | list[str]] = {"unit": found.unit, "period": found.period, "contacts": found.contacts}
    columns |= {"kind": found.kind} if found.kind else {}
    told.columns = _columns(one.batch, {theirs: ours for ours, theirs in columns.items() if isinstance(theirs, str)})
    text = _block(
        one.name, "count", columns, agency or _slug(PurePosixPath(one.name).stem), one.whole.header_row, one.batch
    )
    remarks = "".join(f"# {remark}\n" for remark in found.told)
    form = f"date_format = {quoted(found.date_format)}\n" if found.date_format else ""
    form += "total = true\n" if found.total else ""
    text = text.replace("[source.columns]\n", f"{remarks}{form}[source.columns]\n", 1)
    if found.where:
        chosen = (f"{quoted(heading)} = {quoted(words)}" for heading, words in found.where.items())
        text += "\n".join(["[source.where]   # sums of other rows and what is no count are left out", *chosen]) + "\n"
    told.texts.append(with_header_file(text, one.header_file))
    return told


def _of_periods(one: _Seen, wide: list[str], agency: str) -> Proposal:
    """Counts with a column for each period, turned into rows."""
    told = Proposal(one.name, (one.name,), why=f"by its {len(wide)} columns named by periods")
    told.columns = _columns(one.batch, dict.fromkeys(wide, VALUE))
    unit = unit_of(one.batch, wide)
    if not unit:
        told.problems.append(
            f"{len(wide)} columns of {one.name} are periods, and no column says whose numbers a row holds: say unit ="
            ' "..." in headwater.toml, with [source.unpivot]'
        )
    stem, others = _slug(PurePosixPath(one.name).stem), [name for name in one.batch.columns if name not in wide]
    lines = ["[[source]]", 'table = "count"', f"files = {quoted(one.name)}", f'agency = "{agency or stem}"']
    lines += [f"header_row = {one.whole.header_row}"] if one.whole.header_row > 1 else []
    lines += [
        "[source.columns]",
        *([f"unit = {quoted(unit)}   # {_holding(one.batch, unit)}"] if unit else []),
        f'period = "{NAME}"',
        f'contacts = "{VALUE}"',
    ]
    lines += ["[source.constants]   # the file does not say: mend this word", f'kind = "{stem}"']
    lines += [
        f"[source.unpivot]   # one column a period: {wide[0]} to {wide[-1]}",
        f"columns = {quoted(patterns(wide, others))}",
        f'name = "{NAME}"',
        f'value = "{VALUE}"',
    ]
    if not unit:
        told.draft = drafted(
            "\n".join(lines) + "\n",
            ["unit"],
            replace(one.batch, columns={name: one.batch.columns[name] for name in others}),
            {},
        )
        return told
    sums = totals(one.batch, unit)
    lines += (
        [
            "[source.where]   # sums of the other rows are no unit",
            f"{quoted(unit)} = {quoted(['!' + each for each in sums])}",
        ]
        if sums
        else []
    )
    told.texts.append(with_header_file("\n".join(lines) + "\n", one.header_file))
    return told


def _clocked(columns: dict[str, str | list[str]], batch: Batch) -> None:
    """A time of day in a column of its own, whose heading is the day's but for a word, is the other half of a
    moment."""
    for ours in ("start", "end"):
        day = columns.get(ours)
        if not isinstance(day, str) or pc.any(pc.match_substring(batch.columns[day], ":"), min_count=0).as_py():
            continue
        clock = re.sub(r"(?i)date|day", "time", day)
        theirs = found_in(clock, batch.columns) if clock != day else None
        if theirs and pc.all(pc.match_substring_regex(given_values(batch.columns[theirs]), CLOCK), min_count=0).as_py():
            columns[ours] = [day, theirs]


def _roles(batch: Batch) -> list[str]:
    """One event with a row for each person in it: who they are in it is for the user to choose."""
    found = []
    for theirs, column in batch.columns.items():
        words = (
            {str(one).casefold() for one in pc.unique(given_values(column)).to_pylist()}
            if cardinality(column).endswith("words")
            else set()
        )
        if len(words & ROLES) > 1:
            found.append(
                f"{theirs} tells who a person is in an event ({', '.join(sorted(words & ROLES))}), and each is a"
                f" contact as it stands: write [source.where] {quoted(theirs)} = [...] for those who count"
            )
    return found


def _lacking(table: str, columns: Mapping[str, str | list[str]]) -> list[str]:
    filled = {
        *columns,
        "agency",
        *(("contact", "kind", "service") if table == "contact" else ("kind",) if table == "count" else ()),
    }
    return [column.name for column in TABLES[table].columns if column.required and column.name not in filled]


def _block(
    name: str, table: str, columns: Mapping[str, str | list[str]], agency: str, row: int, batch: Batch, latest: str = ""
) -> str:
    """A [[source]] with a remark on what each column holds."""
    stem = _slug(PurePosixPath(name).stem)
    named = "agency" in TABLES[table].names
    lines = [
        "[[source]]",
        f'table = "{table}"',
        f"files = {quoted(name)}",
        *([f'agency = "{agency}"'] if named and "agency" not in columns else []),
    ]
    lines += [f"header_row = {row}"] if row > 1 else []
    lines += (
        [f"latest_by = {quoted(latest)}   # a person stands in several rows: the latest says who it is"]
        if latest
        else []
    )
    lines += (
        ["number_rows = true   # no column numbers the rows"] if table == "contact" and "contact" not in columns else []
    )
    lines.append("[source.columns]")
    lines += [f"{ours} = {quoted(theirs)}   # {_holding(batch, theirs)}" for ours, theirs in columns.items()]
    constants = (
        {"kind": kind_word(batch) or stem, "service": f"{agency}/{stem}"}
        if table == "contact"
        else {"kind": stem}
        if table == "count"
        else {}
    )
    missing = {ours: value for ours, value in constants.items() if ours not in columns}
    if missing:
        lines += [
            "[source.constants]   # the file does not say: mend these words",
            *(f"{ours} = {quoted(value)}" for ours, value in missing.items()),
        ]
    lines += _at(batch) if table == "contact" else []
    if latest:
        lines += ["[source.where]   # rows that name nobody", f'{quoted(str(columns["record"]))} = "*"']
    if "sex" in columns:
        lines += sexes(batch.columns[str(columns["sex"])])
    return "\n".join(lines) + "\n"


def _holding(batch: Batch, theirs: str | list[str]) -> str:
    if not isinstance(theirs, str):
        return "a day and its time"
    return f"{sort_of(batch.columns[theirs])}, {cardinality(batch.columns[theirs])}"


def _at(batch: Batch) -> list[str]:
    """[source.at] where two columns are named and look like coordinates."""
    for pair in (GRID, DEGREES):
        found = {ours: theirs for ours in pair if (theirs := _coordinate(batch, ours))}
        if len(found) == len(pair):
            return [
                "[source.at]",
                *(f"{ours} = {quoted(theirs)}" for ours, theirs in found.items()),
                f"cell = {CELL_METRES}",
            ]
    return []


def _coordinate(batch: Batch, ours: str) -> str:
    """The heading that names it and whose numbers lie within Great Britain."""
    low, high = LIMITS[ours]
    for theirs, column in batch.columns.items():
        if (ours not in theirs.lower() and plain(theirs) not in SHORT.get(ours, ())) or sort_of(column) != "numbers":
            continue
        values = (
            pc.cast(bared(given_values(column))[0], "float64", safe=False)
            if not pc.any(pc.match_substring(column, ",")).as_py()
            else None
        )
        if values is not None and (
            ours == "longitude" or (pc.min(values).as_py() >= low and pc.max(values).as_py() <= high)
        ):
            return theirs
    return ""


def _shared_key(one: _Seen, seen: Sequence[_Seen]) -> dict[str, str]:
    """The column whose numbers are those of another file that has one row a person."""
    for other in seen:
        if other is one:
            continue
        for theirs, column in other.batch.columns.items():
            if cardinality(column) != "another in each row" or sort_of(column) == "times":
                continue
            for mine, values in one.batch.columns.items():
                given = given_values(values)
                same = pc.is_in(given, given_values(column))
                if plain(mine) == plain(theirs) and len(given) and float(pc.mean(same.cast("int8")).as_py()) >= 0.8:
                    return {"record": mine}
    return {}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z]+", "-", text.lower()).strip("-") or "theirs"


def _columns(batch: Batch, ours: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"heading": name, "holds": sort_of(column), "values": cardinality(column), "ours": ours.get(name, "")}
        for name, column in batch.columns.items()
    ]


# Tried before it is written


def _tried(root: Path, told: Proposal) -> None:
    """Read the first rows as they would be read: what is doubtful becomes a line to settle, and five rows are kept to
    show."""
    for at, text in enumerate(told.texts):
        source = source_of(tomllib.loads(text)["source"][0])
        told.tables.append(source.table)
        try:
            told.texts[at] = _settled(root, source, text, told)
        except HeadwaterError as problem:
            told.problems.append(
                f"{source.table}: {problem.what}" + (f" ({problem.next_step})" if problem.next_step else "")
            )


def _settled(root: Path, source: SourceSettings, text: str, told: Proposal) -> str:
    for origin in origins_of(root, source):
        with origin.opened() as contents:
            reader = Reader(origin, contents, source, root)
            readings = reader.readings()
            try:
                reader.refuse_absent()
            except DataProblem as problem:
                # The first member or file is mapped; what another one calls its columns is named beside it.
                told.problems.append(f"{source.table}: {problem.what}; it has {problem.given} ({problem.next_step})")
                continue
            if readings.problems:
                told.problems += [f"{source.table}.{ours}: {why}" for ours, why in readings.problems.items()]
                return text.replace(
                    "\n[source.columns]",
                    "".join(f"\n# {ours}: {why}" for ours, why in readings.problems.items()) + "\n[source.columns]",
                    1,
                )
            batch = next(iter(reader.batches()), None)
            if batch is None:
                raise DataProblem(f"{origin.name} has a heading and no row")
            if not told.sample:
                told.sample = _rows(make_rows(batch, Making(source, b"add", readings, origin.name)).kept, source)
    return text


def _rows(kept: Any, source: SourceSettings) -> list[dict[str, str]]:
    """Five rows as they were read, with a mask for what says who somebody is."""
    table = TABLES[source.table]
    filled = [
        column
        for column in table.columns
        if column.name in kept.column_names and kept[column.name].null_count < kept.num_rows
    ]
    hidden = {column.name for column in table.columns if column.identifying != "no"} | {
        "contact",
        "record",
        "person",
        "place",
    }
    rows = kept.slice(0, SHOWN).select([column.name for column in filled]).to_pylist()
    return [
        {
            name: MASKED if name in hidden and value is not None else "" if value is None else str(value)
            for name, value in row.items()
        }
        for row in rows
    ]


def layout_of(headings: Iterable[str]) -> str:
    """The title of the layout that has these headings, where it can be read; '' for none."""
    found = recognised(headings)
    return found.layout.title if found and found.blocks and not found.layout.refuse else ""


def names_in(texts: Iterable[str]) -> list[tuple[str, str]]:
    """(files, table) of the blocks of a text."""
    return [(one["files"], one["table"]) for text in texts for one in tomllib.loads(text)["source"]]
