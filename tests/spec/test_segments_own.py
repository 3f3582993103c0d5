"""Day one with only your own records: segments found, what cannot be told, and the frequent groups that fall back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from demand_world import FIRST, OwnRecords, counted, district, fire_service, trust
from headwater.domain.errors import DataProblem
from headwater.domain.money import Perspective, Price
from headwater.partners.segments.definitions import parsed, segments_of, shipped
from headwater.partners.segments.found import own_demand

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.partners.segments.found import OwnDemand
    from headwater.store import Store

WITHIN = 0.02


def demand(store: Store, tmp_path: Path, made: OwnRecords, **prices: Price) -> OwnDemand:
    made.put(store)
    return own_demand(store, tmp_path, prices)


def price(kind: str, gbp: float) -> Price:
    return Price(kind, kind, "", gbp, "one", 2024, Perspective.FISCAL, "hospital", "made up", "2024", "none")


@pytest.mark.parametrize("body", [trust, fire_service, district])
def test_a_body_alone_finds_every_planted_segment_within_two_per_cent(
    store: Store, tmp_path: Path, body: object
) -> None:
    made = body()  # type: ignore[operator]
    found = {one.segment.id: one for one in demand(store, tmp_path, made).volumes}
    planted = {name.rstrip("?") for name in made.truth} - {"acsc-acute"}
    assert planted <= set(found)
    for name in planted:
        truth = counted(made, name, int(found[name].segment.days))
        assert truth > 20
        assert found[name].contacts == pytest.approx(truth, rel=WITHIN), name


def test_a_line_that_needs_what_is_not_there_is_left_out_and_named(store: Store, tmp_path: Path) -> None:
    """Cellulitis counts only without an operation; without a word on operations it is not counted, rather than counted
    wrongly."""
    found = demand(store, tmp_path, trust(300))
    (acute,) = [one for one in found.nothing if one.segment.id == "acsc-acute"]
    assert acute.left_out == ("opcs4 reasons",)
    untold = {one.segment.id: one.needs for one in found.untold}
    assert untold["zero-stay-adult"] == ("opcs4 reasons",)
    assert untold["pol-violence-unseen"]


def test_contacts_that_are_in_several_segments_count_once_in_the_sum(store: Store, tmp_path: Path) -> None:
    found = demand(store, tmp_path, trust(800))
    rows = store.arrow(store.table("segment_member")).to_pylist()
    held = {(row["agency"], row["contact"]) for row in rows if not row["split"]}
    assert sum(one.once for one in found.volumes) == found.in_any == len(held)
    assert sum(one.contacts for one in found.volumes) > found.in_any
    assert all(one.once == 0 for one in found.volumes if one.segment.split)


def test_who_sent_them_is_told_where_it_is_mapped(store: Store, tmp_path: Path) -> None:
    (left,) = [one for one in demand(store, tmp_path, trust(800)).volumes if one.segment.id == "ae-left"]
    assert {code for _system, code, _n in left.sent} == {"ambulance", "walked in"}
    assert sum(n for _system, _code, n in left.sent) == left.contacts


def test_a_segment_without_a_price_has_no_cost_rather_than_none_to_pay(store: Store, tmp_path: Path) -> None:
    found = demand(store, tmp_path, fire_service(2000), fire_incident=price("fire_incident", 100.0))
    cost = {one.segment.id: one.gbp for one in found.volumes}
    assert cost["fire-effecting-entry"] is None
    assert cost["fire-adf-vulnerable"] == pytest.approx(
        100.0 * next(one.yearly for one in found.volumes if one.segment.id == "fire-adf-vulnerable")
    )


# Made by hand


def visits(*days: int, kind: str = "ae_attendance", record: str = "A", reason: str = "") -> OwnRecords:
    made = OwnRecords()
    made.rows["record"].append({"record": record, "agency": "trust"})
    for at, day in enumerate(days):
        contact, start = f"{record}{at}", FIRST + timedelta(days=day, hours=9)
        made.rows["contact"].append(
            {
                "contact": contact,
                "agency": "trust",
                "service": "s",
                "record": record,
                "kind": kind,
                "start": start,
                "end": start + timedelta(days=1),
                "precision": "second",
            }
        )
        if reason:
            made.rows["contact_reason"].append(
                {"contact": contact, "agency": "trust", "system": "local", "code": reason, "position": 1}
            )
    return made


def joined(*made: OwnRecords) -> OwnRecords:
    whole = OwnRecords()
    for one in made:
        for name, rows in one.rows.items():
            whole.rows[name] += rows
    return whole


def members(store: Store, segment: str) -> set[str]:
    rows = store.table("segment_member")
    return set(store.arrow(rows.filter(rows.segment == segment).select("contact"))["contact"].to_pylist())


def test_the_fourth_attendance_in_a_year_is_a_frequent_one_and_the_first_year_is_not_counted(
    store: Store, tmp_path: Path
) -> None:
    """Days 400, 410, 420 come before day 430; the three of the first days would look like a first, so that year is left
    away."""
    demand(store, tmp_path, joined(visits(0, 10, 20, 30, 400, 410, 420, 430, 800), visits(1000, record="B")))
    assert members(store, "ae-frequent") == {"A7"}


def test_two_contacts_of_one_moment_do_not_precede_each_other(store: Store, tmp_path: Path) -> None:
    demand(store, tmp_path, joined(visits(600, 600, 600, 600), visits(0, 1000, record="B")))
    assert members(store, "ae-frequent") == set()


def test_readmission_runs_from_the_day_of_leaving(store: Store, tmp_path: Path) -> None:
    """Stays of a night: left on day 101, back on 129 (28 days) and, left on 130, back on 159 (29 days)."""
    demand(
        store,
        tmp_path,
        joined(
            visits(100, 129, 159, kind="emergency_admission"), visits(0, 900, kind="emergency_admission", record="B")
        ),
    )
    assert members(store, "readmission-28") == {"A1"}


def test_history_that_the_data_cannot_show_makes_the_group_fall_back_and_say_so(store: Store, tmp_path: Path) -> None:
    """Two hundred days cannot show a year before: the setting takes the longest window that the data hold twice."""
    found = demand(store, tmp_path, joined(visits(100, 110, 120, 130), visits(0, 200, record="B")))
    (needs,) = [one.needs for one in found.untold if one.segment.id == "ae-frequent"]
    assert "days of data (there are 200)" in needs[0]
    (fallen,) = [one for one in found.volumes if one.segment.id == "frequent-ae_attendance"]
    assert fallen.segment.setting
    assert "3 or more within 90 days is a setting" in fallen.segment.note
    assert members(store, "frequent-ae_attendance") == {"A2", "A3"}


def test_a_kind_without_people_falls_back_to_places(store: Store, tmp_path: Path) -> None:
    made = fire_service(3000)
    found = {one.segment.id: one for one in demand(store, tmp_path, made).volumes}
    assert found["frequent-fire_special_service"].segment.name.startswith("Frequent places")
    assert found["frequent-fire_special_service"].people == 0


@pytest.mark.parametrize("kind", ["False Alarm", "FALSE ALARM", "false-alarm", "false_alarm"])
def test_a_kind_in_the_data_s_own_spelling_is_the_segment_s_kind(store: Store, tmp_path: Path, kind: str) -> None:
    """A fire service writes "False Alarm"; beside it stand fires under the word that the segments know."""
    days = tuple(range(0, 400, 8))
    found = demand(store, tmp_path, joined(visits(*days, kind=kind), visits(*days, kind="fire_incident", record="B")))
    told = {one.segment.id: one.contacts for one in found.volumes}
    assert told["fire-false-alarm"] == len(days)
    assert "fire-false-alarm" not in {one.segment.id for one in found.nothing}


def test_a_word_is_found_in_whatever_case_and_not_in_codes(store: Store, tmp_path: Path) -> None:
    demand(
        store,
        tmp_path,
        joined(
            visits(1, 40, kind="fire_special_service", reason="EFFECTING ENTRY/EXIT"),
            visits(2, 50, kind="fire_special_service", reason="road traffic", record="B"),
        ),
    )
    assert members(store, "fire-effecting-entry") == {"A0", "A1"}


def test_an_organisation_sees_its_own_contacts_alone_and_another_is_told_what_is_missing(
    store: Store, tmp_path: Path
) -> None:
    made = joined(visits(1, 40, kind="fire_special_service", reason="effecting entry"), visits(2, 50, record="B"))
    for row in made.rows["contact"]:
        row["agency"] = "fire" if row["kind"].startswith("fire") else "trust"
    for row in made.rows["contact_reason"]:
        row["agency"] = "fire"
    made.put(store)
    assert {one.segment.id for one in own_demand(store, tmp_path, {}, "fire").volumes} == {"fire-effecting-entry"}
    with pytest.raises(DataProblem, match="no contacts of police's own"):
        own_demand(store, tmp_path, {}, "police")


def test_the_order_of_rows_changes_nothing(store: Store, tmp_path: Path) -> None:
    made = trust(250)
    first = demand(store, tmp_path, made)
    for rows in made.rows.values():
        rows.reverse()
    for name in ("record", "contact", "contact_reason"):
        store.put(name, f"turned {name}", store.arrow(store.table(name)).take(list(reversed(range(store.rows(name))))))
    second = own_demand(store, tmp_path, {})
    assert [replace(one, sent=()) for one in first.volumes] == [replace(one, sent=()) for one in second.volumes]


# Definitions


def test_every_shipped_segment_has_a_source_an_edition_and_a_grade() -> None:
    for one in shipped():
        assert one.source and one.edition and one.upstream and one.kinds, one.id
        assert bool(one.where) != bool(one.needs), one.id
    assert len({one.id for one in shipped()}) == len(shipped()) >= 150


def test_a_workspace_adds_segments_of_its_own_and_changes_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "segments.toml").write_text("""
[[segment]]
id = "ae-frequent"
name = "Ten in a year"
kinds = ["ae_attendance"]
where = [[{before = {days = 365, at_least = 10, including = true}}]]
upstream = ["general practice"]
""")
    found = segments_of(tmp_path)
    (own,) = [one for one in found if one.id == "ae-frequent"]
    assert (own.name, own.source, own.setting) == ("Ten in a year", "this workspace", True)
    assert len(found) == len(shipped())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('where = [[{word = "("}]]', "unterminated"),
        ('where = [[{colour = "red"}]]', "is no condition"),
        ('needs = "beds"\nwhere = [[{word = "x"}]]', "not both"),
        ('where = [[{word = "x"}]]\nmechanism = "magic"', "magic"),
    ],
)
def test_a_segment_that_cannot_be_read_is_named_with_its_reason(tmp_path: Path, line: str, told: str) -> None:
    (tmp_path / "segments.toml").write_text(
        f'[[segment]]\nid = "mine"\nname = "Mine"\nkinds = ["a"]\nupstream = []\n{line}\n'
    )
    with pytest.raises(DataProblem, match="mine") as problem:
        segments_of(tmp_path)
    assert told in str(problem.value)


def test_a_segment_without_a_field_says_which() -> None:
    with pytest.raises(DataProblem, match="source is missing"):
        parsed(
            {
                "segment": [
                    {"id": "x", "name": "X", "kinds": ["a"], "where": [[]], "mechanism": "prevention", "upstream": []}
                ]
            },
            "f",
        )
