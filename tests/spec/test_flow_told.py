"""The flow of people as it leaves: no small loss can be had by taking one step from the next."""

from __future__ import annotations

from types import SimpleNamespace

from headwater.app.answers import flow
from headwater.disclosure import release
from headwater.domain.evidence import FlowStep
from headwater.domain.workspace import DisclosureSettings


def steps(unmatched: int, left_out: int = 18) -> tuple[FlowStep, ...]:
    """160 matched; so many left before."""
    return (
        FlowStep("enrolled", "on the enrolment list", 160 + unmatched + left_out, {"did not meet the rule": left_out}),
        FlowStep("enrolled", "eligible on the day", 160 + unmatched, {"nobody alike to be compared with": unmatched}),
        FlowStep("enrolled", "matched", 160, {"died or moved": 20}),
        FlowStep("enrolled", "followed to the end", 140),
        FlowStep("compared", "matched", 400, {"enrolled later": 60, "died or moved": 15}),
        FlowStep("compared", "followed to the end", 325),
    )


def shown(unmatched: int, left_out: int = 18) -> list[str]:
    rows = flow(SimpleNamespace(collaboration="x", flow=steps(unmatched, left_out)))  # type: ignore[arg-type]
    released = release(rows, DisclosureSettings(rule="threshold-10")).content
    return [row["people"].text for row in released]


def test_each_step_is_the_sum_of_the_next_and_of_what_was_lost() -> None:
    rows = flow(SimpleNamespace(collaboration="x", flow=steps(14)))  # type: ignore[arg-type]
    assert [row["step"] for row in rows] == [step.step for step in steps(14)]
    for row in rows:
        parts = [part.n for part in row["people"].parts]
        assert not parts or row["people"].n == sum(parts)
    assert [len(row["people"].parts) for row in rows] == [2, 2, 2, 0, 3, 0]
    # The report tells these under the same names, so that what is hidden there is hidden here.
    assert [row["people"].name for row in rows[1:3]] == ["enrolled x", "matched x"]


def test_a_loss_that_is_large_enough_hides_nothing() -> None:
    assert "*" not in shown(14)


def test_a_small_loss_cannot_be_had_from_the_steps_around_it() -> None:
    """Four without a match: the step before it is hidden or the one after, and the list less those left out tells it
    neither."""
    listed, eligible, matched, *_ = shown(4)
    assert "*" in (eligible, matched)
    rows = flow(SimpleNamespace(collaboration="x", flow=steps(4)))  # type: ignore[arg-type]
    lost = release(rows, DisclosureSettings(rule="threshold-10")).content[0]["lost"]["did not meet the rule"].text
    assert eligible != "*" or "*" in (listed, lost)
    assert eligible == "*" or matched == "*"
