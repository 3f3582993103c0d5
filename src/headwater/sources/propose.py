"""What to write into headwater.toml for files that nobody has mapped: by a layout that is recognised, else by what
their columns hold."""

from __future__ import annotations

import tempfile
import tomllib
from collections import Counter
from dataclasses import replace
from itertools import takewhile
from os.path import commonpath
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from headwater.domain.errors import DataProblem, HeadwaterError
from headwater.domain.tables import TABLES
from headwater.domain.workspace import SourceSettings
from headwater.sources.blocks import pruned, renamed, with_header_file, with_sheet
from headwater.sources.by_content import of_content
from headwater.sources.fhir import SORT
from headwater.sources.files import ENDINGS, head_of
from headwater.sources.headings import bare_headings
from headwater.sources.layouts import LayoutFile, recognised
from headwater.sources.origins import origins_of
from headwater.sources.packed import members, unpacked
from headwater.sources.passing import Reader
from headwater.sources.proposal import Proposal, Seen, columns_seen
from headwater.sources.rows import Making, make_rows
from headwater.sources.settings import source_of
from headwater.sources.sheets import is_workbook
from headwater.sources.suggest import first_batch, guess, headings_alone, is_headless
from headwater.sources.which_sheet import sheet_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from headwater.sources.batches import Batch

SHOWN = 5
MASKED = "•••"
"""What stands for a value that says who somebody is."""


def proposed(root: Path, names: Sequence[str], agency: str = "") -> tuple[Proposal, ...]:
    """What each file is, files of one sort together. names: paths within the workspace. Raises DataProblem where one
    cannot be read."""
    heads = {name: alone for name in names if (alone := headings_alone(root / name))}
    files = [_seen(root, name, heads) for name in names if name not in heads or len(names) == len(heads)]
    seen = [sort for one in files for sort in _sorts(one)]
    sorts: dict[object, list[Seen]] = {}
    for one in seen:
        sorts.setdefault((one.layout.layout.name, one.layout.name) if one.layout else one.name, []).append(one)
    paths = {found[0].layout.name: _together(root, found) for found in sorts.values() if found[0].layout}
    made = [
        _of_layout(root, found, paths, agency, seen) if found[0].layout else of_content(root, found[0], agency, seen)
        for found in sorts.values()
    ]
    for proposal in made:
        proposal.texts = [_sheeted(text, proposal.names[0], seen) for text in proposal.texts]
        _tried(root, proposal)
    return tuple(made)


def _seen(root: Path, name: str, heads: dict[str, list[str]]) -> Seen:
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
    return Seen(
        name, batch, layout, whole, people, header_file, headless and not header_file, sheet, left, theirs=theirs
    )


def _recognised(batch: Batch) -> tuple[LayoutFile | None, dict[str, str]]:
    """The layout, and its headings as the file has them where they bear something before or after."""
    if found := recognised(batch.columns):
        return found, {}
    ways = ((recognised(bare), bare) for bare in bare_headings(batch.columns))
    return next(((found, bare) for found, bare in ways if found), (None, {}))


def _sorts(one: Seen) -> list[Seen]:
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


def _sheeted(text: str, name: str, seen: Sequence[Seen]) -> str:
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


def _together(root: Path, found: Sequence[Seen]) -> str:
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


def _of_layout(root: Path, found: Sequence[Seen], paths: dict[str, str], agency: str, seen: Sequence[Seen]) -> Proposal:
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
    told.columns = columns_seen(found[0].batch, {})
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
