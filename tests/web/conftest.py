"""One county for all tests of the pages; a test that writes takes a copy."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from headwater.app.place import Place
from web_place import fresh, make_place, own

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

    from headwater.web.asking import House


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Place:
    root = tmp_path_factory.mktemp("web") / "a place"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_KEY_FILE", str(root.parent / "key"))
        return make_place(root)


@pytest.fixture(autouse=True)
def county_s_key(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the county's pseudonyms, for the tests that ask for the county and for no other."""
    if "county" in request.fixturenames:
        place: Place = request.getfixturevalue("county")
        monkeypatch.setenv("HEADWATER_KEY_FILE", str(place.workspace.root.parent / "key"))


@pytest.fixture(scope="session")
def house(county: Place) -> House:
    return fresh(county)


@pytest.fixture(scope="session")
def reader(house: House) -> TestClient:
    return own(house)[0]


@pytest.fixture
def copied(county: Place, tmp_path: Path) -> House:
    """A workspace of the test's own."""
    shutil.copytree(county.workspace.root, tmp_path / "copy")
    return fresh(Place(tmp_path / "copy"))
