"""Sharing stations: what two services could close together and not alone, with neither slower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.errors import DataProblem
from headwater.domain.tables import TABLES
from headwater.domain.workspace import Settings
from headwater.partners.integration.sites import colocations, fits, read_estate, shared, travel_times
from headwater.store import arrow_schema, key_of

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store


def put(store: Store, table: str, rows: list[dict[str, Any]]) -> None:
    store.put(table, key_of(table, rows), pa.Table.from_pylist(rows, schema=arrow_schema(TABLES[table])))


def town(store: Store, *, far: bool = False, same: bool = False) -> None:
    """Two quarters 20 km apart; police and fire each have a station in both, 1 km from each other."""
    put(
        store,
        "organisation",
        [{"organisation": one, "name": one, "sort": "same" if same else one} for one in ("police", "fire")],
    )
    put(
        store,
        "place",
        [
            {"place": f"p{at}{n}", "easting": 20_000.0 * at + 100 * n, "northing": 0.0, "population": 500.0}
            for at in (0, 1)
            for n in range(5)
        ],
    )
    stations = [
        {
            "asset": f"{one}-{at}",
            "organisation": one,
            "kind": "station",
            "easting": 20_000.0 * at + (1000.0 if one == "fire" else 0.0),
            "northing": 0.0,
            "estate_gbp": 300_000.0 if one == "fire" else 200_000.0,
            "capacity": 2.0,
        }
        for one in ("police", "fire")
        for at in (0, 1)
    ]
    if far:
        stations.append(
            {
                "asset": "fire-moor",
                "organisation": "fire",
                "kind": "station",
                "easting": 90_000.0,
                "northing": 0.0,
                "estate_gbp": 300_000.0,
            }
        )
    put(store, "asset", stations)


def test_two_services_share_the_cheaper_station_of_each_quarter(store: Store) -> None:
    town(store)
    estate = read_estate(store, 3000.0)
    assert estate is not None
    found = shared(estate, estate.networks, 0.0)
    assert found is not None
    assert {estate.assets[site] for site in found.kept.chosen} == {"police-0", "police-1"}
    assert (found.alone_gbp, found.kept.value, found.now_gbp) == (1_000_000, 400_000, 1_000_000)
    assert found.after == found.before


def test_the_option_counts_only_what_neither_could_close_alone(store: Store) -> None:
    town(store)
    (option,) = colocations(store, Settings("t", ()), 4000, 1)
    assert option.id == "integration:stations:fire+police"
    assert np.mean(option.benefit_gbp) == pytest.approx(0.5 * 600_000, rel=0.02)
    assert sum(reason.contribution for reason in option.reasons) == pytest.approx(option.net_gbp.mean())
    assert any("free crew in reach" in told for told in option.would_change)


def test_a_station_about_whose_surroundings_nothing_is_known_stays(store: Store) -> None:
    town(store, far=True)
    estate = read_estate(store, 3000.0)
    assert estate is not None
    assert "fire-moor" not in {estate.assets[site] for network in estate.networks for site in network.sites}


def test_out_of_each_others_reach_or_alike_there_is_nothing_to_share(store: Store) -> None:
    town(store)
    assert colocations(store, Settings("t", (), partners={"reach_m": 500.0}), 100, 1) == ()
    town(store, same=True)
    assert colocations(store, Settings("t", ()), 100, 1) == ()


def test_without_places_or_stations_nothing_is_said(store: Store) -> None:
    put(store, "organisation", [{"organisation": "fire", "name": "fire", "sort": "fire"}])
    assert read_estate(store, 3000.0) is None


def test_a_station_that_must_stay_stays_and_is_paid_for(store: Store) -> None:
    town(store)
    (free,), (bound,) = (
        colocations(store, Settings("t", (), partners=given), 4000, 1) for given in ({}, {"fixed_stations": ["fire-0"]})
    )
    # With one dear station bound, what closes there is the cheap one beside it: £200,000 in place of £300,000.
    assert np.mean(free.benefit_gbp) - np.mean(bound.benefit_gbp) == pytest.approx(0.5 * 100_000, rel=0.03)


def test_vehicles_must_fit(store: Store) -> None:
    assert [
        fits(sort, kind)
        for sort, kind in (
            ("fire", "police station"),
            ("police", "Fire Station"),
            ("ambulance", "fire station"),
            ("fire", "depot"),
        )
    ] == [False, True, True, True]
    town(store)
    rows = store.arrow(store.table("asset")).to_pylist()
    put(store, "asset", [{**row, "kind": f"{row['organisation']} station"} for row in rows])
    estate = read_estate(store, 3000.0)
    assert estate is not None
    found = shared(estate, estate.networks, 0.0)
    assert found is not None
    assert {estate.assets[site] for site in found.kept.chosen} == {
        "fire-0",
        "fire-1",
    }, "the dearer, because engines fit there alone"


def test_travel_times_take_the_place_of_straight_lines(store: Store, tmp_path: Path) -> None:
    town(store)
    file = tmp_path / "times.csv"
    # A river between the police station of the first quarter and its places: by road it does not reach them in eight
    # minutes.
    file.write_text("place,asset,minutes\n" + "".join(f"p0{n},police-0,15\n" for n in range(5)))
    settings = Settings("t", (), partners={"travel_times": str(file)})
    estate = read_estate(store, 3000.0, frozenset(), travel_times(settings))
    assert estate is not None
    reached = dict(zip(estate.assets, estate.reach[:5].any(axis=0), strict=True))
    assert (reached["police-0"], reached["fire-0"]) == (False, True)
    file.write_text("from,to\na,b\n")
    with pytest.raises(DataProblem, match="no table of travel times"):
        travel_times(settings)
