"""The pages of a collaboration that acts on places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.app import evaluating
from headwater.app.place import Place
from web_place import own

if TYPE_CHECKING:
    from headwater.web.asking import House


def test_a_places_result_shows_before_and_after_beside_the_comparison_and_draws_its_series(copied: House) -> None:
    found = evaluating.evaluate(Place(copied.root), "streetweek").content["naive"]
    page = own(copied)[0].get("/results/streetweek").text
    naive, real = (page[page.index(f'id="{name}"') :][:900] for name in ("naive-h", "real-h"))
    assert f"of {abs(found['change']):.0%}" in naive
    assert "where nothing was done, it changed as well" in naive
    assert re.search(r"A (fall|rise) of \d+%", real)
    assert "people are taken on" not in page
    assert re.search(r"Police incidents stood [\d.]+% below what the comparison expects", page)
