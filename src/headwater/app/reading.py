"""From the agencies' files to linked tables: check, load, link."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from headwater import link as linking
from headwater import partners, savings, sources
from headwater.app.acting import acting, writing
from headwater.app.answers import link_report as link_answer
from headwater.app.answers import plain
from headwater.app.version import code_version
from headwater.domain.errors import DataProblem
from headwater.domain.progress import silent
from headwater.domain.release import Count
from headwater.domain.tables import TABLES
from headwater.governance import pseudonym_key, tombstones
from headwater.savings.deflator import latest_price_year
from headwater.sources.derived import EARLY
from headwater.sources.forgotten import Forgotten
from headwater.store import key_of
from headwater.store.expr import _
from headwater.store.kept import keep_for, kept_for
from headwater.store.site import reached
from headwater.store.spent import anew

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.progress import Progress
    from headwater.domain.workspace import SourceSettings
    from headwater.link import LinkReport
    from headwater.store import Store


def check(place: Place, progress: Progress = silent) -> Answer:
    """What fits and what does not, file by file, with suggestions for what is not mapped. A file is looked at once."""
    found: list[sources.FileCheck] = []
    for at, source in enumerate(place.settings.sources):
        progress(f"looking at {sources.shown(source)}", at, len(place.settings.sources))
        found += look_at(place, source)
    progress("looking across files", len(place.settings.sources), len(place.settings.sources) + 1)
    across = _together(place)
    told = [_beside(one, _found(across)) for one in found]
    progress("", 1, 1)
    content = {"files": [plain(file) for file in told], "kinds": _kinds(place, across["kinds"])}
    return place.answer("check", content, value=tuple(told))


def _found(across: dict[str, Any]) -> tuple[sources.Found, ...]:
    return tuple(sources.Found(**row) for row in across["found"])


def _kinds(place: Place, named: dict[str, int]) -> list[dict[str, Any]]:
    """The kinds of contact that the files name: whether a price is known, and whether they act before the demand
    arises."""
    tables = [reached(place.workspace.root, table) for table in place.settings.prices]
    priced = savings.price_book(tables, place.settings.price_year or latest_price_year()).by_kind
    return [
        {"kind": kind, "rows": Count(n, "contacts"), "priced": kind in priced, "upstream": kind in EARLY}
        for kind, n in named.items()
    ]


def _together(place: Place) -> dict[str, Any]:
    """A look over all files, kept while none of them and no mapping changes."""
    root, all_sources = place.workspace.root, place.settings.sources
    found = _kept_together(place)
    if found is None:
        found = {
            "found": [plain(one) for one in sources.across(root, all_sources)],
            "kinds": sources.kinds_named(root, all_sources),
        }
        keep_for(*_looked_across(place), found)
    return found


def _kept_together(place: Place) -> dict[str, Any] | None:
    found: dict[str, Any] | None = kept_for(*_looked_across(place))
    return found


def _looked_across(place: Place) -> tuple[Path, str]:
    states = [part for source in place.settings.sources for part in (source, sources.state_of(place.workspace, source))]
    return place.workspace.checks / "across.json", key_of(*states, code_version())


def _beside(one: sources.FileCheck, told: Iterable[sources.Found]) -> sources.FileCheck:
    """A file as it was found, with what the others say of it."""
    mine = [found for found in told if (found.file, found.table) == (one.file, one.table)]
    return (
        replace(
            one,
            problems=(*one.problems, *(found.text for found in mine)),
            fits=one.fits and not any(found.unfit for found in mine),
        )
        if mine
        else one
    )


def look_at(place: Place, source: SourceSettings) -> tuple[sources.FileCheck, ...]:
    """One source as `check` finds it: kept, or looked at and kept. What a database holds is looked at each time."""
    file, key = _looked_at(place, source)
    kept_rows = kept_for(file, key) if sources.state_of(place.workspace, source) else None
    if kept_rows is not None:
        return tuple(sources.FileCheck(**row) for row in kept_rows)
    found = sources.check_source(place.workspace, source)
    keep_for(file, key, [plain(one) for one in found])
    return found


def look_at_files(place: Place, names: tuple[str, ...]) -> None:
    """The sources that name these files, looked at: their mappings were just said."""
    for source in place.settings.sources:
        if source.files in names:
            look_at(place, source)


def checked(place: Place) -> Answer:
    """What `check` found, without looking: a file that nobody looked at since it or its mapping changed says so."""
    rows: list[Any] = []
    for source in place.settings.sources:
        unseen = {
            "file": sources.shown(source),
            "table": source.table,
            "rows": 0,
            "fits": None,
            "problems": [],
            "suggestions": {},
            "unused": [],
        }
        rows += kept_for(*_looked_at(place, source)) or [unseen]
    across = _kept_together(place)
    if across:
        told = _found(across)
        rows = [row if row["fits"] is None else plain(_beside(sources.FileCheck(**row), told)) for row in rows]
    return place.answer("check", {"files": rows})


def _looked_at(place: Place, source: SourceSettings) -> tuple[Path, str]:
    key = key_of(source, sources.state_of(place.workspace, source), code_version())
    return place.workspace.checks / f"{key_of(source)[:16]}.json", key


def load(place: Place, progress: Progress = silent) -> Answer:
    """Read every file whose bytes or mapping changed; what cannot be kept is quarantined with its reasons."""
    with acting(place, "load", "") as act, place.store() as store:
        key = pseudonym_key(place.workspace)
        gone = tombstones(place.workspace, key)
        store.mend()
        found = sources.load(store, place.workspace, place.settings, key, progress, Forgotten(gone.among, gone.digest))
        act.what, act.said = f"{len(found)} files", {"data": data_version(store)}
        lost = [
            {"agency": agency, "contacts": n, "of": of, "most": 2 * n > of}
            for agency, (n, of) in orphans(store).items()
        ]
        unlike = partners.unlike(store)
    return place.answer("load", {"files": _told(place, found), "orphans": lost, "unlike": unlike}, value=found)


def orphans(store: Store) -> dict[str, tuple[int, int]]:
    """Agency → contacts whose person's number is in no record of the agency, and contacts with a number."""
    contacts = store.table("contact")
    named = contacts.filter(contacts["record"].notnull()).group_by("agency", "record").agg(n=_.count())
    lost = named.anti_join(store.table("record").select("agency", "record"), ["agency", "record"])
    whole, none = (
        {row["agency"]: row["n"] for row in store.arrow(rows.group_by("agency").agg(n=_["n"].sum())).to_pylist()}
        for rows in (named, lost)
    )
    return {agency: (none[agency], whole[agency]) for agency in sorted(none)}


def loaded(place: Place) -> Answer:
    """What the last load kept and quarantined, file by file."""
    with place.store() as store:
        found = sources.loaded(store)
    return place.answer("load", {"files": _told(place, found)}, value=found)


def _told(place: Place, found: tuple[sources.FileLoad, ...]) -> list[dict[str, Any]]:
    """Each file with the share of its rows that was lost, and whether that is more than its source may lose."""
    most: dict[str, float] = {}
    for source in place.settings.sources:
        most[source.table] = max(most.get(source.table, 0.0), source.most_lost)
    return [
        {**plain(one), "lost_share": one.lost_share, "too_much_lost": one.lost_share > most.get(one.table, 0.0)}
        for one in found
    ]


def organisation_names(place: Place) -> Answer:
    """Organisation → its name, as the agencies gave it."""
    with place.store() as store:
        return place.answer("organisation-names", {"names": names_of(store)})


def names_of(store: Store) -> dict[str, str]:
    rows = store.arrow(store.table("organisation").select("organisation", "name")).to_pylist()
    return {row["organisation"]: row["name"] for row in rows}


def link(place: Place, progress: Progress = silent) -> Answer:
    """Who is who: the linked tables, how well the agencies' records could be joined, and a file of pairs to look at."""
    with writing(place, "link"), place.store() as store:
        linked(place, store, progress)
        found = link_report(place, store)
        asked = linking.link_settings(place.settings.link)
        if asked.names != linking.DROPPED:
            linking.write_review(store, asked.review_pairs)
        place.note("link", "all agencies", data=data_version(store))
    return place.answer("link", {**link_answer(found), "review": asked.names != linking.DROPPED}, value=found)


def linked(place: Place, store: Store, progress: Progress = silent) -> None:
    """The linked tables as the loaded ones have them now; quick where nothing changed. Names leave the store then."""
    need_data(store)
    asked = linking.link_settings(place.settings.link)
    with writing(place, "link"):
        if linking.names_spent(store) and not linking.linked_as(store, asked):
            renew(place, store, progress)
        first, last = observed(place, store)
        linking.link(store, {**place.settings.link, "from": first, "to": last}, progress)
        if asked.names == linking.DROPPED:
            linking.spend_names(store)


@contextmanager
def named(place: Place, store: Store, progress: Progress = silent) -> Iterator[None]:
    """Records with their names while the block runs: read again from the agencies' files where they had left the
    store."""
    with writing(place, "read names"):
        spent = linking.names_spent(store)
        try:
            if spent:
                renew(place, store, progress)
            yield
        finally:
            if spent:
                linking.spend_names(store)


def renew(place: Place, store: Store, progress: Progress = silent) -> None:
    """The records' names from the agencies' files, which hold them as long as the agency leaves them there."""
    key = pseudonym_key(place.workspace)
    gone = tombstones(place.workspace, key)
    try:
        store.mend()
        with anew(store, "record"):
            sources.load(store, place.workspace, place.settings, key, progress, Forgotten(gone.among, gone.digest))
        place.note("read names again", "from the agencies' files", data=data_version(store))
    except DataProblem as problem:
        raise DataProblem(
            "names left the store when records were linked, and linking again needs the agencies' files:"
            f" {problem.what}",
            given=problem.given,
            allowed="the files of people as they were loaded, or newer ones",
            next_step="put them back into data/ and type the same command again",
        ) from problem


def link_report(place: Place, store: Store) -> LinkReport:
    """How well the records are linked, as they stand."""
    return linking.report(store, observed(place, store)[1])


def observed(place: Place, store: Store) -> tuple[str, str]:
    """Between which days the data are complete: as headwater.toml says, else from the first to the last contact."""
    told = place.settings.observed_from, place.settings.observed_to
    if all(told) or not (store.has("contact") or store.has("count")):
        return told
    days = _span(store)
    return told[0] or days[0], told[1] or days[1]


def _span(store: Store) -> tuple[str, str]:
    found: list[tuple[Any, Any]] = []
    for table, column in (("contact", "start"), ("count", "period")):
        if store.has(table):
            rows = store.table(table)
            ends = store.arrow(rows.agg(first=rows[column].min(), last=rows[column].max())).to_pylist()[0]
            found.append((str(ends["first"])[:10], max(str(ends["last"])[:10], _last_month(store, table))))
    return min(first for first, last in found), max(last for first, last in found)


def _last_month(store: Store, table: str) -> str:
    """The last day of the latest contact known to the month: it may have happened on any day of it. '' without one."""
    if table != "contact":
        return ""
    rows = store.table(table)
    months = rows.filter(rows["precision"] == "month")
    (last,) = store.arrow(months.agg(last=months["start"].max()))["last"].to_pylist()
    if last is None:
        return ""
    return str((last.date().replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1))


def data_version(store: Store) -> str:
    """A hash that changes when any loaded table does."""
    loaded = [name for name, table in TABLES.items() if table.origin == "source"]
    return key_of(*(f"{name}={store.key(name)}" for name in loaded))[:16]


def snapshot(store: Store) -> str:
    """What the loaded files held, byte for byte, under any key and mapping; '' while nothing is loaded."""
    if not store.has("batch"):
        return ""
    lines = store.arrow(store.table("batch").select("table", "sha256")).to_pylist()
    return key_of(*sorted(f"{line['table']} {line['sha256']}" for line in lines))[:16]


def need_data(store: Store) -> None:
    """The error a user sees who asks before anything was loaded."""
    if not (store.has("contact") or store.has("count")):
        raise DataProblem(
            "there are no contacts yet", given="an empty store", next_step="headwater check, then headwater load"
        )


def kinds(store: Store) -> tuple[str, ...]:
    """The kinds of contact there are, in order."""
    found: set[str] = set()
    for table in ("contact", "count"):
        if store.has(table):
            found |= {row["kind"] for row in store.arrow(store.table(table).select("kind").distinct()).to_pylist()}
    return tuple(sorted(kind for kind in found if kind))
