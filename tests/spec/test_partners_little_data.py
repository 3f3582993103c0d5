"""Partners where little is known: nobody's name, no contact, one line of spending. An answer each time, and what is
missing named."""

from __future__ import annotations

import json
import warnings
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.app.place import Place
from headwater.cli.main import main
from headwater.cli.partner_words import partners as partners_in_words
from headwater.domain.tables import TABLES
from headwater.domain.workspace import Settings
from headwater.partners import everybody, giving, seat
from headwater.partners.integration import options as integration
from headwater.partners.mirror import options as mirror
from headwater.partners.question import Question
from headwater.partners.spend import spending
from headwater.stats.unknown_window import averaged, discovered
from headwater.store import arrow_schema, key_of

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store

SETTINGS = Settings("test", ())
FIRES = [
    {
        "organisation": f"f{at}",
        "name": f"{name} Fire",
        "sort": "fire",
        "population": 7e5,
        "easting": 1e5 * at,
        "northing": 0.0,
    }
    for at, name in enumerate(("North", "South", "Far"))
]


def put(store: Store, table: str, rows: list[dict[str, Any]]) -> None:
    store.put(table, key_of(table, rows), pa.Table.from_pylist(rows, schema=arrow_schema(TABLES[table])))


def spend(*rows: tuple[str, str, float]) -> list[dict[str, Any]]:
    return [{"organisation": who, "line": line, "year": "2023-24", "gbp": gbp} for who, line, gbp in rows]


def workspace(root: Path, **files: str) -> Path:
    (root / "data").mkdir(parents=True)
    sources = []
    for table, text in files.items():
        (root / "data" / f"{table}.csv").write_text(text)
        sources.append(f'[[source]]\ntable = "{table}"\nfiles = "data/{table}.csv"\n')
    (root / "headwater.toml").write_text('place = "Little"\n' + "".join(sources))
    return root


def test_contacts_without_a_file_of_records_are_an_answer_that_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two agencies' contacts and no file of records: nobody can say who is shared, and that is said."""
    rows = [
        f"{at},{agency},{agency}{at % 7},{agency},2023-0{1 + at % 9}-11,{kind}"
        for at in range(40)
        for agency, kind in (("h", "ae_attendance"), ("g", "gp"))
    ]
    lines = [f"{at}{row}" for at, row in enumerate(rows)]
    root = workspace(
        tmp_path / "w",
        organisation="organisation,name\nh,Hospital\ng,Practice\n",
        contact="\n".join(("contact,agency,record,service,start,kind", *lines)) + "\n",
    )
    assert main(["--workspace", str(root), "--quiet", "load"]) == 0
    for asked in ((), ("--for", "h")):
        capsys.readouterr()
        assert main(["--workspace", str(root), "--json", "--quiet", "partners", *asked]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["options"] == [] and len(found["seat"]["looked_at"]) == 3
        assert found["seat"]["missing"]
    assert main(["--workspace", str(root), "--quiet", "partners", "--for", "nobody"]) == 2


def test_buildings_alone_are_looked_at_without_a_contact_of_anybody(store: Store) -> None:
    """Two offices of unlike bodies twenty metres apart over one place: one of them is not needed."""
    put(
        store,
        "organisation",
        [
            {"organisation": "h", "name": "H", "sort": "hospital-trust"},
            {"organisation": "g", "name": "G", "sort": "gp"},
        ],
    )
    put(store, "place", [{"place": "p", "easting": 0.0, "northing": 0.0, "population": 5000.0}])
    put(
        store,
        "asset",
        [
            {
                "asset": one,
                "organisation": one,
                "kind": "office",
                "easting": at,
                "northing": 0.0,
                "estate_gbp": 50_000.0,
            }
            for one, at in (("h", 10.0), ("g", 30.0))
        ],
    )
    (found,) = integration(store, {}, SETTINGS, Question(draws=200), 1)
    assert found.id == "integration:stations:g+h"
    assert found.benefit_gbp.mean() == pytest.approx(25_000, rel=0.1), "half of a closed building leaves a budget"


def test_a_station_whose_demand_nobody_knows_is_left_as_it_is(store: Store) -> None:
    put(
        store,
        "organisation",
        [
            {"organisation": "h", "name": "H", "sort": "hospital-trust"},
            {"organisation": "g", "name": "G", "sort": "gp"},
        ],
    )
    put(store, "place", [{"place": "p", "easting": 0.0, "northing": 0.0}])
    put(
        store,
        "asset",
        [
            {"asset": one, "organisation": one, "kind": "office", "easting": 1.0, "northing": 0.0, "estate_gbp": 5e4}
            for one in "hg"
        ],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        assert integration(store, {}, SETTINGS, Question(draws=200), 1) == ()


def test_a_body_is_told_what_it_lacks_itself_for_a_service_that_others_could_share_with_it(store: Store) -> None:
    put(store, "organisation", FIRES)
    put(
        store,
        "spend",
        spend(
            *((f"f{at}", "all", 4e7) for at in range(3)), ("f0", "control room", 1.5e6), ("f1", "control room", 1.4e6)
        ),
    )
    for asking, lacking in (("f0", "f2"), ("f2", "f2")):
        found = mirror(store, {}, SETTINGS, Question(organisation=asking, draws=200), 1)
        needs = [one for one in found if one.needs and "control room" in one.service]
        assert needs and all(
            one.needs == (f"posts in, or spending on, control room of {lacking} (a file for the table post or spend)",)
            for one in needs
        )


def test_a_line_for_computers_is_not_all_that_a_body_spends(store: Store) -> None:
    put(store, "organisation", FIRES)
    put(store, "spend", spend(("f0", "ICT", 1e6), ("f1", "ICT", 1e6)))
    assert {code: one.whole_gbp for code, one in spending(store).items()} == {"f0": None, "f1": None}
    found = mirror(store, {}, SETTINGS, Question(draws=200), 1)
    assert [one.id for one in found if not one.needs] == ["mirror:ICT:f0+f1"]
    leading = [one for one in found if one.id.startswith("mirror:leadership")]
    said = {text for one in leading for text in one.needs}
    assert (
        "the whole of what f0 spends, of which only lines are given (a line all of the table spend), or its posts"
        in said
    )
    assert "posts or spending of f2 (a file for the table post or spend)" in said, "of this one nothing is given"
    assert not any("posts or spending of f0" in text for text in said)
    put(store, "spend", spend(("f0", "ICT", 1e6), ("f0", "fire crews", 3e7)))
    assert spending(store)["f0"].whole_gbp == 3.1e7


def test_nobody_in_particular_is_told_what_was_looked_at(store: Store) -> None:
    put(store, "organisation", FIRES)
    found = everybody(store, {})
    assert [line.partition(":")[0] for line in found.looked_at] == ["mirror", "integration", "upstream"]
    assert found.looked_at[0] == "mirror: 3 bodies, 3 of them beside others of their sort, 0 with posts or spending"
    assert giving(store) == frozenset() and any("posts or spending" in one for one in found.missing)


def test_a_board_of_no_service_finds_none_without_a_word_of_the_arithmetic() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = averaged(np.zeros((0, 4)), np.zeros((0, 4, 4)))
        assert found.lower().shape == (0,) and not discovered(found.lower()).any()


def test_contacts_that_are_nobodys_name_the_file_that_says_whose_they_are(store: Store) -> None:
    put(
        store,
        "contact",
        [{"contact": one, "agency": one, "service": one, "kind": one, "start": datetime(2023, 1, 1)} for one in "hg"],
    )
    assert any("a file for the table record" in one for one in everybody(store, {}).missing)
    assert giving(store) == frozenset("hg")


def test_counts_alone_are_an_answer_at_every_door_of_partners(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two bodies and counts of places, nobody's contact, post or spending: no option, said so, and no door breaks."""
    months = [f"u{at % 6},2021-{1 + at // 6:02d}-01,incident,{40 + at % 7}" for at in range(72)]
    root = workspace(
        tmp_path / "w",
        organisation="organisation,name,sort\ncouncil,Council,council\npolice,Police,police\n",
        count="\n".join(("unit,period,kind,contacts", *months)) + "\n",
    )
    assert main(["--workspace", str(root), "--quiet", "load"]) == 0
    for asked, code, words in (
        (("partners",), 0, "No option"),
        (("partners", "--for", "council", "--style", "mirror"), 0, "No option"),
        (("explain", "anything"), 2, "no such option"),
        (("adopt", "anything"), 2, "no such option"),
    ):
        capsys.readouterr()
        assert main(["--workspace", str(root), "--quiet", *asked]) == code, asked
        out = capsys.readouterr()
        assert words in out.out + out.err, asked


def test_posts_alone_name_their_organisations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody gave a list of organisations: whose posts they are says which there are, and partners looks at them."""
    root = workspace(
        tmp_path / "w",
        post="post,organisation,title\n1,Ashby,Head of Finance\n2,Brede,Head of Finance\n3,Brede,Clerk\n",
    )
    assert main(["--workspace", str(root), "--quiet", "load"]) == 0
    with Place(root).store() as made:
        assert made.arrow(made.table("organisation").select("organisation").order_by("organisation")).to_pylist() == [
            {"organisation": "Ashby"},
            {"organisation": "Brede"},
        ]
    capsys.readouterr()
    assert main(["--workspace", str(root), "--quiet", "partners"]) == 0


def contacts(kind: str, agency: str, **also: Any) -> list[dict[str, Any]]:
    return [
        {
            "contact": f"{kind}{at}",
            "agency": agency,
            "service": kind,
            "kind": kind,
            "start": datetime(2023, 1 + at % 12, 3),
            **also,
        }
        for at in range(24)
    ]


SEATS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "care-home": (
        [{"organisation": "care-home", "name": "Oak", "sort": "care-home"}],
        contacts("respite_stay", "care-home", record="P1"),
    ),
    "council": (
        [{"organisation": "council", "name": "District", "sort": "council-district"}],
        contacts("homelessness_application", "council", record="P1"),
    ),
    "brigade": (
        [{"organisation": "brigade", "name": "Brigade", "sort": "fire"}],
        contacts("fire_incident", "brigade", place="S1"),
    ),
    "force": ([{"organisation": "force", "name": "Force", "sort": "police"}], contacts("police_incident", "force")),
    "icb": (
        [
            {"organisation": "icb", "name": "ICB", "sort": "commissioner"},
            {"organisation": "trust", "name": "Trust", "sort": "hospital-trust"},
        ],
        contacts("ae_attendance", "trust", record="P1"),
    ),
}


@pytest.mark.parametrize("asking", sorted(SEATS))
def test_a_body_alone_is_told_what_was_looked_at_what_is_missing_and_what_to_type_next(
    store: Store, asking: str
) -> None:
    """Absent records are never told as absent contact, and every answer leads on."""
    bodies, rows = SEATS[asking]
    put(store, "organisation", bodies)
    put(store, "contact", rows)
    for found in (seat(store, {}, SETTINGS, asking), everybody(store, {})):
        told = " ".join(found.looked_at)
        assert len(found.looked_at) == 3 and found.missing and found.next_lines
        assert "0 other agencies" not in told and "1 bodies" not in told and "1 agencies" not in told
        assert any(rows[0]["kind"] in one for one in found.missing), "the price that is wanted is named"
        assert all(one.startswith("headwater ") for one in found.next_lines)
    alone = seat(store, {}, SETTINGS, asking)
    assert any("absent records are no absent contact" in one for one in alone.missing)
    assert any("cannot be told" in one for one in alone.looked_at)
    own = "headwater partners --for trust" if asking == "icb" else f"headwater segments --for {asking}"
    assert any(one.startswith(own) for one in alone.next_lines)


def test_what_a_body_gives_stands_in_one_order_the_most_first(store: Store) -> None:
    """It stood as the engine's threads happened to end: another order from run to run."""
    kinds = {f"kind-{at:02d}": at % 7 + 1 for at in range(40)}
    rows = [
        {**one, "contact": f"{kind}-{nth}"}
        for kind, n in kinds.items()
        for nth in range(n)
        for one in contacts(kind, "us")[:1]
    ]
    put(store, "contact", rows)
    wanted = sorted(kinds.items(), key=lambda each: (-each[1], each[0]))
    assert list(seat(store, {}, SETTINGS, "us").gives.items()) == wanted


def test_a_commissioner_without_a_provider_is_told_to_add_files(store: Store) -> None:
    put(store, "organisation", SEATS["icb"][0][:1])
    alone = seat(store, {}, SETTINGS, "icb")
    assert any("no contact of icb is in the data" in one for one in alone.looked_at)
    assert any(one.startswith("headwater add FILE") for one in alone.next_lines)


def in_words(content: dict[str, Any]) -> str:
    return " ".join(partners_in_words(content).split())


def test_nobody_would_pay_more_for_what_is_averted_than_they_gain() -> None:
    shown = {"organisation": "us", "looked_at": [], "pays_for": [], "missing": [], "next": [], "gives": {"visit": 1}}
    one = {
        "id": "upstream:visit",
        "cost_gbp_per_year": 1000.0,
        "gains_gbp_per_year": {"them": 200.0},
        "fair_share_gbp_per_year": {"them": 200.0},
        "left_gbp_per_year": 800.0,
    }
    assert "the gains do not carry £800 of it" in in_words(
        {"for": "us", "options": [], "seat": {**shown, "averts_for": [one]}}
    )
    assert "after none of its contacts" in in_words({"for": "us", "options": [], "seat": {**shown, "averts_for": []}})
    untold = {
        **shown,
        "averts_for": [],
        "missing": ["upstream: contacts of any other agency: absent records are no absent contact"],
    }
    assert "cannot be told" in in_words({"for": "us", "options": [], "seat": untold})


@pytest.mark.parametrize(
    ("sort", "words"),
    [("council-unitary", "published posts (Trafford, July 2025)"), ("fire", "assumed: one unitary council's")],
)
def test_the_cost_of_leading_says_what_it_is_taken_from(store: Store, sort: str, words: str) -> None:
    """Of districts, counties, police and fire no published share is known, and that is said."""
    put(store, "organisation", [{**one, "sort": sort} for one in FIRES])
    put(store, "spend", spend(*((f"f{at}", "all", 4e7) for at in range(3))))
    found = mirror(store, {}, SETTINGS, Question(draws=200), 1)
    told = {one.reasons[0].text.partition("; ")[2] for one in found if not one.needs}
    assert len(told) == 1 and words in told.pop()
