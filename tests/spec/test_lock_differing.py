"""What a changed protocol is told as: the parts that differ, in the words of its file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headwater.domain.collaboration import Cost, Outcome, Role
from headwater.governance.differing import changes
from report_board import protocol

PLAN = replace(
    protocol(),
    outcomes=(Outcome("ae_attendance", Role.PRIMARY, 0.1), Outcome("gp_contact", Role.SECONDARY)),
    costs=(Cost("icb", "staff", 100.0, 0),),
)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({}, []),
        ({"follow_up_days": 90}, [("follow_up_days", str(PLAN.follow_up_days), "90")]),
        (
            {"outcomes": (replace(PLAN.outcomes[0], worthwhile=0.2), PLAN.outcomes[1])},
            [("outcomes ae_attendance, worthwhile", "0.1", "0.2")],
        ),
        ({"outcomes": PLAN.outcomes[:1]}, [("outcomes gp_contact", "kind gp_contact, role secondary", "nothing")]),
        ({"costs": (replace(PLAN.costs[0], gbp=250.0),)}, [("costs staff, gbp", "100.0", "250.0")]),
        ({"costs": ()}, [("costs staff", "what staff", "nothing")]),
    ],
)
def test_each_part_that_differs_is_told_and_no_python(now: dict[str, object], told: list[tuple[str, str, str]]) -> None:
    found = [
        one
        for name in PLAN.__dataclass_fields__
        for one in changes(name, getattr(PLAN, name), getattr(replace(PLAN, **now), name))
    ]  # type: ignore[arg-type]
    assert [(field, after) for field, _, after in found] == [(field, after) for field, _, after in told]
    assert all(want in before for (_, before, _), (_, want, _) in zip(found, told, strict=True))
    assert not any(mark in part for one in found for part in one for mark in ("(kind=", "<Role", "Outcome("))
