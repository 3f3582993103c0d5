"""Services whose presence in a street is followed by less of our demand there: visits to people joined to incidents at
places."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.money import Perspective, Price
from headwater.domain.options import Option
from headwater.domain.tables import TABLES
from headwater.domain.workspace import Settings
from headwater.partners.question import Question
from headwater.partners.upstream import options
from headwater.partners.upstream.courses import place_courses, wrong_links
from headwater.store import arrow_schema, key_of, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.store import Store

STREETS, DAYS = 900, 1000
RATIO, LASTS = 0.45, 90
NOTHINGS = 10
KINDS = ("home_safety_visit", "patrol", *(f"nothing_{at}" for at in range(NOTHINGS)))
FIRE = "dwelling_fire"


def put(store: Store, table: str, rows: list[dict[str, Any]]) -> None:
    store.put(table, key_of(table, len(rows)), pa.Table.from_pylist(rows, schema=arrow_schema(TABLES[table])))


def lives(rng: np.random.Generator) -> list[tuple[int, int, str]]:
    """(street, day, kind): visits avert fires for 90 days; a patrol comes 2 to 30 days after most fires; ten kinds are
    nothing."""
    rate = 0.004 * np.exp(rng.normal(0, 0.7, STREETS))
    latest, due = np.full(STREETS, -999), [[] for _ in range(DAYS + 40)]  # type: ignore[var-annotated]
    made: list[tuple[int, int, str]] = []
    for day in range(DAYS):
        inside = (day - latest >= 1) & (day - latest <= LASTS)
        fires = np.flatnonzero(rng.random(STREETS) < rate * np.where(inside, RATIO, 1.0))
        made += [(int(at), day, FIRE) for at in fires]
        for at in fires[rng.random(len(fires)) < 0.7]:
            due[day + int(rng.integers(2, 31))].append(int(at))
        made += [(at, day, "patrol") for at in due[day]]
        visited = np.flatnonzero(rng.random(STREETS) < 0.003)
        latest[visited] = day
        made += [(int(at), day, KINDS[0]) for at in visited]
        for kind in KINDS[2:]:
            made += [(int(at), day, kind) for at in np.flatnonzero(rng.random(STREETS) < 0.002)]
    return made


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Fires and patrols have a street; the visits are to people, of whom their home street alone is known."""
    made = lives(np.random.default_rng(3))
    with open_store(tmp_path_factory.mktemp("town") / "store") as store:
        put(store, "place", [{"place": f"s{at}"} for at in range(STREETS)])
        put(store, "person", [{"person": f"p{at}", "area": f"s{at}", "records": 1} for at in range(STREETS)])
        rows = [
            {
                "contact": str(n),
                "agency": kind,
                "service": kind,
                "kind": kind,
                "start": datetime(2021, 1, 1) + timedelta(days=day),
                "person": f"p{at}" if kind == KINDS[0] else None,
                "place": None if kind == KINDS[0] else f"s{at}",
            }
            for n, (at, day, kind) in enumerate(made)
        ]
        put(store, "contact", rows)
        put(store, "person_contact", [row for row in rows if row["person"]])
        put(
            store,
            "service",
            [
                {"service": kind, "organisation": kind, "name": kind, "kind": kind, "eligible_upstream": kind != FIRE}
                for kind in (*KINDS, FIRE)
            ],
        )
        put(
            store,
            "person_observation",
            [
                {"person": f"p{at}", "from": datetime(2021, 1, 1).date(), "to": datetime(2023, 9, 27).date()}
                for at in range(STREETS)
            ],
        )
        yield store


@pytest.fixture(scope="module")
def found(town: Store) -> tuple[Option, ...]:
    prices = {
        kind: Price(kind, kind, "", gbp, "one", 2023, Perspective.FISCAL, "x", "made up", "1", "none")
        for kind, gbp in ((FIRE, 40_000.0), (KINDS[0], 60.0))
    }
    settings = Settings("test", (), partners={"negative_controls": list(KINDS[2:]), "link_error": 0.0})
    return options(town, prices, settings, Question(draws=500), 1)


def test_visits_to_people_stand_where_they_live_beside_what_happens_there(town: Store) -> None:
    course = place_courses(town)
    assert course is not None and course.units == "places"
    assert course.course.people == STREETS
    assert set(course.kinds) == {*KINDS, FIRE}


def test_the_visit_that_averts_is_found_at_its_size_and_the_patrol_that_follows_is_not(
    found: tuple[Option, ...],
) -> None:
    told = {one.id: one for one in found if one.board == "evidence" and not one.needs}
    assert list(told) == [f"upstream-places:{KINDS[0]}:{FIRE}"]
    visit = told[f"upstream-places:{KINDS[0]}:{FIRE}"]
    assert visit.partners == (FIRE, KINDS[0]) and not visit.scales
    # A further visit averts (1 − 0.45) × 90 days × 0.004 × e^(0.7² / 2) fires, less what an earlier one still covers,
    # at £32,000 freed.
    visits = 0.1 * 0.003 * STREETS * 365.25
    most = (1 - RATIO) * LASTS * 0.004 * np.exp(0.7**2 / 2) * 32_000 * visits
    assert 0.5 * most < visit.benefit_gbp.mean() < 1.1 * most
    assert sum(reason.contribution for reason in visit.reasons) == pytest.approx(visit.net_gbp.mean())
    assert "places" in visit.reasons[0].text


def test_who_follows_the_fires_is_named_with_the_reason_or_not_at_all(found: tuple[Option, ...]) -> None:
    for one in found:
        if "patrol" in one.id:
            assert one.needs and "a trial" in one.needs[0]


def test_without_a_place_there_is_no_board_of_places(store: Store) -> None:
    put(store, "contact", [{"contact": "1", "agency": "a", "service": "s", "kind": "k", "start": datetime(2021, 1, 1)}])
    assert place_courses(store) is None


def test_how_often_the_links_are_wrong_is_drawn_from_their_weights(store: Store) -> None:
    """Two pairs of records; in one of four drawn partitions one of the pairs is parted: an eighth of the joined pairs
    is doubtful."""

    def rows(run: int, people: str) -> list[dict[str, Any]]:
        return [{"agency": "ab"[at % 2], "record": str(at), "person": one, "run": run} for at, one in enumerate(people)]

    put(store, "person_link", rows(0, "ppqq"))
    assert wrong_links(store) is None
    put(
        store,
        "person_link",
        [one for run, people in enumerate(("ppqq", "ppqq", "ppqq", "xyqq", "ppqq")) for one in rows(run, people)],
    )
    assert wrong_links(store) == pytest.approx(1 / 8)
