"""Mirror partners from registers: bodies of the past, no posts given, partitions, depths; and the real councils."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.app import choosing, reading
from headwater.app.place import Place
from headwater.domain.errors import Usage
from headwater.domain.tables import TABLES
from headwater.domain.workspace import Settings
from headwater.partners.mirror import mirrors, options
from headwater.partners.mirror.bodies import organisations
from headwater.partners.mirror.signals import joint_posts, shared_hosts
from headwater.partners.register import resolver
from headwater.store import arrow_schema, key_of

if TYPE_CHECKING:
    from headwater.store import Store

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = Settings("test", ())
BODIES = [
    {
        "organisation": code,
        "name": code.upper(),
        "tier": "district",
        "population": 100_000.0 + at,
        "easting": 1000.0 * at,
        "northing": 0.0,
    }
    for at, code in enumerate(("ash", "birch", "cedar", "elm", "fir", "gorse"))
]
GONE = {"organisation": "yew", "name": "YEW", "tier": "district", "end": date(2019, 3, 31), "successor": "birch,cedar"}


def put(store: Store, table: str, rows: list[dict[str, Any]]) -> None:
    store.put(table, key_of(table, rows), pa.Table.from_pylist(rows, schema=arrow_schema(TABLES[table])))


def question(organisation: str | None = None) -> Any:
    return SimpleNamespace(organisation=organisation, draws=400, seed=1)


def posts(pay: dict[str, float]) -> list[dict[str, Any]]:
    return [
        {
            "post": f"{code}-{layer}",
            "organisation": code,
            "title": "post",
            "layer": layer,
            "fte": fte,
            "salary_gbp": each * times,
        }
        for code, times in pay.items()
        for layer, fte, each in ((1, 1.0, 120_000.0), (2, 3.0, 90_000.0))
    ]


def test_a_body_of_the_past_stands_where_its_successors_do_and_among_its_contemporaries(store: Store) -> None:
    put(store, "organisation", [*BODIES, GONE, {**BODIES[0], "organisation": "new", "start": date(2020, 4, 1)}])
    assert "yew" not in [one.organisation for one in organisations(store)]
    then = {one.organisation: one for one in organisations(store, "yew")}
    assert (then["yew"].easting, then["yew"].northing) == (1500.0, 0.0)
    assert "new" not in then


def test_without_posts_the_most_alike_are_listed_and_the_grade_says_what_is_missing(store: Store) -> None:
    put(store, "organisation", BODIES)
    bare = options(store, {}, SETTINGS, question("ash"), seed=1)
    assert len(bare) == 5
    assert {one.grade.level for one in bare} == {0}
    assert all(one.needs and not len(one.benefit_gbp) for one in bare), "what is not known is not nought"
    spend = [{"organisation": body["organisation"], "line": "all", "year": "2023-24", "gbp": 1e7} for body in BODIES]
    put(store, "spend", spend)
    spent = options(store, {}, SETTINGS, question("ash"), seed=1)
    assert {one.grade.level for one in spent} == {1}
    # 8 % of £10m each: a share of η = 0.1 of one of the two sets is expected.
    assert np.mean(spent[0].benefit_gbp) == pytest.approx(0.1 * 800_000, abs=36_000), (
        "three errors of the mean of 400 draws"
    )
    assert not any(one.needs for one in spent)
    assert {one.staff_transferred for one in spent} == {None}


def test_a_line_of_spending_is_a_service_and_a_total_is_none(store: Store) -> None:
    """Two fire services with a control room, one with a total alone, two police forces."""
    bodies = [
        {"organisation": code, "name": code, "sort": sort, "population": 7e5, "easting": 1e4 * at, "northing": 0.0}
        for at, (code, sort) in enumerate(
            (("f1", "fire"), ("f2", "fire"), ("f3", "fire"), ("p1", "police"), ("p2", "police"))
        )
    ]
    put(store, "organisation", bodies)
    lines = [
        ("f1", "all", 45e6),
        ("f1", "Control room", 1.5e6),
        ("f2", "all", 40e6),
        ("f2", "999 call handling", 1.4e6),
        ("f3", "all", 42e6),
        ("p1", "all", 2e8),
        ("p2", "all", 18e7),
    ]
    put(
        store,
        "spend",
        [{"organisation": code, "line": line, "year": "2023-24", "gbp": gbp} for code, line, gbp in lines],
    )
    found = {one.id: one for one in options(store, {}, SETTINGS, question("f1"), seed=1)}
    assert set(found) == {
        "mirror:control-room:f1+f2",
        "mirror:control-room:f1+f3",
        "mirror:leadership-and-management:f1+f2",
        "mirror:leadership-and-management:f1+f3",
    }
    assert found["mirror:control-room:f1+f3"].needs == (
        "posts in, or spending on, control room of f3 (a file for the table post or spend)",
    )
    # 12 % of the smaller control room is one set of its managers, a tenth of which is expected to come true.
    assert found["mirror:control-room:f1+f2"].reasons[0].contribution == pytest.approx(0.12 * 1.4e6)
    # The control room is inside the total and not beside it.
    assert found["mirror:leadership-and-management:f1+f2"].reasons[0].contribution == pytest.approx(
        4.8e6 * (40 / 120) ** 0.5
    )


def test_where_the_dearest_pay_eats_the_saving_nobody_shares(store: Store) -> None:
    put(store, "organisation", BODIES[:4])
    put(store, "post", posts({"ash": 1.0, "birch": 0.1, "cedar": 0.1, "elm": 0.1}))
    found = mirrors(store, SETTINGS, question())
    best = found.groupings[0]
    assert (best.groups, best.net_gbp_per_year.mid, best.chance_worth_it) == ((), 0.0, 0.0)


def test_five_best_partitions_with_the_chance_that_each_is_worth_it(store: Store) -> None:
    settings = Settings("test", (), partners={"mirror_realised": 0.6, "mirror_realised_sd": 0.1})
    put(store, "organisation", BODIES[:4])
    put(store, "post", posts(dict.fromkeys(("ash", "birch", "cedar", "elm"), 1.0)))
    found = mirrors(store, settings, question())
    assert [one.rank for one in found.groupings] == [1, 2, 3, 4, 5]
    assert found.groupings[0].chance_worth_it > 0.9
    values = [one.net_gbp_per_year.mid for one in found.groupings]
    assert values == sorted(values, reverse=True)
    assert {figure.kind for figure in found.figures} == {"group-map"}


def test_depths_stand_side_by_side(store: Store) -> None:
    put(store, "organisation", BODIES[:2])
    put(store, "post", posts({"ash": 1.0, "birch": 1.0}))
    option = options(store, {}, SETTINGS, question(), seed=1)[0]
    depths = next(figure for figure in option.figures if figure.name == "mirror-depths")
    assert depths.column("label") == ["shared chief executive", "shared management team"]


@pytest.fixture(scope="module")
def councils(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Place:
    """The example, loaded as a user would from the published registers."""
    folder = tmp_path_factory.mktemp("registers") / "councils"
    shutil.copytree(ROOT / "examples" / "english-councils", folder)
    subprocess.run([sys.executable, str(folder / "prepare.py"), str(shared_data)], check=True, capture_output=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_KEY_FILE", str(folder / "key"))
        reading.load(Place(folder))
    return Place(folder)


def test_known_partners_are_among_the_ten_most_alike(councils: Place) -> None:
    """A few from benchmarks/mirror_pairs.csv through the door; benchmarks/mirror_recall.py asks for all of them."""
    for asking, partner in (("ADU", "WOT"), ("BAB", "MSU"), ("SNR", "CHR"), ("FOR", "SED")):
        content = choosing.find(councils, asking, "mirror").content
        assert partner in [one["organisation"] for one in content["alike"]], asking
        assert [one["relation"] for one in content["alike"][:10]].count("alike") >= 9
        assert len([one for one in content["alike"] if one["relation"] == "alike"]) <= 10
        rows = [*content["options"], *content["needs"]]
        told = [one for row in rows for one in (row, *row["inside"])]
        assert any(one["partners"] == sorted((asking, partner)) for one in told)


def test_a_county_and_its_districts_are_told_apart_from_who_is_alike(councils: Place) -> None:
    told = choosing.find(councils, "KEN", "mirror").content["alike"]
    relations = {one["organisation"]: one["relation"] for one in told}
    assert {relations[code] for code in ("CAT", "DOV")} == {"within"}
    assert relations.get("ESX", "alike") == "alike"
    assert {one["organisation"]: one["relation"] for one in choosing.find(councils, "DOV", "mirror").content["alike"]}[
        "KEN"
    ] == "above"


def test_an_option_of_one_asker_is_explained(councils: Place) -> None:
    content = choosing.explain(councils, "mirror:leadership-and-management:ADU+WOT").content
    assert sum(one["contribution"] for one in content["reasons"]) < 0


def test_the_pairs_to_be_found_are_bodies_of_the_register(councils: Place) -> None:
    with councils.store() as store:
        find = resolver(organisations(store, every=True))
    with (ROOT / "benchmarks" / "mirror_pairs.csv").open(encoding="utf-8") as lines:
        pairs = list(csv.DictReader(lines))
    assert len(pairs) >= 60
    assert not [row[side] for row in pairs for side in ("one", "other") if find(row[side], None) is None]


def test_one_website_and_joint_posts_are_signs_of_sharing(store: Store) -> None:
    """Ash and Birch have one host, with and without www; a post of Cedar is called joint and names Elm; a directory's
    host is none."""
    sites = {
        "ash": "https://www.ash-birch.gov.uk/",
        "birch": "ash-birch.gov.uk/home",
        **dict.fromkeys(("cedar", "elm", "fir", "gorse"), ""),
    }
    put(
        store,
        "organisation",
        [
            {
                **one,
                "name": f"{one['organisation'].title()} District Council",
                "sort": "council-district",
                "website": sites[str(one["organisation"])],
            }
            for one in BODIES
        ],
    )
    put(
        store,
        "post",
        [
            {
                "post": "1",
                "organisation": "cedar",
                "title": "Joint Director of Housing (Cedar and Elm)",
                "layer": 2,
                "fte": 1.0,
                "salary_gbp": 9e4,
            },
            {
                "post": "2",
                "organisation": "fir",
                "title": "Director of Elm planting",
                "layer": 2,
                "fte": 1.0,
                "salary_gbp": 9e4,
            },
            {
                "post": "3",
                "organisation": "gorse",
                "title": "Joint planning manager",
                "layer": 3,
                "fte": 1.0,
                "salary_gbp": 6e4,
            },
        ],
    )
    bodies = organisations(store)
    assert shared_hosts(bodies) == (("ash", "birch"),)
    assert joint_posts(store, bodies) == (("cedar", "elm"),)
    listed = {one.organisation: one.relation for one in mirrors(store, SETTINGS, question_of("ash")).alike}
    assert listed["birch"] == "one website" and listed["cedar"] == "alike"
    everywhere = [{**one, "website": "https://www.gov.uk/find"} for one in BODIES]
    put(store, "organisation", everywhere)
    assert shared_hosts(organisations(store)) == ()


def test_a_comparison_group_of_ones_own_is_all_that_is_compared(store: Store) -> None:
    put(store, "organisation", BODIES)
    own = Settings("test", (), partners={"comparison_group": ["gorse", "fir"]})
    assert [one.organisation for one in mirrors(store, own, question_of("ash")).alike] == ["fir", "gorse"]
    with pytest.raises(Usage, match="no such organisation"):
        mirrors(store, Settings("test", (), partners={"comparison_group": ["oak"]}), question_of("ash"))


def question_of(organisation: str) -> Any:
    return SimpleNamespace(organisation=organisation, draws=50, seed=1, ties=())
