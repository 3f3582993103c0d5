"""The protocol in steps: every field of the form is asked once, and a step changes nothing of another."""

from __future__ import annotations

from headwater.web.protocol_form import SECTIONS, filled
from headwater.web.protocol_steps import STEPS, TITLES, merged, step, step_of

HELD = {
    "id": "x",
    "name": "A team",
    "unit": "person",
    "level": 0.9,
    "outcome": [{"kind": "ae_attendance", "role": "primary"}],
    "entry": {"kind": "ae_attendance", "at_least": 3, "within_days": 90},
    "cost": [{"bearer": "icb", "what": "running", "gbp": 5}],
}


def _names(at: int) -> list[str]:
    told = step(HELD, {}, at)
    groups = [one.name for group in told["groups"] for one in group["fields"]]
    return [one.name for one in (*told["fields"], *told["rare"])] + groups


def test_every_field_is_asked_in_exactly_one_step_but_rare_ones_of_spare_entries() -> None:
    whole = {
        one.name
        for section in filled(HELD, {})
        for one in (*section["fields"], *(f for g in section["groups"] if not g["spare"] for f in g["fields"]))
    }
    asked = [name for at in range(1, STEPS + 1) for name in _names(at)]
    assert len(asked) == len(set(asked))
    assert whole <= set(asked)
    assert len(TITLES) == len(SECTIONS)


def test_a_step_changes_its_own_keys_alone() -> None:
    said = merged(
        HELD,
        {"entry.kind": "ambulance_call", "entry.at_least": "5", "entry.within_days": "60", "top.unit": "person"},
        2,
    )
    assert said["entry"] == {"kind": "ambulance_call", "at_least": 5, "within_days": 60}
    assert {key: value for key, value in said.items() if key != "entry"} == {
        key: value for key, value in HELD.items() if key != "entry"
    }


def test_a_key_that_was_emptied_is_gone() -> None:
    assert "level" not in merged(HELD, {"top.follow_up_days": "365"}, 5)


def test_a_problem_is_led_to_the_step_that_asks_for_it() -> None:
    assert [
        step_of(one)
        for one in (
            "top-name",
            "entry-at-least",
            "outcome-0-kind",
            "comparison-method",
            "top-level",
            "cost-0-gbp",
            "agreement-0-what",
        )
    ] == [1, 2, 3, 4, 5, 6, 7]
