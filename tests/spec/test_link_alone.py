"""Where nothing can be joined by name nothing is compared: one agency alone, or numbers throughout."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from test_ready_answers import _numbers as numbers

from headwater.domain.workspace import SourceSettings
from headwater.link import link
from headwater.sources import load
from sources_world import KEY, place, write

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store

DAYS = {"from": "2023-01-01", "to": "2024-12-31"}
AT_ONCE = 20.0
"""Seconds on a busy machine; comparing everybody with everybody took minutes."""
NAMES = ("Imra", "Dolan", "Vess", "Orrin", "Tamsin")


def people(store: Store, root: Path, agencies: tuple[str, ...], size: int, numbered: bool) -> int:
    known = numbers(size) if numbered else [""] * size
    lines = "".join(
        f"R{at},{known[at]},{NAMES[at % 5]},Family{at % 97},19{at % 60 + 30}-0{at % 9 + 1}-1{at % 9}\n"
        for at in range(size)
    )
    sources = []
    for agency in agencies:
        write(root, f"data/{agency}.csv", "record,nhs_number,given_name,family_name,birth_date\n" + lines)
        sources.append(SourceSettings("record", f"data/{agency}.csv", agency))
    load(store, *place(root, *sources), KEY)
    link(store, DAYS)
    return store.rows("person")


def test_one_agency_alone_passes_at_once(store: Store, tmp_path: Path) -> None:
    began = time.process_time()
    faces = people(store, tmp_path, ("hospital",), 5_000, numbered=False)
    assert time.process_time() - began < AT_ONCE
    assert store.rows("link_pair") == 0
    assert 4_000 < faces <= 5_000, "records that look exactly alike are one person, nobody else is"


@pytest.mark.parametrize("size", [4_000])
def test_numbers_throughout_are_linked_by_them_alone(store: Store, tmp_path: Path, size: int) -> None:
    began = time.process_time()
    assert people(store, tmp_path, ("hospital", "council"), size, numbered=True) == size
    assert time.process_time() - began < AT_ONCE
    assert store.rows("link_pair") == 0
