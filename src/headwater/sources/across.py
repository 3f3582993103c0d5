"""What only a look over all files shows, told before anything is loaded: people of no record, services of no list,
numbers that lost their noughts, one contact in two returns. Only the columns that name something are read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.errors import DataProblem, HeadwaterError
from headwater.domain.peers import unlike_posts, unlike_spending
from headwater.domain.tables import TABLES
from headwater.sources.headings import given, under
from headwater.sources.judge import NUMBERING
from headwater.sources.numbering import Figures, could_be_one, lost_noughts
from headwater.sources.origins import origins_of
from headwater.sources.passing import Reader
from headwater.sources.refine import UNKNOWN
from headwater.sources.rows import Making, make_rows, text_of
from headwater.sources.whose import FEWEST, ONCE, thing_numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from headwater.domain.workspace import SourceSettings
    from headwater.sources.batches import Batch
    from headwater.sources.origins import Origin

    Source = tuple[Origin, SourceSettings]
    Columns = Mapping[tuple[str, str], "list[_Named]"]

APART = "\x1f"
"""Between an agency and what only it knows by that number."""
HELD = 1_000_000
"""Different values that are held before they are counted together."""
MOST_CONTACTS = 3_000_000
"""Contacts up to which their numbers are compared between files: about 100 MB."""
SHOWN = 5
NAMING = ("contact", "enrolment", "observation")
"""Tables whose rows name people by an agency's number."""
LISTED = (
    ("place", "place", ("contact", "enrolment")),
    ("organisation", "organisation", ("service", "post", "asset", "spend")),
)
"""Table of a list, its column, and the tables that name what should be in it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing about one file. lost: rows that `load` would quarantine; unfit: whether the file does not fit for
    it."""

    file: str
    table: str
    text: str
    lost: int = 0
    unfit: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    """The different values of a column in a file, and how many rows have each. key: with its agency before it, where
    only that knows it."""

    file: str
    source: SourceSettings
    counted: pa.Table

    @property
    def rows(self) -> int:
        return int(pc.sum(self.counted["rows"]).as_py() or 0)

    def not_in(self, known: pa.Array) -> pa.Table:
        return self.counted.filter(pc.invert(pc.is_in(self.counted["key"], value_set=known)))


def across(root: Path, sources: Iterable[SourceSettings]) -> tuple[Found, ...]:
    """What the files say of each other. A file that cannot be read is passed over: it is told on its own."""
    sources = tuple(sources)
    named = _gathered(root, sources)
    found = [
        *_orphans(named),
        *_once(named),
        *_services(named),
        *_unlisted(named),
        *_returned(named),
        *_unlike(root, sources),
    ]
    for column, files in _numberings(named):
        found += _without_noughts(column, files)
    return tuple(found)


def kinds_named(root: Path, sources: Iterable[SourceSettings]) -> dict[str, int]:
    """Kind → rows of contacts and counts that have it."""
    wanted = [
        replace(one, columns={ours: theirs for ours, theirs in one.columns.items() if ours == "kind"})
        for one in sources
        if one.table in {"contact", "count"}
    ]
    found: dict[str, int] = defaultdict(int)
    for files in _gathered(root, wanted, ("kind",)).values():
        for one in files:
            for kind, rows in zip(one.counted["key"].to_pylist(), one.counted["rows"].to_pylist(), strict=True):
                found[kind] += rows
    return dict(sorted(found.items()))


def refuse_lost_noughts(files: Iterable[tuple[Origin, SourceSettings, Mapping[str, Figures]]], root: Path) -> None:
    """Raises DataProblem where numbers of one agency are others without their noughts. The numbers themselves are only
    read where the forms of those in each file say that they could be one."""
    alike: dict[tuple[str, str], list[tuple[Origin, SourceSettings, Figures]]] = defaultdict(list)
    for origin, source, figures in files:
        for column, form in figures.items():
            alike[column, "" if column == "person" else source.agency].append((origin, source, form))
    told = [
        one
        for (column, _agency_of), alike_ones in alike.items()
        if could_be_one(form for _, _, form in alike_ones)
        for one in _without_noughts(
            column,
            [
                _Named(origin.name, source, _counted(origin, source, root, (column,))[column])
                for origin, source, _ in alike_ones
            ],
        )
    ]
    if told:
        raise DataProblem(
            "; ".join(f"{one.file} ({one.table}): {one.text.removeprefix('doubtful: ')}" for one in told),
            given="numbers of people with and without noughts in front",
            allowed="one form of a number in all files of an agency",
            next_step="write the line into its [[source]] in headwater.toml; 0 figures leave the numbers as they stand",
        )


# What is named where


def _gathered(
    root: Path, sources: Iterable[SourceSettings], only: tuple[str, ...] = ()
) -> dict[tuple[str, str], list[_Named]]:
    found: dict[tuple[str, str], list[_Named]] = defaultdict(list)
    for source in sources:
        columns = only or _naming(source)
        if not columns:
            continue
        try:
            for origin in origins_of(root, source):
                for column, counted in _counted(origin, source, root, columns).items():
                    if counted.num_rows:
                        found[source.table, column].append(_Named(origin.name, source, counted))
        except HeadwaterError:
            continue
    return found


def _naming(source: SourceSettings) -> tuple[str, ...]:
    """The columns of a table that name what another table, or another file, may know."""
    wanted = (
        "record",
        "person",
        "service",
        "place",
        "organisation",
        *(("contact",) if source.table == "contact" else ()),
    )
    return tuple(name for name in wanted if name in TABLES[source.table].names)


def _counted(origin: Origin, source: SourceSettings, root: Path, columns: tuple[str, ...]) -> dict[str, pa.Table]:
    """Column → its different values and their rows. `agencies` besides: whose contacts name which service."""
    held: dict[str, list[pa.Table]] = {name: [] for name in columns}
    with origin.opened() as contents:
        for batch in Reader(origin, contents, _narrow(source, columns), root).batches():
            for name, table in _of_batch(batch, source, columns):
                held[name].append(table)
                if len(held[name]) > 1 and sum(one.num_rows for one in held[name]) > HELD:
                    held[name] = [_together(held[name])]
    return {name: _together(tables) for name, tables in held.items()}


def _narrow(source: SourceSettings, columns: tuple[str, ...]) -> SourceSettings:
    """The source with those of its columns alone that are looked at, so that no other is read; a row that nothing
    numbers is looked at whole."""
    if source.number_rows:
        return replace(source, reasons={})
    kept = {*columns, "agency", *(("start", "end") if source.event else ())}
    return replace(
        source, columns={ours: theirs for ours, theirs in source.columns.items() if ours in kept}, reasons={}, at={}
    )


def _of_batch(batch: Batch, source: SourceSettings, columns: tuple[str, ...]) -> Iterator[tuple[str, pa.Table]]:
    table, count = TABLES[source.table], len(batch.rows)
    agency = text_of(batch, table.column("agency"), source, count) if "agency" in table.names else None
    for name in columns:
        key = (
            text_of(batch, table.column(name), source, count)
            if name != "contact" or not source.number_rows
            else _whole_rows(batch, source)
        )
        if name in {"record", "contact", "service"} and agency is not None:
            key = pc.binary_join_element_wise(agency, key, APART)
        counted = pc.value_counts(key.drop_null())
        yield name, pa.table({"key": counted.field("values"), "rows": counted.field("counts")})


def _whole_rows(batch: Batch, source: SourceSettings) -> pa.StringArray:
    """All that a row says, where nothing numbers it."""
    mapped = [given(batch, ours, source) for ours in source.columns]
    placed = [under(batch, str(heading), source) for name, heading in source.at.items() if name != "cell"]
    return pc.binary_join_element_wise(*(pc.fill_null(one, "") for one in (*mapped, *placed)), "\x1e")


def _together(tables: list[pa.Table]) -> pa.Table:
    if not tables:
        return pa.table({"key": pa.array([], pa.string()), "rows": pa.array([], pa.int64())})
    if len(tables) == 1:
        return tables[0]
    summed = pa.concat_tables(tables).group_by("key").aggregate([("rows", "sum")])
    return summed.rename_columns(["key", "rows"])


def _keys(files: Iterable[_Named]) -> pa.Array:
    found = [one.counted["key"] for one in files]
    return pc.unique(pa.chunked_array([part for one in found for part in one.chunks], pa.string()))


def _agency(keys: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(keys, f"(?s){APART}.*$", "")


def _bare(one: _Named) -> pa.StringArray:
    """The numbers without their agency."""
    return pc.replace_substring_regex(one.counted["key"].combine_chunks(), f"(?s)^[^{APART}]*{APART}", "")


# What that says


def _orphans(named: Columns) -> Iterator[Found]:
    """Rows whose person is in no record of an agency that gives records."""
    known = _keys(named.get(("record", "record"), ()))
    agencies = pc.unique(_agency(known)) if len(known) else known
    for table in NAMING if len(known) else ():
        for one in named.get((table, "record"), ()):
            asked = one.counted.filter(pc.is_in(_agency(one.counted["key"]), value_set=agencies))
            of = int(pc.sum(asked["rows"]).as_py() or 0)
            lost = int(pc.sum(replace(one, counted=asked).not_in(known)["rows"]).as_py() or 0)
            if lost:
                most = 2 * lost > of
                advice = (
                    '; map the number that both files share, record = "...", or bring it in with [source.join]'
                    if most
                    else ""
                )
                yield Found(
                    one.file,
                    table,
                    f"{'lost: ' if most else ''}{lost:,} of {of:,} row(s) bear a number that no record of their agency"
                    f" has{advice}",
                    0,
                    most,
                )


def _once(named: Columns) -> Iterator[Found]:
    """Agencies of whose contacts nearly each bears a number of its own, in all their files: nobody would ever come
    again."""
    agencies: dict[str, list[_Named]] = defaultdict(list)
    for one in named.get(("contact", "record"), ()):
        agencies[one.source.agency].append(one)
    for files in agencies.values():
        rows, people = sum(one.rows for one in files), len(_keys(files))
        if (
            rows >= FEWEST
            and people >= ONCE * rows
            and not thing_numbered(str(files[0].source.columns.get("record", "")))
        ):
            yield Found(
                files[0].file,
                "contact",
                f"odd: {rows:,} contacts bear {people:,} different numbers of people, so that hardly anybody comes"
                " again: where record numbers something else than people, map their own number",
            )


def _services(named: Columns) -> Iterator[Found]:
    """Rows that name a service which no list has, of agencies that have a list: `load` quarantines them."""
    lists = named.get(("service", "service"), ())
    known = _keys(lists)
    owners = set(_keys(named.get(("service", "organisation"), ())).to_pylist())
    contacts = named.get(("contact", "service"), ()) if len(known) else ()
    for one in contacts:
        service = _bare(one)
        listed = pc.is_in(service, value_set=known)
        owners |= set(_agency(one.counted["key"].filter(listed)).to_pylist())
    for one in contacts:
        strange = pc.and_(
            pc.invert(pc.is_in(_bare(one), value_set=known)),
            pc.is_in(_agency(one.counted["key"].combine_chunks()), value_set=pa.array(sorted(owners), pa.string())),
        )
        rows = one.counted.filter(strange)
        if rows.num_rows:
            lost = int(pc.sum(rows["rows"]).as_py())
            words = _words(replace(one, counted=rows))
            yield Found(
                one.file,
                "contact",
                f"{lost:,} row(s) would be quarantined: {UNKNOWN} ({words})",
                lost,
                lost > one.source.most_lost * one.rows,
            )


def _unlisted(named: Columns) -> Iterator[Found]:
    """Places and organisations that are named and in no list, where a file gives one."""
    for table, column, naming in LISTED:
        known = _keys(named.get((table, column), ()))
        for one in (file for name in naming for file in named.get((name, column), ())) if len(known) else ():
            rows = one.not_in(known)
            if rows.num_rows:
                yield Found(
                    one.file,
                    one.source.table,
                    f"{int(pc.sum(rows['rows']).as_py()):,} row(s) name {'an' if column[0] in 'aeiou' else 'a'}"
                    f" {column} that no file of {table}s has: {_words(replace(one, counted=rows))}",
                )


def _words(one: _Named) -> str:
    """The values that most rows have, without their agency."""
    order = one.counted.sort_by([("rows", "descending"), ("key", "ascending")]).slice(0, SHOWN)
    told = [
        f"{key.split(APART)[-1]!r} {rows:,}"
        for key, rows in zip(order["key"].to_pylist(), order["rows"].to_pylist(), strict=True)
    ]
    return ", ".join(told) + (f" and {one.counted.num_rows - SHOWN:,} more" if one.counted.num_rows > SHOWN else "")


def _returned(named: Columns) -> Iterator[Found]:
    """Contacts that an earlier file of the same agency has too, by their numbers or else by all they say, where nothing
    says which return is the latest."""
    all_files = [one for one in named.get(("contact", "contact"), ()) if not (one.source.latest_by or one.source.event)]
    numbered = [one for one in all_files if not one.source.number_rows]
    for file, again in _again(numbered):
        yield Found(
            file,
            "contact",
            f"{again:,} of its contact numbers stand in an earlier file too, and the earlier row is kept: write"
            ' latest_by = "..." with the heading that dates a return, where the later one is right',
        )
    for file, again in _again([one for one in all_files if one.source.number_rows]):
        yield Found(
            file,
            "contact",
            f"{again:,} of its rows say what rows of an earlier file say, and each is counted: where the two extracts"
            ' overlap, map the column that numbers them (contact = "..."), or remove one',
        )


def _again(files: list[_Named]) -> Iterator[tuple[str, int]]:
    """(file, how many of its contacts an earlier file has too)."""
    if len(files) < 2 or sum(one.counted.num_rows for one in files) > MOST_CONTACTS:
        return
    seen = files[0].counted["key"]
    for one in files[1:]:
        again = one.counted.num_rows - one.not_in(seen).num_rows
        if again:
            yield one.file, again
        seen = pa.chunked_array([*seen.chunks, *one.counted["key"].chunks])


def _unlike(root: Path, sources: Iterable[SourceSettings]) -> Iterator[Found]:
    """Bodies whose spending, pay or posts are not of their peers' kind, as one in thousands among others in pounds."""
    read: dict[str, list[tuple[str, dict[str, object]]]] = {"spend": [], "post": [], "organisation": []}
    for source in (one for one in sources if one.table in read):
        read[source.table] += _rows_of(root, source)
    bodies, spend, posts = ([row for _, row in read[table]] for table in ("organisation", "spend", "post"))
    for table, told in (("spend", unlike_spending(spend, bodies)), ("post", unlike_posts(posts, bodies))):
        for one in told:
            file = next(file for file, row in read[table] if row["organisation"] == one.organisation)
            yield Found(file, table, f"odd: {one.text}; it is compared with nobody until it is mended")


def _rows_of(root: Path, source: SourceSettings) -> Iterator[tuple[str, dict[str, object]]]:
    """(file, row) of a source's rows as `load` would keep them; none of what cannot be read, which is told on its
    own."""
    try:
        for origin in origins_of(root, source):
            with origin.opened() as contents:
                reader = Reader(origin, contents, source, root)
                making = Making(source, b"check", reader.readings(), origin.name)
                for batch in reader.batches():
                    yield from ((origin.name, row) for row in make_rows(batch, making).kept.to_pylist())
    except HeadwaterError:
        return


def _numberings(named: Columns) -> Iterator[tuple[str, list[_Named]]]:
    """The numbers that should be of one form: those of people within an agency, and shared ones among all."""
    alike: dict[tuple[str, str], list[_Named]] = defaultdict(list)
    for (_table, column), files in named.items():
        for one in files:
            if column in NUMBERING and one.source.digits.get(column) != 0:
                alike[column, "" if column == "person" else one.source.agency].append(one)
    yield from ((column, files) for (column, _of), files in alike.items())


def _without_noughts(column: str, files: list[_Named]) -> list[Found]:
    """The files in which some numbers are those of others of theirs, or of another file, without the noughts in
    front."""
    numbers = {f"{at}": _bare(one) for at, one in enumerate(files)}
    forms = [Figures() for _ in files]
    for form, text in zip(forms, numbers.values(), strict=True):
        form.add(text)
    figures = could_be_one(forms)
    lost = lost_noughts(numbers, figures) if figures else {}
    return [
        Found(
            files[int(at)].file,
            files[int(at)].source.table,
            f"doubtful: {column}: {count:,} numbers are those of others without the noughts in front, as a spreadsheet"
            f" takes them away: write [source.digits] {column} = {figures}",
            0,
            True,
        )
        for at, count in lost.items()
    ]
