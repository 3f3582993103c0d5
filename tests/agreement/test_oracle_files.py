"""Every published figure in the shared oracle files, read from the files themselves, has a test that names it or is
judged here."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from headwater.disclosure.rules import rule_named
from headwater.stats.queueing import erlang_b, erlang_c

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def told() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(TESTS.rglob("test_*.py")))


def test_every_numbered_oracle_has_a_test_that_names_it(shared_data: Path, told: str) -> None:
    with (shared_data / "oracles" / "oracles.csv").open(encoding="utf-8", newline="") as lines:
        numbers = [row["id"] for row in csv.DictReader(lines)]
    assert len(numbers) >= 18
    docstrings = "\n".join(re.findall(r'"""(.*?)"""', told, flags=re.DOTALL))
    assert [number for number in numbers if not re.search(rf"\b{number}\b", docstrings)] == []


def figures(found: Any) -> Iterator[float]:
    if isinstance(found, dict):
        for part in found.values():
            yield from figures(part)
    elif isinstance(found, list):
        for part in found:
            yield from figures(part)
    elif isinstance(found, float):
        yield found


def test_every_queueing_trial_and_information_figure_stands_in_a_test(shared_data: Path, told: str) -> None:
    """Each figure of oracles.json on queues, trials and information stands in a test, to the digits that were written
    there; 0.06 %."""
    oracles = json.loads((shared_data / "oracles" / "oracles.json").read_text(encoding="utf-8"))
    written = {float(number) for number in re.findall(r"(?<![\w.])\d+\.\d+(?:e-?\d+)?", told)}
    # Erlang's own values of the stroke beds are judged below, from the file.
    wanted = {name: oracles[name] for name in ("queueing", "trial_design")}
    missing = [
        one
        for one in figures(wanted)
        if not any(abs(one - other) <= 0.0006 * max(abs(one), 0.01) for other in written | {1 / 3, 2 / 3, 0.5})
    ]
    assert missing == []


def test_the_stroke_units_loss_by_formula(shared_data: Path) -> None:
    """Erlang-B at the analytic loads of Monks et al. 2016, doi 10.1186/s12913-016-1789-4, three decimals: 0.0006."""
    monks = json.loads((shared_data / "oracles" / "oracles.json").read_text(encoding="utf-8"))["monks2016"]
    asu, rehab = monks["analytic_load_ASU"], monks["analytic_load_rehab"]
    loads = {
        "erlangB_ASU": asu,
        "erlangB_rehab": rehab,
        "erlangB_plus5pct_ASU": 1.05 * asu,
        "pooled_erlangB": asu + rehab,
    }
    for name, load in loads.items():
        for beds, share in monks[name].items():
            assert float(erlang_b(int(beds), load)) == pytest.approx(share, abs=0.0006), (name, beds)


def test_the_loss_and_delay_formulas_from_the_file(shared_data: Path) -> None:
    """Erlang-B and Erlang-C of oracles.json; 1e-6."""
    queues = json.loads((shared_data / "oracles" / "oracles.json").read_text(encoding="utf-8"))["queueing"]
    for name, formula in (("erlang_B", erlang_b), ("erlang_C", erlang_c)):
        for said, share in queues[name].items():
            servers, load = (float(number) for number in re.findall(r"[\d.]+", said))
            assert float(formula(int(servers), load)) == pytest.approx(share, abs=1e-6), said


def test_camden_a_naive_fall_and_no_effect() -> None:
    """O16: Finkelstein et al. 2020, NEJM 382:152: 62.3 % of the treated and 61.7 % of the controls came back; adjusted
    +0.82 points (−5.97 to 7.61), while before and after alone fell by 38 points. The interval includes none, so no lot
    opens and nothing is claimed.
    """
    from headwater.domain.errors import ProtocolBreach
    from headwater.ledger.rules import lot_may_open
    from money_world import LOCK, lot

    people = 782
    adjusted, low, high = (-share / 100 * people for share in (0.82, 7.61, -5.97))
    assert abs(adjusted) < 0.1 * 0.38 * people, "the naive fall is not the effect"
    with pytest.raises(ProtocolBreach, match="no pool is opened") as refused:
        lot_may_open(lot(averted=adjusted, averted_low=low, averted_high=high, grade=5), LOCK, 3, {})
    assert "none at all" in refused.value.given


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "*"), (7, "*"), (8, "10"), (12, "10"), (13, "15")])
def test_hospital_episode_rule(count: int, shown: str) -> None:
    """O18: NHS Digital's methodology and NHS England's central_suppression_method: 1 to 7 masked, others to the nearest
    5; exact."""
    assert rule_named("hospital-episodes").shown(count).text == shown


def test_sunderlands_uncontrolled_fall_opens_no_lot() -> None:
    """O15: "140 fewer a month" without a comparison is of grade 2 at most, and a lot needs 3."""
    from headwater.domain.errors import ProtocolBreach
    from headwater.ledger.rules import lot_may_open
    from money_world import LOCK, lot

    with pytest.raises(ProtocolBreach, match="no pool is opened"):
        lot_may_open(lot(averted=1680.0, averted_low=1500.0, averted_high=1860.0, grade=2), LOCK, 3, {})
