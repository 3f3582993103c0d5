"""Small worlds written into a store, as linking would have left them, for the tests of evaluations of people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from headwater.domain.collaboration import ComparisonPlan, Entry, Outcome, Protocol, Role, Standing, Status, Style
from headwater.domain.tables import TABLES
from headwater.evidence import evaluate
from headwater.store.store import arrow_schema
from headwater.worlds.traps import CONTROL, FIRST_DAY, FROM, KINDS, LAST_DAY, NEVER, OTHER, OUTCOME, RULE, SmallWorld

if TYPE_CHECKING:
    from headwater.domain.evidence import Evaluation
    from headwater.store import Store

OBSERVED = tuple((date(1970, 1, 1) + timedelta(days=day)).isoformat() for day in (FIRST_DAY, LAST_DAY))
LOCKED = Standing(Status.LOCKED, "0" * 64)


def plan(**more: object) -> Protocol:
    """A protocol for any small world. Keywords change it; `comparison` may be a mapping."""
    given: dict[str, object] = {
        "id": "trap",
        "name": "trap",
        "style": Style.UPSTREAM,
        "lead": "a",
        "partners": ("b",),
        "start": date(1970, 1, 1) + timedelta(days=FIRST_DAY + FROM),
        "theory": "none",
        "owner": "analyst",
        "unit": "person",
        "outcomes": (
            Outcome(OUTCOME, Role.PRIMARY),
            Outcome(OTHER, Role.DISPLACEMENT),
            Outcome(CONTROL, Role.NEGATIVE_CONTROL),
        ),
        "entry": Entry(OUTCOME, *RULE),
        "draws": 200,
        "history_days": 365,
    }
    comparison = more.pop("comparison", {})
    return Protocol(**{**given, "comparison": ComparisonPlan(**comparison), **more})  # type: ignore[arg-type]


def names(count: int) -> np.ndarray:
    return np.array([f"p{at:06d}" for at in range(count)])


def fill(store: Store, world: SmallWorld, enrolled: np.ndarray | None = None, **columns: object) -> None:
    """The linked tables of a world. enrolled: days to put in the world's place; columns: of `person`, to put in their
    place."""
    who, days = names(len(world.first)), world.enrolled if enrolled is None else enrolled
    person = {
        "person": who,
        "birth_date": [date(int(year), 7, 1) for year in world.birth_year],
        "sex": np.where(world.female > 0, "female", "male"),
        "area": world.area.astype(str),
        "deprivation": world.deprivation.astype(int),
        "records": np.ones(len(who), dtype=int),
    }
    put(store, "person", {**person, **columns})
    put(
        store,
        "person_observation",
        {"person": who, "from": _dates(world.first), "to": _dates(world.last), "why_ended": world.why},
    )
    put(store, "person_contact", contacts(world))
    ours = np.flatnonzero(days < NEVER)
    put(
        store,
        "person_enrolment",
        {"collaboration": ["trap"] * len(ours), "person": who[ours], "start": _dates(days[ours])},
    )


def contacts(world: SmallWorld) -> dict[str, object]:
    n = len(world.day)
    start = world.day.astype("datetime64[D]").astype("datetime64[us]")
    return {
        "contact": np.arange(n).astype(str),
        "agency": ["one"] * n,
        "service": ["one"] * n,
        "person": names(len(world.first))[world.person],
        "start": start,
        "precision": ["day"] * n,
        "kind": np.array(list(KINDS))[world.kind],
        "quantity": np.ones(n),
    }


def put(store: Store, name: str, columns: dict[str, object]) -> None:
    """One declared table from some of its columns; the others are empty."""
    schema = arrow_schema(TABLES[name])
    size = len(next(iter(columns.values())))  # type: ignore[arg-type]
    arrays = [
        (
            pa.array(columns[field.name], from_pandas=True).cast(field.type)
            if field.name in columns
            else pa.nulls(size, field.type)
        )
        for field in schema
    ]
    store.put(name, f"{name}{abs(hash(str(columns)))}", pa.Table.from_arrays(arrays, schema=schema))


def asked(store: Store, **more: object) -> Evaluation:
    """What the evaluation says."""
    return evaluate(store, plan(**more), LOCKED, OBSERVED)  # type: ignore[arg-type]


def _dates(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]")
