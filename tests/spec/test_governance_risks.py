"""Risks, gates, early warnings, requests and forgetting, on small examples with figures one can check by hand."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from openpyxl import load_workbook

from headwater.disclosure import release
from headwater.domain.collaboration import Agreement, Entry, Outcome, Protocol, Role, Standing, Status, Style
from headwater.domain.errors import Usage
from headwater.domain.governance import Control, Criterion, Decision, Met, Risk
from headwater.domain.release import DataTable
from headwater.domain.tables import TABLES
from headwater.domain.uncertainty import Interval
from headwater.domain.workspace import DisclosureSettings, Workspace
from headwater.governance import (
    controlled,
    data_request,
    decide,
    expected_gbp,
    forget,
    holding,
    impact_assessment,
    indicators,
    judged,
    keep_key,
    known,
    loss_draws,
    matrix,
    measured,
    needed,
    parse_protocol,
    phases,
    pseudonym,
    read_risks,
    registry_entry,
    risk_adjusted,
    sharing_agreement,
    suggested_risks,
    template,
    templates,
    tornado,
)
from headwater.store import Store, arrow_schema, key_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headwater.domain.release import Document


def protocol(**more: object) -> Protocol:
    fields: dict[str, object] = {
        "id": "team",
        "name": "Team",
        "style": Style.UPSTREAM,
        "lead": "gp",
        "partners": ("hospital",),
        "start": date(2023, 4, 1),
        "theory": "t",
        "owner": "head of care",
        "unit": "person",
        "outcomes": (Outcome("ae_attendance", Role.PRIMARY),),
        "entry": Entry("ae_attendance", 3, 90),
    }
    return Protocol(**{**fields, **more})  # type: ignore[arg-type]


def risk(name: str = "r", likelihood: float = 0.2, impact: float = 100_000, *controls: Control) -> Risk:
    exact = (Interval.exactly(likelihood), Interval.exactly(impact))
    return Risk(name, "team", "cause", f"event {name}", "effect", *exact, "owner", controls)


def test_the_expected_loss_is_likelihood_times_impact() -> None:
    control = Control("c", "a second reader", 0.5, "likelihood", "owner")
    assert expected_gbp(risk("r", 0.2, 100_000, control), residual=False) == 20_000
    assert expected_gbp(risk("r", 0.2, 100_000, control)) == 10_000


def test_controls_multiply_on_what_they_act_on() -> None:
    left = controlled(
        risk(
            "r",
            0.4,
            100.0,
            Control("a", "", 0.5, "likelihood", ""),
            Control("b", "", 0.5, "likelihood", ""),
            Control("c", "", 0.25, "impact", ""),
        )
    )
    assert (left.likelihood.mid, left.impact_gbp.mid) == (pytest.approx(0.1), pytest.approx(75.0))


def test_simulated_losses_agree_with_the_closed_form() -> None:
    draws = loss_draws([risk("a", 0.2, 100_000), risk("b", 0.05, 400_000)], 200_000, seed=1)
    mean = 0.2 * 100_000 + 0.05 * 400_000
    variance = 0.2 * 0.8 * 100_000**2 + 0.05 * 0.95 * 400_000**2
    assert draws.sum(axis=1).mean() == pytest.approx(mean, rel=0.02)
    assert draws.sum(axis=1).var() == pytest.approx(variance, rel=0.02)


def test_triangular_ranges_have_their_mean() -> None:
    ranged = Risk("r", "team", "c", "e", "f", Interval(0.1, 0.2, 0.6), Interval(0.0, 30.0, 60.0), "o")
    assert loss_draws([ranged], 200_000, seed=2).mean() == pytest.approx(0.9 / 3 * 30.0, rel=0.02)


def test_the_risk_adjusted_value_takes_residual_losses_off() -> None:
    adjusted = risk_adjusted(np.full(100_000, 50_000.0), [risk("r", 0.2, 100_000)], 2.0, seed=1)
    assert adjusted.mean() == pytest.approx(50_000 - 2 * 20_000, rel=0.03)


def test_figures_name_the_worst_risk_and_the_appetite() -> None:
    small, large = risk("small", 0.1, 1_000), risk("large", 0.5, 90_000)
    assert tornado([small, large]).rows[0][0] == "event large"
    shown = matrix([Risk(**{**{f: getattr(large, f) for f in large.__dataclass_fields__}, "appetite_gbp": 10_000.0})])
    assert shown.title.startswith("1 of 1")


def test_a_register_is_read_with_every_problem_told(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.governance.mkdir()
    file = place.governance / "risks.toml"
    assert read_risks(place) == ()
    sound = (
        '[[risk]]\nid = "r1"\ncollaboration = "team"\ncause = "c"\nevent = "e"\neffect = "f"\nlikelihood = [0.1, 0.2,'
        ' 0.3]\nimpact_gbp = [1, 2, 3]\nowner = "o"\n'
    )
    file.write_text(
        sound + '[[risk.control]]\nid = "k"\neffectiveness = 0.5\nacts_on = "impact"\ntested = 2024-01-01\n'
    )
    assert read_risks(place)[0].controls[0].tested == date(2024, 1, 1)
    file.write_text(sound.replace("[0.1, 0.2, 0.3]", "[0.3, 0.2, 2]").replace("owner", "ovner"))
    with pytest.raises(Usage) as wrong:
        read_risks(place)
    for told in ("owner is missing", "unknown key 'ovner'", "likelihood must be"):
        assert told in str(wrong.value)


@pytest.mark.parametrize("style", list(Style))
def test_every_style_has_typical_risks_with_reasons(style: Style) -> None:
    found = suggested_risks(protocol(style=style))
    assert len(found) >= 3
    assert all(one.cause and one.owner == "head of care" for one in found)


@pytest.mark.parametrize(
    ("expression", "met"),
    [
        ("link_rate >= 0.9", Met.MET),
        ("link_rate < 0.9", Met.NOT_MET),
        ("grade == 3", Met.UNKNOWN),
        ("failed_checks >= 0", Met.MET),
        ("failed_checks <= 0", Met.MET),
        ("failed_checks == 0", Met.MET),
        ("failed_checks < 0", Met.NOT_MET),
        ("failed_checks > 0", Met.NOT_MET),
    ],
)
def test_criteria_are_met_not_met_or_unknown(expression: str, met: Met) -> None:
    assert judged(Criterion("t", expression), {"link_rate": 0.93, "failed_checks": 0.0}).met is met


@pytest.mark.parametrize("expression", ["link_rate", "__import__('os')", "a >= b", "link_rate >= 0.9 and 1"])
def test_nothing_else_is_a_criterion(expression: str) -> None:
    with pytest.raises(Usage, match="no criterion"):
        judged(Criterion("t", expression), {})


def test_a_gate_is_opened_by_a_decision_alone(tmp_path: Path) -> None:
    place, plan = Workspace(tmp_path), protocol(phases="three-phases")
    place.governance.mkdir()
    figures = {"link_rate": 0.95, "agreements_in_force": 1.0}
    first = phases(place, plan, figures)[0]
    assert first.exit is not None
    assert {one.met for one in first.exit.criteria} == {Met.MET}
    assert first.exit.decision is None
    decide(place, plan, Decision("understand-exit", "board", "2024-01-01", "open", "both met"))
    decided = phases(place, plan, figures)[0].exit
    assert decided is not None
    assert decided.decision is not None
    assert decided.decision.verdict == "open"
    with pytest.raises(Usage, match="understand-exit"):
        decide(place, plan, Decision("understand-exti", "b", "2024-01-01", "open", "r"))


@pytest.mark.parametrize(("name", "count"), [("three-phases", 3), ("iso-44001", 8), ("action-week", 1)])
def test_shipped_phases(tmp_path: Path, name: str, count: int) -> None:
    assert len(phases(Workspace(tmp_path), protocol(phases=name), {})) == count


@pytest.mark.parametrize("name", templates())
def test_every_template_is_a_protocol(name: str) -> None:
    import tomllib

    assert parse_protocol(tomllib.loads(template(name)), name).id == "example"


def test_an_indicator_says_when_contacts_are_kept_too_long() -> None:
    def kept(**figures: float) -> list[tuple[bool | None, str]]:
        return [(one.fired, one.text) for one in indicators([], figures, {}, "2024-12-31") if one.name == "retention"]

    assert kept(kept_months=120.0) == []
    assert kept(retention_months=84.0) == [(None, "no contacts are loaded")]
    assert kept(retention_months=84.0, kept_months=84.0) == [
        (False, "the oldest contact is 84 months old, and 84 may be kept")
    ]
    ((fired, text),) = kept(retention_months=84.0, kept_months=85.0)
    assert fired
    assert text.endswith("set [retention] keep_from to a later day and load again")


def fill(store: Store, table: str, rows: list[dict[str, object]]) -> None:
    store.put(table, key_of(table, len(rows)), pa.Table.from_pylist(rows, schema=arrow_schema(TABLES[table])))


def test_indicators_fire_on_what_happened() -> None:
    plan = protocol(agreements=(Agreement("data-sharing", ("gp", "hospital"), None, date(2024, 6, 30)),))
    found = {
        one.name: one
        for one in indicators([plan], {"capacity_gp": 0.5, "link_rate": 0.95, "missing_police": 0.4}, {}, "2024-12-31")
    }
    assert found["agreement-expiry"].fired
    assert found["partner-capacity"].fired
    assert found["link-rate-police"].fired
    assert found["link-rate"].fired is False
    unknown = {one.name: one for one in indicators([plan], {}, {}, "2024-01-01")}
    assert unknown["link-rate"].fired is None
    assert unknown["agreement-expiry"].fired is False


def test_capacity_is_the_last_quarter_over_the_year_before(store: Store) -> None:
    from datetime import datetime, timedelta

    days = [datetime(2023, 1, 1) + timedelta(days=at) for at in range(730)]
    rows = [
        {"contact": f"{at}-{n}", "agency": "gp", "service": "s", "kind": "k", "place": "p", "start": day}
        for at, day in enumerate(days)
        for n in range(1 if day >= datetime(2024, 10, 1) else 2)
    ]
    fill(store, "contact", rows)
    assert measured(store, "2024-12-30")["capacity_gp"] == pytest.approx(0.5, abs=0.02)


def test_only_what_is_needed_is_asked_for() -> None:
    assert "local_key" not in {column.name for column in needed(protocol())["record"]}
    assert "record" not in needed(protocol(unit="place", entry=None))
    book = load_workbook(io.BytesIO(data_request(protocol(), "hospital")))
    assert book.sheetnames == ["Read me", "contact", "record", "observation", "enrolment"]
    lists = {rule.formula1 for rule in book["record"].data_validations.dataValidation}
    assert '"female,male,other,unknown"' in lists


def test_a_forgotten_person_is_in_no_table_and_the_others_are(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    place = Workspace(tmp_path)
    keep_key(place, b"k" * 32)
    one, other = (pseudonym(b"k" * 32, "record", f"gp\x1f{number}") for number in ("1", "2"))
    fill(store, "record", [{"record": name, "agency": "gp"} for name in (one, other)])
    fill(
        store,
        "person_link",
        [{"record": name, "agency": "gp", "person": f"p-{name}", "run": 0} for name in (one, other)],
    )
    fill(store, "person", [{"person": f"p-{name}", "records": 1} for name in (one, other)])
    who = known(store, place, "gp", "1")
    assert (set(holding(store, who)), who.names) == ({"record", "person_link", "person"}, (f"p-{one}", one))
    forget(store, place, who)
    forget(store, place, who)
    for table in ("record", "person_link", "person"):
        assert store.rows(table) == 1
        assert one not in str(store.arrow(store.table(table)).to_pylist())
    with pytest.raises(Usage, match="nobody is known"):
        known(store, place, "gp", "1")


def test_a_registry_entry_says_whether_it_came_before_outcomes() -> None:
    entry = registry_entry(protocol(), Standing(Status.LOCKED, "ab", "2024-01-01"))
    assert entry["registered_before_outcomes"] is True
    assert entry["outcomes"] == {"primary": ["ae_attendance"]}
    assert registry_entry(protocol(), Standing(Status.EXPLORATORY, "ab"))["registered_before_outcomes"] is False


@pytest.mark.parametrize("make", [sharing_agreement, impact_assessment])
def test_starters_name_only_the_columns_that_are_needed(make: Callable[[Protocol], Document]) -> None:
    document = make(protocol())
    columns = next(block for block in document.board if isinstance(block, DataTable) and block.name == "columns")
    assert {row[1] for row in columns.rows if row[0] == "record"} == {
        column.name for column in needed(protocol())["record"]
    }
    release(document, DisclosureSettings())
