"""Contacts with coordinates of their own get a place: the nearest declared one, or a square of the national grid."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engines import SPARK, spark_missing
from headwater.app import mapping
from headwater.app.place import Place
from headwater.domain.collaboration import Outcome, Role
from headwater.domain.errors import DataProblem, Usage
from headwater.domain.workspace import EngineSettings, SourceSettings
from headwater.evidence.places.options import Options
from headwater.evidence.places.reading import positions, read_panels
from headwater.sources import load, read_settings
from headwater.stats.national_grid import national_grid, projected
from headwater.store import open_store
from places_world import NO_WINDOW, protocol
from sources_world import KEY, place, write

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.sources import FileLoad
    from headwater.store import Store

NEAR = {"easting": "E", "northing": "N", "nearest": 100}
DEGREES = {"longitude": "Longitude", "latitude": "Latitude", "cell": 500}
INCIDENTS = SourceSettings(
    "contact",
    "data/incidents.csv",
    "police",
    {"contact": "id", "start": "month"},
    at=NEAR,
    constants={"kind": "police_incident", "service": "police/response"},
)
STREETS = SourceSettings("place", "data/streets.csv")
HEAD = "id,month,E,N,person,place\n"


def placed(store: Store, root: Path, lines: str, **more: Any) -> FileLoad:
    write(root, "data/streets.csv", "place,easting,northing\nhigh-street,1000,1000\nlow-road,1150,1000\nnowhere,,\n")
    write(root, "data/incidents.csv", HEAD + lines)
    found = next(f for f in load(store, *place(root, replace(INCIDENTS, **more), STREETS), KEY) if f.table == "contact")
    assert found.rows_in == found.kept + found.quarantined
    return found


def places_of(store: Store) -> list[str | None]:
    return [row["place"] for row in store.arrow(store.table("contact")).to_pylist()]


def test_a_contact_happens_at_the_nearest_place_within_the_distance(store: Store, tmp_path: Path) -> None:
    found = placed(
        store, tmp_path, "1,2023-01,1010,1000,,\n2,2023-01,1100,1000,,\n3,2023-01,1250,1000,,\n4,2023-01,1251,1000,,\n"
    )
    assert places_of(store) == ["high-street", "low-road", "low-road"]
    assert found.reasons == {"no place within the stated distance": 1}


def test_a_tie_goes_to_the_first_code_and_a_place_that_is_given_stands(store: Store, tmp_path: Path) -> None:
    placed(store, tmp_path, "1,2023-01,1075,1000,,\n2,2023-01,1000,1000,,elsewhere\n")
    assert places_of(store) == ["high-street", "elsewhere"]


def test_a_person_far_from_every_place_is_still_the_persons_contact(store: Store, tmp_path: Path) -> None:
    found = placed(store, tmp_path, "1,2023-01,9000,9000,P1,\n2,2023-01,9000,9000,,\n3,2023-01,,,,\n")
    assert places_of(store) == [None]
    assert found.reasons == {
        "neither a person nor a place, and no coordinates": 1,
        "no place within the stated distance": 1,
    }


def test_coordinates_are_in_no_table(store: Store, tmp_path: Path) -> None:
    placed(store, tmp_path, "1,2023-01,1010,1000,,\n")
    assert not [name for name in store.arrow(store.table("contact")).column_names if "easting" in name]
    assert store.table("place").count().to_pyarrow().as_py() == 3


@pytest.mark.parametrize(
    ("point", "at", "reason"),
    [
        (
            "1000000,1000",
            NEAR,
            (
                "coordinates outside Great Britain (easting 0 to 800,000, northing 0 to 1,400,000), are the two columns"
                " swapped?"
            ),
        ),
        (
            "54.7,-1.2",
            {"longitude": "E", "latitude": "N", "nearest": 50},
            "coordinates outside Great Britain (longitude -9 to 3, latitude 49 to 62), are the two columns swapped?",
        ),
        (
            "0,0",
            {"longitude": "E", "latitude": "N", "nearest": 50},
            "coordinates outside Great Britain (longitude -9 to 3, latitude 49 to 62)",
        ),
        ("1000,", NEAR, "easting without northing, or the other way round"),
        ("here,1000", NEAR, "easting: wrong type: not a number; easting without northing, or the other way round"),
    ],
)
def test_nonsense_is_refused_with_what_is_allowed(
    store: Store, tmp_path: Path, point: str, at: dict[str, Any], reason: str
) -> None:
    found = placed(store, tmp_path, f"1,2023-01,{point},,\n2,2023-01,,,P2,\n", at=at)
    assert found.kept == 1
    assert set(found.reasons) == set(reason.split("; "))


def test_squares_become_places_that_several_files_share(store: Store, tmp_path: Path) -> None:
    """Degrees to metres, months honoured, a row without a number numbered: what data.police.uk gives."""
    head = "month,Longitude,Latitude\n"
    write(
        tmp_path, "data/oct.csv", head + "2018-10,-1.239958,54.710607\n2018-10,-1.239958,54.710607\n2018-10,-1.1,54.5\n"
    )
    write(tmp_path, "data/nov.csv", head + "2018-11,-1.239958,54.710607\n")
    source = replace(INCIDENTS, files="data/*.csv", at=DEGREES, number_rows=True, columns={"start": "month"})
    assert [found.kept for found in load(store, *place(tmp_path, source), KEY)] == [1, 3]
    rows = store.arrow(store.table("place").order_by("place")).to_pylist()
    assert [(row["place"], row["easting"], row["northing"]) for row in rows] == [
        ("cell-500-449000-535000", 449250.0, 535250.0),
        ("cell-500-458000-512000", 458250.0, 512250.0),
    ]
    assert {row["precision"] for row in store.arrow(store.table("contact")).to_pylist()} == {"month"}
    plan = protocol("did", unit="place", treated=(), outcomes=(Outcome("police_incident", Role.PRIMARY),))
    panel = read_panels(store, plan, Options(), NO_WINDOW).panels["police_incident"]
    assert panel.counts.tolist() == [[2, 1], [1, 0]]
    at = positions(store, panel.units)
    assert at is not None and at.metres.tolist() == [[449250, 535250], [458250, 512250]]


def test_the_nearest_place_is_needed_to_have_a_position(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/streets.csv", "place,easting,northing\nnowhere,,\n")
    write(tmp_path, "data/incidents.csv", HEAD + "1,2023-01,1000,1000,,\n")
    with pytest.raises(DataProblem, match="no place has a position") as told:
        load(store, *place(tmp_path, INCIDENTS, STREETS), KEY)
    assert "cell = METRES" in str(told.value.allowed)


def test_a_place_given_in_degrees_lies_on_the_grid(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/streets.csv", "place,lon,lat\nking-oswy-drive,-1.235446,54.71119\n")
    load(store, *place(tmp_path, replace(STREETS, at={"longitude": "lon", "latitude": "lat"})), KEY)
    (row,) = store.arrow(store.table("place")).to_pylist()
    assert (row["easting"], row["northing"]) == (449357.0, 535399.0)


def test_every_point_has_the_place_that_a_look_at_all_places_gives(tmp_path: Path) -> None:
    """A slow twin, on both engines where both can be had."""
    rng = np.random.default_rng(3)
    streets, points = rng.integers(0, 3000, (60, 2)), rng.integers(0, 3000, (500, 2))
    away = np.hypot(*(points[:, None] - streets[None]).transpose(2, 0, 1))
    expected = [
        f"s{at:02d}" if near <= 250 else None for at, near in zip(away.argmin(axis=1), away.min(axis=1), strict=True)
    ]
    table = pa.table(
        {
            "id": [str(n) for n in range(500)],
            "month": ["2023-01"] * 500,
            "E": points[:, 0],
            "N": points[:, 1],
            "person": [f"p{n}" for n in range(500)],
        }
    )
    (tmp_path / "data").mkdir()
    pq.write_table(table, tmp_path / "data" / "incidents.parquet")
    lines = [f"s{n:02d},{x},{y}" for n, (x, y) in enumerate(streets.tolist())]
    write(tmp_path, "data/streets.csv", "\n".join(["place,easting,northing", *lines, ""]))
    source = replace(INCIDENTS, files="data/incidents.parquet", at={**NEAR, "nearest": 250})
    for name, engine in (("duckdb", EngineSettings()), *(() if spark_missing() else (("spark", SPARK),))):
        with open_store(tmp_path / name, engine) as opened:
            load(opened, *place(tmp_path, source, STREETS), KEY)
            assert places_of(opened) == expected, name


def test_a_place_that_falls_silent_has_nothing_and_all_at_once_means_nobody_reported(
    store: Store, tmp_path: Path
) -> None:
    """Contacts were counted here: a quiet street is quiet. Counts that somebody else made would be a gap."""
    months = [f"2023-{m:02d}" for m in range(1, 10)]
    quiet = {("high-street", m) for m in months[3:5]} | {
        (street, m) for street in ("high-street", "low-road") for m in months[6:8]
    }
    lines = [
        f"{street}{m}{n},{m},,,,{street}"
        for street in ("high-street", "low-road")
        for m in months
        for n in range(20)
        if (street, m) not in quiet
    ]
    placed(store, tmp_path, "\n".join([*lines, ""]))
    plan = protocol("did", unit="place", treated=(), outcomes=(Outcome("police_incident", Role.PRIMARY),))
    panel = read_panels(store, plan, Options(), NO_WINDOW).panels["police_incident"]
    busy = panel.counts[[panel.units.index("high-street"), panel.units.index("low-road")]]
    assert np.isnan(busy[:, 6:8]).all()
    assert busy[0, 3:5].tolist() == [0, 0]
    assert np.isfinite(np.delete(busy, [6, 7], axis=1)).all()


AT = """
place = "Streets"
[[source]]
table = "{table}"
files = "data/x.csv"
[source.at]
{at}
"""


@pytest.mark.parametrize(
    ("table", "at", "said"),
    [
        (
            "contact",
            'longitude = "x"\nnearest = 50',
            "needs the headings of easting and northing, or of longitude and latitude; given: longitude",
        ),
        ("contact", 'easting = "x"\nlatitude = "y"\ncell = 50', "given: easting, latitude"),
        (
            "contact",
            'easting = "x"\nnorthing = "y"',
            "needs nearest = METRES (the nearest place within so many) or cell = METRES",
        ),
        ("contact", 'easting = "x"\nnorthing = "y"\nnearest = 5\ncell = 5', "given: nearest and cell"),
        ("contact", 'easting = "x"\nnorthing = "y"\nnearest = -5', "nearest must be metres from 1 to 100,000, not -5"),
        ("contact", 'eastings = "x"\nnorthing = "y"\ncell = 50', "unknown key 'eastings'"),
        (
            "record",
            'easting = "x"\nnorthing = "y"\ncell = 50',
            "has no meaning for the table 'record'; allowed: contact, enrolment, place",
        ),
        ("place", 'easting = "x"\nnorthing = "y"\ncell = 50', "cell has no meaning for a place"),
    ],
)
def test_settings_that_mean_nothing_are_told(tmp_path: Path, table: str, at: str, said: str) -> None:
    (tmp_path / "headwater.toml").write_text(AT.format(table=table, at=at))
    with pytest.raises(Usage) as told:
        read_settings(tmp_path)
    assert said in str(told.value.given)


def test_a_form_that_maps_columns_keeps_how_places_are_found(tmp_path: Path) -> None:
    write(tmp_path, "data/x.csv", "Crime ID,Month,Longitude,Latitude\n1,2018-10,-1.2,54.7\n")
    (tmp_path / "headwater.toml").write_text(
        'place = "Streets"\n[[source]]\ntable = "contact"\nfiles = "data/x.csv"\nnumber_rows ='
        ' true\n[source.columns]\nstart = "Day"\n[source.at]\nlongitude = "Longitude"\nlatitude = "Latitude"\ncell ='
        " 250\n"
    )
    columns = {"start": "Month"}
    mapping.save(
        Place(tmp_path),
        mapping.Mapping("data/x.csv", "contact", "police", columns, {"kind": "crime", "service": "police/x"}),
    )
    source = next(one for one in read_settings(tmp_path).sources if one.table == "contact")
    assert (source.columns, source.number_rows, source.agency) == (columns, True, "police")
    assert source.at == {"longitude": "Longitude", "latitude": "Latitude", "cell": 250}


def degrees(whole: int, minutes: int, seconds: float) -> float:
    return whole + minutes / 60 + seconds / 3600


def test_the_national_grid_is_the_ordnance_surveys() -> None:
    # A guide to coordinate systems in Great Britain (v3.6), annexe C: 52°39′27.2531″N 1°43′4.5177″E on OSGB36 is E
    # 651409.903 N 313177.270. Caister water tower, 52°39′28.8282″N 1°42′57.8663″E on ETRS89, is E 651409.792 N
    # 313177.448 by the exact transformation; the seven parameters are good to about 5 metres.
    found = projected(np.radians(degrees(1, 43, 4.5177)), np.radians(degrees(52, 39, 27.2531)))
    assert found == pytest.approx((651409.903, 313177.270), abs=1e-3)
    tower = national_grid(np.array([degrees(1, 42, 57.8663)]), np.array([degrees(52, 39, 28.8282)]))
    assert np.hypot(tower[0] - 651409.792, tower[1] - 313177.448)[0] < 5


def test_a_row_without_coordinates_lies_in_the_area_it_names(store: Store, tmp_path: Path) -> None:
    text = "Crime ID,Month,Force,Longitude,Latitude\nc1,2023-04,North,-1.5,54.9\nc2,2023-04,North,,\nc3,2023-04,,,\n"
    write(tmp_path, "data/c.csv", text)
    at = {**DEGREES, "otherwise": "Force"}
    source = SourceSettings(
        "contact",
        "data/c.csv",
        "police",
        {"contact": "Crime ID", "start": "Month"},
        at=at,
        constants=INCIDENTS.constants,
    )
    (found,) = load(store, *place(tmp_path, source), KEY)
    assert (found.kept, found.reasons) == (2, {"neither a person nor a place, and no coordinates": 1})
    assert [place.startswith("cell-500-") or place for place in places_of(store) if place] == [True, "North"]
