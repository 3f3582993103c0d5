"""Sharing stations: what two services could close together and not alone, with neither slower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.tables import TABLES
from headwater.domain.workspace import Settings
from headwater.partners.integration.sites import colocations, read_estate, shared
from headwater.store import arrow_schema, key_of

if TYPE_CHECKING:
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
        {"asset": f"{one}-{at}", "organisation": one, "kind": "station", "easting": 20_000.0 * at + (1000.0 if one == "fire" else 0.0), "northing": 0.0,
         "estate_gbp": 300_000.0 if one == "fire" else 200_000.0, "capacity": 2.0}
        for one in ("police", "fire") for at in (0, 1)
    ]  # fmt: skip
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
