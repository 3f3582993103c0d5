"""The demonstration county: a whole workspace written from a seed, with the truth beside it, for judging only.

People are made and written in chunks, so that memory does not grow with their number; a chunk's draws depend on the
seed and its number alone, so that a county of 20,000 is the first chunk of a county of a million.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from headwater.domain.calendar import Calendar
from headwater.domain.errors import Usage
from headwater.domain.progress import silent
from headwater.store.files import write_atomically
from headwater.worlds import bodies, sharing
from headwater.worlds.identities import LATE_FROM, LATE_MISSING, identities, records
from headwater.worlds.layouts import COUNCIL, IDENTITY, LAYOUTS, Layout
from headwater.worlds.lives import CAPACITY_FALL, FIRST, NAMES, WEEKS, born, live
from headwater.worlds.programmes import (
    DECOY,
    PEOPLE,
    PREVENTIVE,
    PROTOCOLS,
    STREETWEEK,
    STREETWEEK_RATIO,
    STREETWEEK_WEEK,
    protocol_text,
)
from headwater.worlds.risks import RISKS
from headwater.worlds.settings import settings_text
from headwater.worlds.streets import incidents

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from headwater.domain.progress import Progress
    from headwater.worlds.identities import Records
    from headwater.worlds.lives import Lives, People

CHUNK = 20_000
FIRST_DAY, LAST_DAY = "2022-01-03", str(FIRST + np.timedelta64(7 * WEEKS - 1, "D"))


@dataclass(frozen=True, slots=True)
class Truth:
    """What only a judge may know. ratios: (programme, kind) → true rate ratio; averted: the same → float64[week],
    contacts in each one's first year; taken_on: programme → first and last week in which somebody was."""

    people: int
    seed: int
    ratios: dict[tuple[str, str], float]
    averted: dict[tuple[str, str], NDArray[np.float64]]
    taken_on: dict[str, tuple[int, int]]
    enrolled: dict[str, int]
    decoy: str
    preventive: dict[tuple[str, str], float]
    alike: tuple[tuple[str, str], ...]
    events: dict[str, str]
    tenth_more: dict[tuple[str, str], float]
    """(preventive service, kind) → contacts a year that a tenth more of the service's would avert among the people in
    the records."""
    visits: dict[str, float]
    """Preventive service → a tenth of its contacts a year."""
    shared_gbp: dict[str, float]
    """Option of sharing → what it truly brings net a year, for the whole place."""


def write_county(root: Path, people: int = 20_000, seed: int = 1, progress: Progress = silent) -> Truth:
    """Write the workspace `root` and `root/truth`. Raises Usage where a workspace stands already or people are too
    few."""
    if (root / "headwater.toml").exists():
        raise Usage(
            "a workspace stands here already", given=str(root), next_step="choose another folder, or delete it first"
        )
    if people < 5_000:
        raise Usage("a county this small says nothing", given=f"{people} people", allowed="5,000 to 5,000,000")
    totals = _Totals()
    chunks = [(at, min(CHUNK, people - at)) for at in range(0, people, CHUNK)]
    for number, (first, count) in enumerate(chunks):
        progress("people and their contacts", number, len(chunks))
        _chunk(root, np.random.default_rng((seed, number)), (number, first, count), totals)
    progress("streets and registers", len(chunks), len(chunks))
    _streets(root, np.random.default_rng((seed, 1 << 40)), totals)
    _registers(root, np.random.default_rng((seed, 1 << 41)))
    write_atomically(root / "headwater.toml", settings_text())
    write_atomically(root / "governance" / "risks.toml", RISKS)
    for name in PROTOCOLS:
        write_atomically(root / "collaborations" / f"{name}.toml", protocol_text(name, totals.enrolled[name]))
    truth = _truth(people, seed, totals)
    write_atomically(root / "truth" / "truth.json", _told(truth))
    progress("", 1, 1)
    return truth


class _Totals:
    """Sums over the chunks."""

    def __init__(self) -> None:
        self.averted: dict[tuple[str, str], NDArray[np.float64]] = defaultdict(lambda: np.zeros(WEEKS))
        self.taken_on: dict[str, tuple[int, int]] = {}
        self.enrolled: dict[str, int] = defaultdict(int)
        self.prevented: dict[tuple[str, str], float] = defaultdict(float)
        self.visits: dict[str, int] = defaultdict(int)


# One chunk of people


def _chunk(root: Path, rng: np.random.Generator, which: tuple[int, int, int], totals: _Totals) -> None:
    number, first, count = which
    people = born(count, bodies.deprivations(), rng)
    identity = identities(people, first, rng)
    lives = live(people, rng)
    for pair, averted in lives.averted.items():
        totals.averted[pair] += averted
    for row, programme in enumerate(PEOPLE):
        weeks = lives.index[row][lives.index[row] >= 0]
        if weeks.size:
            before = totals.taken_on.get(programme.id, (WEEKS, 0))
            totals.taken_on[programme.id] = min(before[0], int(weeks.min())), max(before[1], int(weeks.max()))
    for pair, prevented in lives.prevented.items():
        totals.prevented[pair] += prevented
        totals.visits[pair[0]] += int((lives.kind == NAMES.index(pair[0])).sum())
    of_agency = {kind: code for code, (_, _, given) in bodies.AGENCIES.items() for kind, _, _ in given}
    truth: list[pa.Table] = []
    for agency, layout in _agencies():
        mine = _rows_of(agency, lives, people, of_agency)
        known = np.arange(count) if agency == "gp" else np.unique(lives.person[mine])
        held = records(agency, known, (people, identity), rng, first)
        pick = _pick(lives.person[mine], held.person, count, rng)
        _write_records(root, agency, held, number, count)
        _write_contacts(root, (agency, layout, number), lives, mine, held.columns["number"][pick], rng)
        _write_enrolments(root, agency, lives, held, number, totals)
        if agency == "gp":
            _write_observations(root, lives, held, number)
        truth.append(
            pa.table(
                {
                    "agency": np.full(len(held.person), agency),
                    "record": held.columns["number"],
                    "person": held.person + first,
                }
            )
        )
    (root / "truth").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.concat_tables(truth), root / "truth" / f"persons-{number:04d}.parquet")


def _agencies() -> list[tuple[str, Layout]]:
    councils = [
        (f"council-{name}", COUNCIL) for name, (*_, county) in bodies.DISTRICTS.items() if county == "northshire"
    ]
    return [*LAYOUTS.items(), *councils]


def _rows_of(agency: str, lives: Lives, people: People, of_agency: dict[str, str]) -> NDArray[np.int64]:
    """Contacts that the agency gave; a district council serves the areas that fall to it."""
    if not agency.startswith("council-"):
        kinds = [at for at, kind in enumerate(NAMES) if of_agency.get(kind) == agency]
        return np.flatnonzero(np.isin(lives.kind, kinds))
    here = [f"council-{name}" for name, (*_, county) in bodies.DISTRICTS.items() if county == "northshire"]
    mine = people.area[lives.person] % len(here) == here.index(agency)
    return np.flatnonzero(mine & (lives.kind == NAMES.index("benefits_claim")))


def _pick(
    person: NDArray[np.int64], held: NDArray[np.int64], count: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The record each contact is written under; of somebody who stands there twice, either. `held` is sorted by
    person."""
    first = np.searchsorted(held, np.arange(count))
    number = np.bincount(held, minlength=count)
    return first[person] + (rng.random(len(person)) * number[person]).astype(np.int64)


def _write_contacts(
    root: Path,
    what: tuple[str, Layout, int],
    lives: Lives,
    mine: NDArray[np.int64],
    record: NDArray[np.str_],
    rng: np.random.Generator,
) -> None:
    agency, layout, number = what
    if not len(mine):
        return
    kinds = np.array([layout.words.get(kind, "") for kind in NAMES])[lives.kind[mine]]
    service = np.array([_service(agency, kind) for kind in NAMES])[lives.kind[mine]]
    serial = np.char.add(f"{number:03d}", np.char.zfill(rng.permutation(len(mine)).astype(str), 8))
    columns = {
        "contact": serial,
        "record": record,
        "start": _stamps(lives.day[mine], layout.stamp, rng),
        "kind": kinds,
        "service": service,
        "quantity": lives.quantity[mine],
    }
    table = pa.table({layout.contact[name]: values for name, values in columns.items()})
    _write(root / "data" / agency / f"contacts-{number:04d}.{layout.form}", table, layout.delimiter)


def _service(agency: str, kind: str) -> str:
    return f"{agency}/57" if agency.startswith("council-") else f"{agency}/{kind}"


def _stamps(day: NDArray[np.int64], stamp: str, rng: np.random.Generator) -> pa.Array:
    """Text in the agency's way of writing dates; times of day are drawn, busier in the evening."""
    seconds = (rng.beta(2.5, 1.8, len(day)) * 86_399).astype("timedelta64[s]")
    moment = pa.array((FIRST + day).astype("datetime64[s]") + seconds)
    if stamp == "iso":
        return _whole_seconds(moment)
    form = {"british": "%d/%m/%Y %H:%M", "british-day": "%d/%m/%Y", "day": "%Y-%m-%d"}[stamp]
    return pc.strftime(moment, format=form)


def _whole_seconds(moment: pa.Array) -> pa.Array:
    return pc.utf8_slice_codeunits(moment.cast(pa.timestamp("s")).cast(pa.string()), 0, 19)


def _write_records(root: Path, agency: str, held: Records, number: int, count: int) -> None:
    """One file of people; the agency whose numbers go missing gives its newest ones in a second file."""
    late = held.person >= LATE_FROM * count if agency == LATE_MISSING[0] else np.zeros(len(held.person), dtype=bool)
    for name, rows in ((f"people-{number:04d}", ~late), (f"people-{number:04d}b", late)):
        if rows.any():
            table = pa.table({IDENTITY[ours]: held.columns[IDENTITY[ours]][rows] for ours in IDENTITY})
            _write(root / "data" / agency / f"{name}.csv", table, ",")


def _write_enrolments(root: Path, agency: str, lives: Lives, held: Any, number: int, totals: _Totals) -> None:
    """The list each programme's lead keeps, under its own record numbers."""
    first = np.searchsorted(held.person, np.arange(lives.index.shape[1]))
    for row, programme in enumerate(PEOPLE):
        if programme.agency != agency:
            continue
        taken = np.flatnonzero((lives.index[row] >= 0) & (lives.index[row] < WEEKS))
        totals.enrolled[programme.id] += len(taken)
        start = (FIRST + 7 * lives.index[row, taken]).astype(str)
        table = pa.table(
            {
                "programme": np.full(len(taken), programme.id),
                "number": held.columns["number"][first[taken]],
                "joined": start,
            }
        )
        _write(root / "data" / "enrolments" / f"{agency}-{programme.id}-{number:04d}.csv", table, ",")


def _write_observations(root: Path, lives: Lives, held: Any, number: int) -> None:
    why = np.array(["study-end", "death", "moved"])[lives.why_ended[held.person]]
    last = (FIRST + lives.last_day[held.person]).astype(str)
    table = pa.table(
        {"number": held.columns["number"], "first": np.full(len(last), FIRST_DAY), "last": last, "why": why}
    )
    _write(root / "data" / "gp" / f"registration-{number:04d}.csv", table, ",")


# Streets and registers


def _streets(root: Path, rng: np.random.Generator, totals: _Totals) -> None:
    rows = bodies.places(rng)
    streets = rows[bodies.AREAS :]
    found = incidents(
        np.array([row["x"] for row in streets], float), np.array([row["y"] for row in streets], float), rng
    )
    codes = np.array([row["code"] for row in streets])
    for at, agency in enumerate(("police", "fire")):
        mine = found.kind == at
        serial = np.char.add("S", np.char.zfill(np.arange(int(mine.sum())).astype(str), 8))
        table = pa.table(
            {"incident": serial, "street": codes[found.street[mine]], "reported": _stamps(found.day[mine], "iso", rng)}
        )
        _write(root / "data" / agency / "incidents.csv", table, ",")
    _save(root, "registers/places", rows)
    began = str(FIRST + np.timedelta64(7 * STREETWEEK_WEEK, "D"))
    _save(
        root,
        "enrolments/streets",
        [{"programme": STREETWEEK, "street": code, "joined": began} for code in codes[found.treated]],
    )
    totals.averted[STREETWEEK, "police_incident"] = found.averted
    totals.taken_on[STREETWEEK] = (STREETWEEK_WEEK, STREETWEEK_WEEK)
    totals.enrolled[STREETWEEK] = len(found.treated)


def _registers(root: Path, rng: np.random.Generator) -> None:
    tables = {
        "organisations": bodies.organisations(),
        "services": bodies.services(),
        "posts": bodies.posts(),
        "assets": bodies.assets(),
        "spend": bodies.spend(),
    }
    for name, rows in tables.items():
        _save(root, f"registers/{name}", rows)
    _save(root, "known_collaborations", bodies.known_collaborations())
    _save(root, "local_prices", bodies.local_prices())


def _save(root: Path, name: str, rows: list[dict[str, object]]) -> None:
    _write(root / "data" / f"{name}.csv", pa.Table.from_pylist(rows), ",")


def _write(file: Path, table: pa.Table, delimiter: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".parquet":
        pq.write_table(table, file)
        return
    options = pacsv.WriteOptions(delimiter=delimiter, quoting_style="needed")
    if file.suffix == ".gz":
        # No name and no time in the header, so that the same county has the same bytes.
        with file.open("wb") as raw, gzip.GzipFile("", "wb", 4, raw, 0) as out:
            pacsv.write_csv(table, out, options)
        return
    pacsv.write_csv(table, file, options)


# The truth


def _truth(people: int, seed: int, totals: _Totals) -> Truth:
    ratios = {(one.id, kind): ratio for one in PEOPLE for kind, ratio in one.effects.items()}
    ratios |= {("wellbeing-calls", "ambulance_call"): 1.0, (STREETWEEK, "police_incident"): STREETWEEK_RATIO}
    kind, week, left = CAPACITY_FALL
    events = {
        "agreement expires": "frequent-attenders, data-sharing, 2024-06-30",
        "capacity falls": f"{kind} to {left:.0%} from {FIRST + np.timedelta64(7 * week, 'D')}",
        "link rate falls": "social-care, last batch",
        "demand displaced": "rapid-discharge, social_care_visit, +50 %",
    }
    years = WEEKS / 52.18
    return Truth(
        people,
        seed,
        ratios,
        dict(totals.averted),
        dict(totals.taken_on),
        dict(totals.enrolled),
        DECOY,
        PREVENTIVE,
        bodies.ALIKE,
        events,
        {pair: 0.1 * found / years for pair, found in totals.prevented.items()},
        {kind: 0.1 * found / years for kind, found in totals.visits.items()},
        sharing.truth(),
    )


def _by_month(weekly: NDArray[np.float64]) -> dict[str, float]:
    """Month → contacts, each week's spread over its days; the months in which there are any."""
    mondays = FIRST + np.timedelta64(7, "D") * np.arange(WEEKS)
    calendar = Calendar.spanning(mondays[0].item(), (mondays[-1] + 6).item())
    months = (weekly / 7) @ calendar.overlap_days(mondays, mondays + 6)
    return {name: float(n) for name, n in zip(calendar.labels, months, strict=True) if n}


def _told(truth: Truth) -> str:
    def keyed(pairs: dict[tuple[str, str], float]) -> dict[str, float]:
        return {"/".join(pair): value for pair, value in sorted(pairs.items())}

    said = {
        "people": truth.people,
        "seed": truth.seed,
        "rate_ratios": keyed(truth.ratios),
        "averted_first_year": keyed({pair: float(weekly.sum()) for pair, weekly in truth.averted.items()}),
        "averted_by_month": {"/".join(pair): _by_month(weekly) for pair, weekly in sorted(truth.averted.items())},
        "taken_on": {
            name: [str(FIRST + np.timedelta64(7 * week, "D")) for week in weeks]
            for name, weeks in truth.taken_on.items()
        },
        "enrolled": truth.enrolled,
        "decoy": truth.decoy,
        "preventive": keyed(truth.preventive),
        "could_share": [list(pair) for pair in truth.alike],
        "planted_events": truth.events,
        "place_people": bodies.PEOPLE,
        "tenth_more_averts_per_year": keyed(truth.tenth_more),
        "tenth_more_contacts_per_year": truth.visits,
        "sharing_net_gbp_per_year": truth.shared_gbp,
    }
    return json.dumps(said, indent=1, sort_keys=True)
