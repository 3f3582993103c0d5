"""What somebody who looks at the pages sees: no two figures that contradict each other, no codes for headings, nothing
out of sight."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from headwater.app import governing, looks
from headwater.app.looks import Look
from headwater.app.place import Place
from headwater.app.shelf import Shelf
from headwater.web.server import warm
from web_place import fresh, own

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from headwater.web.asking import House


def words(text: str) -> str:
    """The page as it is read."""
    return " ".join(unescape(re.sub(r"<svg.*?</svg>|<[^>]+>", " ", text, flags=re.DOTALL)).split())


def cells(page: str, head: str) -> list[str]:
    """The cells of the table row with this heading."""
    row = next(one for one in re.findall(r"<tr.*?</tr>", page, flags=re.DOTALL) if f">{head}</th>" in one)
    return [words(one) for one in re.findall(r"<td.*?</td>", row, flags=re.DOTALL)]


def test_the_chance_of_a_what_if_is_a_chance_and_no_pounds(reader: TestClient) -> None:
    link = re.search(r'href="(/partners/what-if\?[^"]+)"', reader.get("/partners").text)
    assert link
    told = cells(reader.get(link[1].replace("&amp;", "&")).text, "Chance that it pays")
    assert told and all(re.fullmatch(r"(over |under )?\d+%", one) for one in told)


def test_what_was_only_seen_first_has_no_net_and_no_chance_beside_an_option(reader: TestClient, county: Place) -> None:
    found = Shelf(county.workspace).look("partners", "")
    assert found is not None
    options = found.content["options"]
    seen = next(one["id"] for one in options if one["board"] == "opportunity")
    other = next(one["id"] for one in options if one["board"] != "opportunity")
    page = reader.get("/partners/compare", params={"a": other, "b": seen}).text
    for head in ("Expected net a year", "Chance that it pays", "What finding out more is worth"):
        assert cells(page, head)[1] == "not tested" != cells(page, head)[0]
    drawn = next(one.content for one in found.figures if one.content.kind == "options")
    assert len(drawn.rows) == min(12, sum(one["board"] != "opportunity" for one in options))
    assert "that nobody has tested" in str(drawn.rows[0][-1])


def test_partners_that_were_found_are_not_said_to_be_looked_for_never(copied: House) -> None:
    for file in (copied.root / ".headwater" / "answers").glob("partners-*.json"):
        file.unlink()
    page = own(copied)[0].get("/partners").text
    assert "have not been looked for" not in page
    assert "/progress/ready" in page


def test_a_file_that_a_pattern_maps_is_mapped_before_anybody_looked_at_it(copied: House) -> None:
    for file in sorted((copied.root / ".headwater" / "checks").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    page = own(fresh(Place(copied.root)))[0].get("/data").text
    assert "contacts-0000" not in page.split("What was loaded")[0]
    assert "have not been looked at since" in page


def test_a_claim_is_headed_by_words(reader: TestClient) -> None:
    link = re.search(r'href="(/ledger/move\?claim=[^"]+)"', reader.get("/ledger/claims").text)
    assert link
    page = reader.get(link[1].replace("&amp;", "&")).text
    head = words(re.search(r"<h1.*?</h1>", page, flags=re.DOTALL)[0])  # type: ignore[index]
    assert "/forecast/" not in head and "ae_attendance" not in head and re.search(r"attendances|admissions", head)
    assert "Pool of averted contacts" not in page, "a forecast has none"


@pytest.mark.parametrize("path", ["form", "step/3"])
def test_a_plan_is_called_by_its_name_and_its_choices_by_words(reader: TestClient, path: str) -> None:
    page = reader.get(f"/plan/frequent-attenders/{path}").text
    assert words(re.search(r"<nav aria-label=\"Back\".*?</nav>", page, flags=re.DOTALL)[0]).startswith("Care plans")  # type: ignore[index]
    assert ">Main outcome</option>" in page and ">Other agencies’ demand</option>" in page
    assert 'value="primary"' in page, "what is sent is the schema's own word"


def test_tables_of_running_words_may_stack(reader: TestClient) -> None:
    for path in ("/results/frequent-attenders/checks", "/risks", "/ledger", "/reports/audit"):
        assert "hw-words" in reader.get(path).text


def test_an_agreement_that_lapsed_after_the_data_ended_is_warned_of_and_fails_its_gate(
    county: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for year, fired in ((2025, False), (2030, True)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str((year - 1970) * 31_556_952 + 86_400))
        warned = governing.warnings(county).content["indicators"]
        mine = {one["collaboration"]: one["fired"] for one in warned if one["name"] == "agreement-expiry"}
        assert mine["community-matrons"] is fired


def test_a_new_server_has_made_its_quick_answers_before_the_first_visit(
    county: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = fresh(county)
    warm(county, house)
    made: list[str] = []
    for name, look in looks.LOOKS.items():
        slow = Look(
            lambda place, about, name=name, look=look: made.append(name) or look.make(place, about),
            look.made_of,
            look.slow,
        )  # type: ignore[func-returns-value]
        monkeypatch.setitem(looks.LOOKS, name, slow)
    reader = own(house)[0]
    for path in (
        "/risks",
        "/risks/frequent-attenders",
        "/results/frequent-attenders",
        "/ledger",
        "/plan/frequent-attenders",
    ):
        assert reader.get(path).status_code == 200
    assert not {"warnings", "gates", "evaluation", "ledger", "progress", "risks"} & set(made)
