"""kill -9 at any moment of `run`, then `run` again: the same bytes as a run that nobody disturbed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from headwater.app import planning
from headwater.app.evaluating import protocols
from headwater.app.place import Place
from headwater.worlds import write_county

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(os.name == "nt", reason="kill -9 is a matter of POSIX systems"),
]
SPARED = ("community-matrons", "rapid-discharge", "wellbeing-calls")
"""Programmes whose steps are those of the one that stays: one of people and one of places are enough to be killed
in."""
FIXED = {"SOURCE_DATE_EPOCH": "1736150400", "PYTHONHASHSEED": "0"}


def run(place: Path, key: Path, seconds: float | None = None) -> int:
    """`headwater run` on a place, killed after so many seconds where some are given."""
    environment = {**os.environ, **FIXED, "HEADWATER_KEY_FILE": str(key)}
    process = subprocess.Popen(
        [sys.executable, "-m", "headwater", "-w", str(place), "-q", "run"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if seconds is not None:
        time.sleep(seconds)
        process.kill()
    _, said = process.communicate()
    assert seconds is not None or process.returncode == 0, said.decode()
    return process.returncode


def left(place: Path) -> dict[str, bytes]:
    files = [*sorted((place / "releases").iterdir()), place / "ledger.jsonl"]
    return {file.name: file.read_bytes() for file in files if file.is_file()}


def test_a_killed_run_ends_in_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "key"
    key.write_text("11" * 32)
    for name, value in {**FIXED, "HEADWATER_KEY_FILE": str(key)}.items():
        monkeypatch.setenv(name, value)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    write_county(whole, people=5000)
    for name in SPARED:
        (whole / "collaborations" / f"{name}.toml").unlink()
    for protocol in protocols(Place(whole)):
        planning.lock(Place(whole), protocol.id, "head of strategy", "agreed")
    shutil.copytree(whole, broken)
    run(whole, key)
    for seconds in (2.0, 3.5, 6.0, 9.0):
        run(broken, key, seconds)
    run(broken, key)
    assert left(broken) == left(whole)
