"""Bad input to a place evaluation, through the command line: each a clear sentence, none of them a crash or a guess."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from headwater.cli.main import main
from places_world import PROTOCOL, panel_counts, write_trusts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Asked = Callable[..., tuple[dict[str, Any], dict[str, Any]]]


@pytest.fixture
def asked(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Counts (and a protocol) in, the answers of load and evaluate out."""
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))

    def ask(
        counts: np.ndarray, text: str = PROTOCOL, extra: tuple[str, ...] = ()
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        write_trusts(tmp_path / "place", counts, text, extra)
        answers = []
        for words in (("load",), ("evaluate", "one")):
            assert main(["-w", str(tmp_path / "place"), "--json", *words]) == 0
            answers.append(json.loads(capsys.readouterr().out))
        return answers[0], answers[1]

    return ask


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return panel_counts(20, 48, 3)


def said(found: dict[str, Any], words: str) -> bool:
    return any(words in caveat for caveat in found["caveats"])


def test_too_few_donors_cannot_tell(asked: Asked, sound: np.ndarray) -> None:
    _, found = asked(sound[:4])
    assert (found["effect_verdict"], found["rate_ratio"]) == ("cannot-tell", None)
    assert found["naive"]["change"] == pytest.approx(sound[0, 36:].sum() / sound[0, 24:36].sum() - 1)
    assert found["naive"]["explained_by_regression_to_the_mean"] is None
    assert found["grade"]["level"] == 1
    assert said(found, "cannot tell, 3 sound donors, and 5 are needed")


def test_counts_of_months_reach_to_the_end_of_the_last(asked: Asked, sound: np.ndarray) -> None:
    _, found = asked(sound)
    assert found["dates"].startswith("The data run to 31 December 2021."), found["dates"]


def test_a_month_without_the_treated_counts_for_nobody(asked: Asked, sound: np.ndarray) -> None:
    counts = sound.copy()
    counts[0, [20, 40]] = np.nan
    _, found = asked(counts)
    assert found["rate_ratio"] is not None
    assert said(found, "a treated unit is missing in 2 periods (2019-09-01, 2021-05-01), which count for nobody")


def test_a_negative_count_is_quarantined_and_leaves_a_gap(asked: Asked, sound: np.ndarray) -> None:
    counts = sound.copy()
    counts[5, 20] = -4
    loaded, found = asked(counts)
    assert loaded["files"][0]["reasons"] == {"contacts: negative": 1}
    assert said(found, "1 (gaps)")


def test_zeros_that_fill_a_gap_are_no_counts(asked: Asked, sound: np.ndarray) -> None:
    counts = sound.copy()
    counts[6, 20:23] = 0
    _, found = asked(counts)
    assert said(found, "3 zeros in runs among series that never come near zero are taken as gaps")
    assert said(found, "1 (gaps)")


def test_a_month_given_twice_with_different_numbers_is_a_conflict_that_nobody_decides(
    asked: Asked, sound: np.ndarray
) -> None:
    extra = ("unit-0003,2019-01-01,999", "unit-0000,2019-01-01,999")
    loaded, found = asked(sound, extra=extra)
    reason = "conflict: rows with the same unit and period and kind say different numbers, and none is chosen"
    assert loaded["files"][0]["reasons"] == {reason: 4}
    assert found["rate_ratio"] is not None


def test_one_month_before_the_start_cannot_tell(asked: Asked, sound: np.ndarray) -> None:
    _, found = asked(sound, PROTOCOL.replace("2021-01-01", "2018-02-01"))
    assert found["effect_verdict"] == "cannot-tell"
    assert said(found, "cannot tell, 1 period before the start, and 6 are needed")


def test_a_treated_unit_that_nobody_counted_cannot_tell(asked: Asked, sound: np.ndarray) -> None:
    _, found = asked(sound, PROTOCOL.replace('["unit-0000"]', '["nobody"]'))
    assert found["effect_verdict"] == "cannot-tell"
    assert said(found, "no treated unit is in the data")


def test_weeks_are_refused_where_months_alone_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    place = tmp_path / "place"
    text = PROTOCOL.replace('unit = "organisation"', 'unit = "place"').replace("ae_attendance", "police_incident")
    text = text.replace('method = "synthetic-control"', 'method = "did"\n[comparison.options]\nperiod = "week"')
    write_trusts(place, panel_counts(2, 3, 1), text)
    (place / "headwater.toml").write_text(STREETS)
    rows = [f"i{n},street-{n % 4},2018-{1 + n % 9:02d}" for n in range(60)]
    (place / "data" / "panel.csv").write_text("\n".join(["number,street,month", *rows, ""]))
    assert main(["-w", str(place), "--json", "load"]) == 0
    capsys.readouterr()
    assert main(["-w", str(place), "evaluate", "one"]) == 2
    told = capsys.readouterr().err
    assert "weeks cannot be counted from contacts whose month alone is known" in told
    assert 'period = "month"' in told


def test_contacts_with_coordinates_and_months_become_a_panel_with_its_last_month(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What data.police.uk publishes: a month, a point, no number. A fall of a half in twelve squares of forty-two is
    found."""
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    rng, place = np.random.default_rng(1), tmp_path / "place"
    squares = [(400_000 + 2_000 * (n % 7), 300_000 + 2_000 * (n // 7)) for n in range(42)]
    treated = [f"cell-1000-{x}-{y}" for x, y in squares[:12]]
    text = PROTOCOL.replace('unit = "organisation"', 'unit = "place"').replace("ae_attendance", "police_incident")
    text = text.replace('["unit-0000"]', json.dumps(treated)).replace("2021-01-01", "2018-07-01")
    write_trusts(place, panel_counts(2, 3, 1), text.replace('"synthetic-control"', '"did"'))
    at = '[source.at]\neasting = "E"\nnorthing = "N"\ncell = 1000\n'
    settings = STREETS.replace('place = "street"\n', "").replace('contact = "number"\n', "")
    (place / "headwater.toml").write_text(settings.replace("[[source]]\n", "[[source]]\nnumber_rows = true\n") + at)
    rows = [
        f"2018-{month:02d},{x + rng.integers(0, 1000)},{y + rng.integers(0, 1000)}"
        for n, (x, y) in enumerate(squares)
        for month in range(1, 9)
        for _ in range(rng.poisson(15 if n < 12 and month >= 7 else 30))
    ]
    (place / "data" / "panel.csv").write_text("\n".join(["month,E,N", *rows, ""]))
    assert main(["-w", str(place), "--json", "load"]) == 0
    loaded = json.loads(capsys.readouterr().out)["files"][0]
    assert (loaded["kept"], loaded["quarantined"]) == (len(rows), 0)
    assert main(["-w", str(place), "--json", "evaluate", "one"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["effect_verdict"] == "averted"
    assert found["rate_ratio"]["low"] < 0.5 < found["rate_ratio"]["high"]
    assert found["comparison"]["controls"] == 30
    # July and August: the last month counts whole, though its contacts say no day.
    assert found["averted_per_year"]["mid"] == pytest.approx(12 * 15 * 12, rel=0.15)


STREETS = """\
place = "made-up streets"
[[source]]
table = "contact"
files = "data/panel.csv"
agency = "police"
[source.columns]
contact = "number"
place = "street"
start = "month"
[source.constants]
service = "police"
kind = "police_incident"
precision = "month"
"""
