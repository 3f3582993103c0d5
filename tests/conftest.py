"""What several kinds of test share: the real data beside the project where it is present, and an empty store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headwater.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.store import Store

ROOT = Path(__file__).resolve().parents[1]


SLOWEST = (
    "acceptance/test_demo.py",
    "agreement/test_engines_county.py",
    "acceptance/test_run_killed.py",
    "invariants/test_acts_cut_off.py",
    "agreement/test_engines_link.py",
    "web/test_pages.py",
    "acceptance/test_tutorial.py",
    "agreement/test_engines_agree.py",
    "web/test_security.py",
    "web/test_browser.py",
    "spec/test_add_stages.py",
)
"""Files that take minutes: begun first, so that at the end no process waits for the other."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {Path(__file__).parent / name: at for at, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: place.get(item.path, len(SLOWEST)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data and oracles beside the project; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("HEADWATER_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the shared real data are not beside the project (HEADWATER_SHARED_DATA names another folder)")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "store") as opened:
        yield opened
