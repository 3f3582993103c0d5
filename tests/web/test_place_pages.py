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
    chain = page[page.index('id="figure-chain') :]
    assert all(f"{found[step]:,}" in chain for step in ("before_per_year", "expected_anyway_per_year", "seen_per_year"))
    against = page[page.index('id="against"') :][:400]
    assert re.search(r"a (fall|rise) of \d+%", against)
    assert re.search(r"Police incidents stood [\d.]+% below what the comparison expects", page)
