"""From averted contacts to cash, released, absorbed and none, through stations; routing; steps; what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from headwater.capacity import free
from headwater.capacity.free import cascade, closable
from headwater.capacity.station import stations_of
from headwater.domain.errors import Usage
from headwater.domain.money import BUCKETS, Bucket
from headwater.stats.queueing import erlang_b
from money_world import AE, CONTROL, STAY, effect, price, protocol

WARD = {
    "kind": STAY,
    "name": "ward",
    "service_hours": 100.0,
    "servers": 20,
    "step": 4,
    "step_cost_gbp": 300_000.0,
    "model": "loss",
    "service_level": 0.95,
    "contacts_per_year": 1200.0,
}
PRICES = {AE: price(), STAY: price(STAY, 2_000.0)}


def buckets(freed: object, kind: str) -> dict[Bucket, float]:
    at = freed.outcomes.index(kind)  # type: ignore[attr-defined]
    return dict(zip(BUCKETS, freed.split_gbp.mean(axis=0)[at].sum(axis=0).tolist(), strict=True))  # type: ignore[attr-defined]


def test_a_kind_without_a_station_is_split_with_no_step_closed() -> None:
    freed = free(effect(), PRICES, (), protocol())
    assert freed.outcomes == (AE,) and freed.steps == {}
    assert buckets(freed, AE)[Bucket.CASH] == pytest.approx(1_500)


def test_negative_controls_and_unpriced_kinds_are_left_out() -> None:
    assert free(effect({AE: 1.0, CONTROL: 5.0, "social_care_visit": 9.0}), PRICES, (), protocol()).outcomes == (AE,)


def test_the_chance_that_a_bay_of_four_beds_closes() -> None:
    """20 beds at 95 % carry 15.2 erlangs (1,200 stays of 100 hours are 13.7); 16 beds carry 11.5: from 189 fewer stays
    a year."""
    twenty, sixteen = (stations_of([WARD])[STAY].carried()[k] for k in (0, 1))
    assert 1 - float(erlang_b(20, twenty)) == pytest.approx(0.95, abs=1e-12)
    assert 1 - float(erlang_b(16, sixteen)) == pytest.approx(0.95, abs=1e-12)
    least = 1200 - sixteen * 8766 / 100
    made = effect({STAY: least * 366 / 365.25}, sd=40.0, draws=4_000)
    freed = free(made, PRICES, [WARD], protocol())
    assert freed.steps["ward"][0] == pytest.approx(0.5, abs=0.03)
    beyond = free(effect({STAY: least + 1}), PRICES, [WARD], protocol())
    short = free(effect({STAY: least - 1}), PRICES, [WARD], protocol())
    assert (beyond.steps["ward"], short.steps["ward"]) == ((1.0,), (0.0,))


def test_a_bay_that_could_close_is_cash_only_once_somebody_decided_it() -> None:
    made = effect({STAY: 250.0})
    could = free(made, PRICES, [WARD], protocol())
    decided = free(made, PRICES, [{**WARD, "decided": 1}], protocol())
    assert could.steps == decided.steps == {"ward": (1.0,)}
    assert buckets(could, STAY)[Bucket.CASH] == 0
    assert buckets(decided, STAY)[Bucket.CASH] == pytest.approx(300_000 * 366 / 365.25)
    room = 0.5 * 250 * 2_000 - 300_000 * 366 / 365.25
    assert buckets(decided, STAY)[Bucket.ABSORBED] == pytest.approx(room), (
        "closing cost more performance than demand fell: signed"
    )
    for freed in (could, decided):
        assert sum(buckets(freed, STAY).values()) == pytest.approx(250 * 2_000)


def test_harm_closes_nothing_and_is_counted_as_harm() -> None:
    freed = free(effect({STAY: -250.0}), PRICES, [{**WARD, "decided": 1}], protocol())
    assert freed.steps["ward"] == (0.0,)
    assert freed.probability_of_harm == 1
    assert sum(buckets(freed, STAY).values()) == pytest.approx(-250 * 2_000)


def test_the_chance_of_harm_counts_draws() -> None:
    freed = free(effect({AE: 0.0}, sd=10.0, draws=20_000), PRICES, (), protocol())
    assert freed.probability_of_harm == pytest.approx(0.5, abs=0.02)


def test_the_protocol_speaks_before_the_station() -> None:
    station = {
        "kind": AE,
        "service_hours": 4,
        "servers": 10,
        "cashable": 1.0,
        "backfill": 0.0,
        "variable": 0.4,
        "step_share": 0.6,
    }
    by_station = buckets(free(effect(), PRICES, [station], protocol(cashable={}, backfill={})), AE)
    by_protocol = buckets(free(effect(), PRICES, [station], protocol()), AE)
    assert by_station == {
        Bucket.CASH: pytest.approx(4_000),
        Bucket.RELEASED: pytest.approx(6_000),
        Bucket.ABSORBED: 0,
        Bucket.UNCHANGED: pytest.approx(0, abs=1e-9),
    }
    assert by_protocol[Bucket.CASH] == pytest.approx(2_000)


def test_a_station_without_a_volume_is_staffed_for_its_service_level() -> None:
    station = stations_of([{"kind": AE, "service_hours": 4, "servers": 10, "model": "loss", "service_level": 0.9}])[AE]
    assert 1 - float(erlang_b(10, station.load(float(station.carried()[0])))) == pytest.approx(0.9)


@pytest.mark.parametrize("model", ["delay", "loss", "abandonment"])
def test_every_model_carries_less_with_fewer_servers(model: str) -> None:
    station = stations_of(
        [
            {
                "kind": AE,
                "service_hours": 1,
                "servers": 12,
                "step": 2,
                "model": model,
                "within_hours": 0.5,
                "service_level": 0.9,
            }
        ]
    )[AE]
    carried = station.carried()
    assert (np.diff(carried) < 0).all()
    assert carried[-1] == pytest.approx(0, abs=1e-9) or carried.size == 13
    demand = station.load(float(carried[0])) - float(carried[1])
    steps = closable(station, np.array([-100.0, 0.0, demand * 8766 * 0.999, demand * 8766 * 1.001]))
    assert steps.tolist() == [0, 0, 0, 1]


# Routing


def test_averted_attendances_avert_a_share_of_stays() -> None:
    """A quarter of attendances go on to a stay, which nobody measured: 100 averted attendances avert 25 stays."""
    desk = {"kind": AE, "service_hours": 4, "servers": 10, "routing": {STAY: 0.25}}
    freed = free(effect(), PRICES, [desk, WARD], protocol())
    assert freed.outcomes == (AE, STAY)
    assert freed.split_gbp[:, 1].sum(axis=(1, 2)) == pytest.approx(np.full(4, 25 * 2_000))


def test_a_measured_kind_already_holds_what_flows_into_it() -> None:
    desk = {"kind": AE, "service_hours": 4, "servers": 10, "routing": f"{STAY}:0.25"}
    freed = free(effect({AE: 100.0, STAY: 10.0}), PRICES, [desk], protocol())
    assert freed.split_gbp[:, 1].sum(axis=(1, 2)) == pytest.approx(np.full(4, 10 * 2_000))


def test_a_negative_control_is_not_reached_by_routing() -> None:
    desk = {"kind": AE, "service_hours": 4, "servers": 10, "routing": {CONTROL: 0.5}}
    assert free(effect(), {**PRICES, CONTROL: price(CONTROL)}, [desk], protocol()).outcomes == (AE,)


def test_the_cascade_is_the_flow_equation_where_only_the_source_is_measured() -> None:
    """Δλ = (I − Pᵀ)⁻¹ Δγ with a loop between the second and the third station."""
    routing = np.array([[0.0, 0.6, 0.1], [0.0, 0.0, 0.5], [0.0, 0.3, 0.0]])
    expected = np.linalg.solve(np.eye(3) - routing.T, [10.0, 0, 0])
    assert cascade(np.array([[[10.0]]]), routing)[0, :, 0] == pytest.approx(expected)


def test_a_step_closes_for_the_days_the_collaboration_was_there() -> None:
    """400 days of presence are 400 days of a closed bay, not four quarters and a rest."""
    last = date(2023, 4, 1) + timedelta(days=399)
    made = replace(effect({STAY: 400.0}, years=2), last_day=last)
    split = free(made, PRICES, [{**WARD, "decided": 1}], protocol()).split_gbp[0, 0, :, 0]
    assert split.sum() == pytest.approx(300_000 * 400 / 365.25)
    assert split[13] == pytest.approx(300_000 * 4 / 365.25) and not split[14:].any()


# Settings


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"service_hours": 4, "servers": 3}, "kind is missing"),
        ({"kind": AE, "servers": 3}, "service_hours is missing"),
        ({"kind": AE, "service_hours": "four", "servers": 3}, "service_hours must be a number"),
        ({"kind": AE, "service_hours": 4, "servers": 2.5}, "servers is a whole number"),
        ({"kind": AE, "service_hours": 4, "servers": 0}, "servers must be more than 0"),
        ({"kind": AE, "service_hours": 4, "servers": 3, "backfill": 1.2}, "backfill is a share"),
        ({"kind": AE, "service_hours": 4, "servers": 3, "model": "magic"}, "model is delay, loss, abandonment"),
        ({"kind": AE, "service_hours": 4, "servers": 3, "beds": 3}, "unknown beds"),
        ({"kind": AE, "service_hours": 4, "servers": 3, "routing": {STAY: 1.2}}, "routing shares"),
        ({"kind": AE, "service_hours": 4, "servers": 3, "routing": "a lot"}, "routing is kind:share"),
    ],
)
def test_a_station_that_cannot_be_read_says_why(entry: dict[str, object], text: str) -> None:
    with pytest.raises(Usage, match="stations cannot be read") as refused:
        free(effect(), PRICES, [entry], protocol())
    assert text in refused.value.given


def test_all_problems_of_all_stations_are_named_at_once() -> None:
    with pytest.raises(Usage) as refused:
        stations_of([{"kind": AE}, WARD, WARD, {"kind": "x", "service_hours": -1, "servers": 1}])
    for text in ("station 1", "already a station for emergency_admission", "station 4"):
        assert text in refused.value.given
