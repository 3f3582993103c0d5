"""Linkage against public data whose truth is known. The same fields, levels and defaults as for anybody's records; no
label is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from linkage_world import FAKE, FEBRL, HISTORICAL, SOCIAL, fake, febrl, historical, linked

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store


@pytest.fixture
def truth(shared_data: Path) -> Path:
    return shared_data / "linkage_truth"


@pytest.mark.parametrize(("name", "least"), [("1", 0.999), ("2", 0.998), ("3", 0.997)])
def test_febrl_one_to_three(store: Store, truth: Path, name: str, least: float) -> None:
    assert linked(store, febrl(truth, (name,)), (*FEBRL, SOCIAL))[0] >= least


@pytest.mark.parametrize("fields", [(*FEBRL, SOCIAL), FEBRL], ids=["with the social security number", "without it"])
def test_febrl_four_is_linked_all_but_wholly(store: Store, truth: Path, fields: tuple) -> None:
    found, model = linked(store, febrl(truth, ("4a", "4b")), fields, single=True)
    assert found >= 0.999
    # 5,000 true pairs among 10,000 records: the prior is what the model holds to, not something it was told.
    assert model.prior == pytest.approx(5_000 / (10_000 * 9_999 / 2), rel=0.05)


def test_historical_figures_are_grouped(store: Store, truth: Path) -> None:
    assert linked(store, historical(truth), HISTORICAL)[0] >= 0.90


def test_fake_one_thousand(store: Store, truth: Path) -> None:
    assert linked(store, fake(truth), FAKE)[0] >= 0.95
