"""Gates, locks, warnings and losses by hand: limits at the very edge, a figure of nought, the order in which things
were done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from test_governance_protocol import TEXT, by

from headwater.domain.collaboration import Agreement, Cost, Protocol, Role, Status
from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.governance import Control, Criterion, Decision, Met, Risk
from headwater.domain.uncertainty import Interval
from headwater.domain.workspace import Workspace
from headwater.governance import amend, lock, outcomes_read, standing
from headwater.governance.gates import decide, decisions, judged, phases
from headwater.governance.lock import bound_pool, lock_history, sealed, was_locked
from headwater.governance.risks import controlled, expected_gbp, loss_draws, matrix, risk_adjusted
from headwater.governance.warnings import indicators
from money_world import protocol

if TYPE_CHECKING:
    from pathlib import Path

SIGNS = [
    # sign → what holds of a figure below, at and above the limit
    (">=", (False, True, True)),
    ("<=", (True, True, False)),
    (">", (False, False, True)),
    ("<", (True, False, False)),
    ("==", (False, True, False)),
]


@pytest.mark.parametrize(("sign", "holds"), SIGNS)
@pytest.mark.parametrize("limit", [0.9, 0.0, -2.0, 12.0])
def test_a_criterion_at_its_limit(sign: str, holds: tuple[bool, bool, bool], limit: float) -> None:
    for value, so in zip((limit - 0.1, limit, limit + 0.1), holds, strict=True):
        found = judged(Criterion("t", f"figure {sign} {limit:g}"), {"figure": value, "other": 99.0})
        assert (found.met, found.figure) == (Met.MET if so else Met.NOT_MET, value)


def test_a_figure_of_nought_is_measured_and_one_that_is_not_there_is_unknown() -> None:
    assert judged(Criterion("t", "figure >= 1"), {"figure": 0.0}).met is Met.NOT_MET
    unknown = judged(Criterion("t", "figure >= 1"), {})
    assert (unknown.met, unknown.figure) == (Met.UNKNOWN, None)
    for expression in ("figure", "figure => 1", "figure >= x", "1 >= figure", "figure >= 1 or 2", "figure != 1", ""):
        with pytest.raises(Usage, match="no criterion"):
            judged(Criterion("t", expression), {"figure": 1.0})


def test_a_gate_bears_its_newest_decision_and_all_of_them_stay(tmp_path: Path) -> None:
    place, plan = Workspace(tmp_path), protocol(phases="three-phases")
    place.governance.mkdir()
    other = replace(plan, id="another")

    def say(of: Protocol, verdict: str, gate: str = "understand-exit") -> None:
        decide(place, of, Decision(gate, "board", "2024-01-01", verdict, "seen"))

    say(plan, "closed")
    say(other, "conditions")
    say(plan, "open")
    gate = phases(place, plan, {})[0].exit
    assert gate is not None and gate.decision is not None
    assert gate.decision.verdict == "open"
    assert [one["verdict"] for one in decisions(place, plan.id)] == ["closed", "open"]
    assert phases(place, protocol(phases=""), {}) == ()
    for wrong in (("ajar", "understand-exit"), ("open", "understand-middle")):
        with pytest.raises(Usage, match="no such"):
            say(plan, *wrong)


# The lock


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path)
    made.collaborations.mkdir()
    (made.collaborations / "team.toml").write_text(TEXT)
    return made


def changed(workspace: Workspace, gbp: int) -> None:
    (workspace.collaborations / "team.toml").write_text(TEXT.replace("gbp = 1000", f"gbp = {gbp}"))


def done(workspace: Workspace, acts: str) -> None:
    """L lock, A amend after a change of the file, R outcomes read."""
    for at, act in enumerate(acts):
        if act == "L":
            lock(workspace, "team", by(""))
        elif act == "A":
            changed(workspace, 2000 + at)
            amend(workspace, "team", by("a mistake"))
        else:
            outcomes_read(workspace, "team")


WAYS = [
    # what was done, in order → how the protocol stands
    ("", Status.EXPLORATORY),
    ("L", Status.LOCKED),
    ("LR", Status.LOCKED),
    ("LRR", Status.LOCKED),
    ("LL", Status.LOCKED),
    ("R", Status.EXPLORATORY),
    ("RL", Status.EXPLORATORY),
    ("RLR", Status.EXPLORATORY),
    ("RLA", Status.EXPLORATORY),
    ("LA", Status.AMENDED),
    ("LRA", Status.AMENDED),
    ("LAR", Status.AMENDED),
    ("LAA", Status.AMENDED),
]


@pytest.mark.parametrize(("acts", "status"), WAYS)
def test_the_order_of_lock_and_reading_decides(workspace: Workspace, acts: str, status: Status) -> None:
    done(workspace, acts)
    assert standing(workspace, "team").status is status
    assert sealed(workspace, "team") is (acts == "")
    assert was_locked(workspace, "team") is ("L" in acts)


@pytest.mark.parametrize(
    ("acts", "kept"), [("RR", "R"), ("LRR", "LR"), ("LRAR", "LRAR"), ("LL", "L"), ("LRRARR", "LRAR")]
)
def test_what_says_the_same_twice_is_one_entry(workspace: Workspace, acts: str, kept: str) -> None:
    done(workspace, acts)
    words = {"lock": "L", "amend": "A", "outcomes-read": "R"}
    assert "".join(words[entry["act"]] for entry in lock_history(workspace, "team")) == kept


def test_an_amendment_is_of_something_locked_and_has_a_reason(workspace: Workspace) -> None:
    with pytest.raises(ProtocolBreach, match="never locked"):
        amend(workspace, "team", by("a mistake"))
    done(workspace, "L")
    assert amend(workspace, "team", by("nothing changed")).status is Status.LOCKED
    changed(workspace, 2000)
    with pytest.raises(ProtocolBreach, match="changed after it was locked"):
        standing(workspace, "team")
    with pytest.raises(ProtocolBreach, match="has changed since"):
        lock(workspace, "team", by(""))
    with pytest.raises(ProtocolBreach, match="needs a reason"):
        amend(workspace, "team", by(" "))
    assert amend(workspace, "team", by("a mistake")).status is Status.AMENDED


def test_the_pool_is_the_one_that_was_locked_before_outcomes_were_read(workspace: Workspace) -> None:
    def named(pool: str) -> None:
        (workspace.collaborations / "team.toml").write_text(f'pool = "{pool}"\n{TEXT}')

    assert bound_pool(workspace, "team") == ""
    named("first")
    lock(workspace, "team", by(""))
    named("second")
    amend(workspace, "team", by("another pool"))
    assert bound_pool(workspace, "team") == "second"
    outcomes_read(workspace, "team")
    named("third")
    amend(workspace, "team", by("another pool"))
    assert bound_pool(workspace, "team") == "second"


QUESTION = {"mapping": "m1", "prices": "p1", "data": "d1"}


@pytest.mark.parametrize(
    ("now", "status"),
    [({}, Status.LOCKED), ({"prices": "p2"}, Status.AMENDED), ({"data": "d2"}, Status.AMENDED), (None, Status.LOCKED)],
)
def test_what_else_was_locked_is_held_to_it(workspace: Workspace, now: dict[str, str] | None, status: Status) -> None:
    lock(workspace, "team", by(""), QUESTION)
    found = standing(workspace, "team", None if now is None else {**QUESTION, **now})
    assert found.status is status
    assert found.deviations == tuple(f"Not as it was locked: {name}." for name in now or ())


# Warnings

EDGES = [
    # figures → which warning, and whether it fires
    ({"link_rate": 0.0}, "link-rate", True),
    ({}, "link-rate", None),
    ({"link_rate": 1.0}, "link-rate", False),
    ({"retention_months": 12.0, "kept_months": 12.0}, "retention", False),
    ({"retention_months": 12.0, "kept_months": 12.1}, "retention", True),
    ({"retention_months": 12.0}, "retention", None),
    ({"capacity_gp": 0.0, "capacity_hospital": 2.0}, "partner-capacity", True),
    ({"capacity_gp": 1.0, "capacity_elsewhere": 0.0}, "partner-capacity", False),
    ({}, "partner-capacity", None),
]


@pytest.mark.parametrize(("figures", "name", "fires"), EDGES)
def test_when_a_warning_fires(figures: dict[str, float], name: str, fires: bool | None) -> None:
    found = {one.name: one.fired for one in indicators([protocol()], figures, {}, "2024-01-01")}
    assert found[name] is fires


@pytest.mark.parametrize(("days", "fires"), [(-1, True), (0, True), (1000, False)])
def test_an_agreement_that_lapses(days: int, fires: bool) -> None:
    ends = date.fromordinal(date(2024, 1, 1).toordinal() + days)
    plan = protocol(agreements=(Agreement("data-sharing", ("gp", "hospital"), None, ends), Agreement("old", ("gp",))))
    (found,) = (one for one in indicators([plan], {}, {}, "2024-01-01") if one.name == "agreement-expiry")
    assert (found.fired, found.figure) == (fires, days)
    assert ("expired" in found.text) is (days < 0)


@pytest.mark.parametrize(("ours", "theirs", "fires"), [(90, 10, False), (91, 9, True), (0, 100, True), (50, 50, False)])
def test_one_payer_of_nearly_all(ours: float, theirs: float, fires: bool) -> None:
    plan = protocol(costs=(Cost("gp", "a", ours / 2), Cost("gp", "b", ours / 2), Cost("icb", "c", theirs)))
    (found,) = (one for one in indicators([plan], {}, {}, "2024-01-01") if one.name == "single-payer")
    assert found.fired is fires


@pytest.mark.parametrize(
    ("role", "low", "fires"),
    [(Role.DISPLACEMENT, 1.01, True), (Role.DISPLACEMENT, 1.0, False), (Role.PRIMARY, 1.5, None)],
)
def test_demand_that_moved_elsewhere(role: Role, low: float, fires: bool | None) -> None:
    found = SimpleNamespace(findings=(SimpleNamespace(kind="x", role=role, rate_ratio=Interval(low, 2.0, 3.0)),))
    told = [
        one.fired
        for one in indicators([protocol()], {}, {protocol().id: found}, "2024-01-01")
        if one.name == "displacement"
    ]  # type: ignore[dict-item]
    assert told == ([] if fires is None else [fires])


# Losses


def risk(controls: tuple[Control, ...] = (), appetite: float | None = None) -> Risk:
    return Risk(
        "r", "x", "c", "e", "f", Interval(0.2, 0.5, 0.8), Interval(100, 1000, 1300), "owner", controls, appetite
    )


def test_controls_take_their_shares_off_what_they_act_on() -> None:
    made = risk(
        (
            Control("a", "t", 0.5, "likelihood", "o", None),
            Control("b", "t", 0.2, "likelihood", "o", None),
            Control("c", "t", 0.25, "impact", "o", None),
        )
    )
    left = controlled(made)
    assert (left.likelihood.low, left.likelihood.mid, left.likelihood.high) == pytest.approx((0.08, 0.2, 0.32))
    assert left.impact_gbp.mid == pytest.approx(750)
    assert expected_gbp(made) == pytest.approx(150)
    assert expected_gbp(made, residual=False) == 500


def test_a_years_losses_are_likelihood_times_impact_and_years_add() -> None:
    """Triangular: means 0.5 and 800. Two years of the residual risk come off the value."""
    draws = loss_draws((risk(), risk()), 200_000, 1)
    assert draws.mean(axis=0) == pytest.approx([400, 400], rel=0.02)
    assert (draws > 0).mean() == pytest.approx(0.5, abs=0.01)
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.01
    fixed = replace(
        risk((Control("a", "t", 0.5, "impact", "o", None),)),
        likelihood=Interval(1, 1, 1),
        impact_gbp=Interval(10, 10, 10),
    )
    assert risk_adjusted(np.full(3, 100.0), (fixed, fixed), 2.0, 1).tolist() == [80, 80, 80]


@pytest.mark.parametrize(("appetite", "over"), [(None, 0), (500.0, 0), (499.0, 1)])
def test_what_the_board_accepts(appetite: float | None, over: int) -> None:
    assert matrix((risk(appetite=appetite),)).title.startswith(f"{over} of 1")
