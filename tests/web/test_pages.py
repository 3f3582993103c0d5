"""The pages: what each shows, what it weighs, what a form does, what is refused and how that is said."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
import time
import tomllib
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from headwater import governance
from headwater.app import booking, counting, evaluating, looking, looks, planning
from headwater.app.answer import Answer
from headwater.app.ledgers import ledger_of
from headwater.app.looks import Look
from headwater.app.place import Place
from headwater.app.ready import ready
from headwater.app.shelf import Shelf
from headwater.domain.errors import DisclosureBlock
from headwater.domain.workspace import Workspace
from headwater.governance import parse_protocol, read_protocol, template, templates, write_protocol
from headwater.report import NEEDS, gallery
from headwater.web.asking import Sheet
from headwater.web.forms import read, version
from headwater.web.jobs import STOPPED, Job, Jobs
from headwater.web.pages.gallery import READ
from headwater.web.protocol_form import filled, read_form
from headwater.web.server import house_of
from headwater.web.words import fewer
from money_world import AT, LOCK, claim, lot, people
from plain_english import faults
from web_place import LOOKS, Outline, fresh, own

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

    from headwater.web.asking import House

HEAVIEST = 250_000


@pytest.mark.parametrize("path", LOOKS)
def test_a_page_is_whole_light_and_free_of_script_and_style(reader: TestClient, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 200, answer.text[-2000:]
    page = Outline(answer.text)
    assert page.levels.count(1) == 1
    assert page.levels[0] == 1
    assert all(later - one <= 1 for one, later in zip(page.levels, page.levels[1:], strict=False)), page.levels
    assert not [one for one in set(page.ids) if page.ids.count(one) > 1]
    assert len(answer.content) < HEAVIEST
    assert page.harm == []
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_every_link_of_every_page_leads_somewhere(reader: TestClient) -> None:
    found = {link.split("#")[0] for path in LOOKS for link in Outline(reader.get(path).text).links}
    alike: dict[str, str] = {}
    for link in sorted(found):
        # Of links that differ in an id alone, one stands for all.
        shape = re.sub(r"=[^&]*", "", re.sub(r"/(plan|results|risks)/[^/?]+", r"/\1/ID", link))
        alike.setdefault(shape, link)
    inner = [link for link in alike.values() if link.startswith("/") and not link.startswith("/reports/file")]
    pages = {"/", "/about", "/data", "/partners", "/plan", "/results", "/ledger", "/risks", "/reports"}
    assert pages <= {link.split("?")[0] for link in inner}, "the links of the whole service were followed"
    assert all(link.startswith("/") for link in found if link)
    assert [link for link in inner if reader.get(link).status_code != 200] == []


def test_every_figure_is_three_clicks_or_less_from_its_files_its_code_and_its_protocol(
    reader: TestClient, county: Place
) -> None:
    for path in (
        "/results/frequent-attenders",
        "/results/frequent-attenders/figures",
    ):
        page = reader.get(path).text
        figures = re.findall(r"<figure.*?</figure>", page, re.DOTALL)
        assert figures
        for figure in figures:
            link = Outline(figure).links[-1]
            source = reader.get(link).text
            sha256 = governance.standing(county.workspace, "frequent-attenders").sha256
            assert sha256 in source
            assert "Code version" in source
            assert re.search(r"data/[a-z/_-]+\.csv.*?[0-9a-f]{64}", source, re.DOTALL)


def test_early_warnings_and_gates_are_there_once_the_pages_are_ready(reader: TestClient) -> None:
    assert re.search(r"\d+ of \d+ have fired", reader.get("/risks").text)
    assert "Gate: " in reader.get("/risks/frequent-attenders").text


def test_the_result_begins_with_both_verdicts_and_tells_one_chain(reader: TestClient, county: Place) -> None:
    page = reader.get("/results/frequent-attenders").text
    said = evaluating.shown(county, "frequent-attenders")
    assert said is not None
    assert page.index(escape(said["in_words"], quote=False)[:40]) < page.index("This points to")
    assert page.index("This points to") < page.index("Before, expected anyway and seen")
    chain = page[page.index('id="figure-chain') :]
    assert all(step in chain for step in ("Before it began", "Expected anyway", "Seen"))
    assert not re.search(r"How sure|very sure|explained by|Averted contacts", page)


def test_nothing_is_reckoned_while_somebody_waits_for_a_page(reader: TestClient) -> None:
    page = reader.get("/results/wellbeing-calls").text
    assert "It has not been evaluated" in page
    assert "<form" in page


def test_partners_are_filtered_by_style_and_organisation(reader: TestClient) -> None:
    everything = reader.get("/partners").text
    mirror = reader.get("/partners?style=mirror").text
    assert 0 < mirror.count('class="hw-option"') < everything.count('class="hw-option"')
    assert mirror.count("govuk-tag--purple") == mirror.count('class="hw-option"')
    link = next(one for one in Outline(everything).links if one.startswith("/partners/why"))
    assert "The reasons" in reader.get(link).text


def test_options_are_sorted_by_what_was_chosen_and_the_list_stands_before_the_pictures(
    reader: TestClient, county: Place
) -> None:
    page = reader.get("/partners?sort=cost").text
    costs = {
        one["id"]: one["cost_gbp_per_year"] for one in Shelf(county.workspace).look("partners", "").content["options"]
    }  # type: ignore[union-attr]
    order = [costs[unquote(one)] for one in re.findall(r'/partners/why\?id=([^"&]+)', page)]
    assert order == sorted(order, key=lambda cost: (cost is None, cost))
    assert page.index('class="hw-options"') < page.index("The same in pictures")


def test_two_options_stand_side_by_side(reader: TestClient, county: Place) -> None:
    first, second = [one["id"] for one in Shelf(county.workspace).look("partners", "").content["options"]][:2]  # type: ignore[union-attr]
    page = reader.get("/partners/compare", params={"a": first, "b": second}).text
    assert page.count("<th") >= 14 and "One-off cost" in page
    assert reader.get("/partners/compare", params={"a": first, "b": "nothing"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "head"),
    [
        ({"look": "evaluation", "about": "frequent-attenders", "table": "outcomes"}, "kind,role,verdict"),
        (
            {"look": "evaluation", "about": "frequent-attenders", "figure": "chain-ae_attendance"},
            "label,value,state,measure",
        ),
        ({"look": "worth", "about": "frequent-attenders", "table": "bearers"}, "bearer,invested_gbp"),
        ({"look": "partners", "table": "options"}, "id,rank,style"),
    ],
)
def test_tables_and_the_numbers_behind_figures_come_as_csv(
    reader: TestClient, asked: dict[str, str], head: str
) -> None:
    sent = reader.get("/csv", params=asked)
    assert sent.headers["content-type"].startswith("text/csv")
    assert sent.text.lstrip("\ufeff").startswith(head)
    rows = list(csv.reader(io.StringIO(sent.text)))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize(
    "asked",
    [
        {"look": "audit", "table": "entries"},
        {"look": "evaluation", "about": "frequent-attenders", "table": "enrolled"},
        {"look": "names"},
    ],
)
def test_nothing_but_what_pages_show_comes_as_csv(reader: TestClient, asked: dict[str, str]) -> None:
    assert reader.get("/csv", params=asked).status_code == 404


NAMES_OF_FILES = frozenset({"mend", "a value of a machine"})


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in LOOKS
        if not path.endswith(("/text", "/settings", "/register", "/form", "/audit", "/quarantine"))
        and path not in {"/data", "/about"}
    ],
)
def test_every_page_is_plain_english(reader: TestClient, path: str) -> None:
    shown = re.sub(
        r"<(style|script|svg|code|textarea|head|option)\b.*?</\1>", " ", reader.get(path).text, flags=re.DOTALL
    )
    text = unescape(re.sub(r"<[^>]+>", "\n", shown))
    text = re.sub(r"\S*/\S*\.\w+|\b[0-9a-f]{16,}\b|\S+\.(?:csv|toml|jsonl?|xlsx)\b|/[\w/.-]+", " ", text)
    assert faults(text, but=NAMES_OF_FILES) == []


# Forms


def test_a_protocol_s_form_and_its_text_say_the_same_for_every_template_and_plan(county: Place) -> None:
    texts = [template(name) for name in templates()]
    texts += [file.read_text() for file in county.workspace.collaborations.glob("*.toml")]
    for text in texts:
        found = tomllib.loads(text)
        given = {
            field.name: field.value
            for section in filled(found, {})
            for field in (*section["fields"], *(one for group in section["groups"] for one in group["fields"]))
        }
        back = {**read_form(given), "id": found["id"]}
        assert write_protocol(parse_protocol(back, "back")) == write_protocol(parse_protocol(found, "there"))


def _form(client: TestClient, path: str) -> dict[str, str]:
    """The last form of a page as a browser would send it back."""
    from html import unescape

    page = client.get(path).text
    form = re.findall(r'<form method="post".*?</form>', page, re.DOTALL)[-1]
    given = {
        name: unescape(value) for name, value in re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form)
    }
    given |= {
        name: unescape(value)
        for name, value in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    }
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        given[name] = unescape(chosen[0]) if chosen else unescape(re.findall(r'<option value="([^"]*)"', options)[0])
    return given


def test_a_form_is_saved_and_the_text_says_so(copied: House) -> None:
    client, _ = own(copied)
    given = _form(client, "/plan/wellbeing-calls/form")
    assert (
        client.post("/plan/wellbeing-calls/form", data={**given, "top.theory": "Somebody asks first."}).status_code
        == 200
    )
    file = copied.root / "collaborations" / "wellbeing-calls.toml"
    assert read_protocol(file).theory == "Somebody asks first."
    assert "Somebody asks first." in client.get("/plan/wellbeing-calls/text").text


def test_a_form_that_does_not_hold_is_shown_again_with_the_problem_at_its_field(copied: House) -> None:
    client, _ = own(copied)
    file = copied.root / "collaborations" / "wellbeing-calls.toml"
    before = read(file)
    given = _form(client, "/plan/wellbeing-calls/form")
    answer = client.post("/plan/wellbeing-calls/form", data={**given, "top.start": "soon", "top.level": "7"})
    assert answer.status_code == 400
    assert 'href="#top-start"' in answer.text
    assert 'id="top-start-error"' in answer.text
    assert "soon" in answer.text
    assert read(file) == before


def test_a_stale_form_is_refused_and_both_versions_are_kept(copied: House) -> None:
    client, _ = own(copied)
    file = copied.root / "collaborations" / "wellbeing-calls.toml"
    given = _form(client, "/plan/wellbeing-calls/text")
    theirs = read(file).replace("seed", "seed ") + "\n# by somebody else\n"
    file.write_text(theirs)
    mine = given["text"] + "\n# mine\n"
    answer = client.post("/plan/wellbeing-calls/text", data={**given, "text": mine})
    assert answer.status_code == 409
    assert "# by somebody else" in answer.text
    assert "# mine" in answer.text
    assert read(file) == theirs
    kept = list((copied.root / ".headwater" / "drafts").iterdir())
    assert [one.read_text().strip() for one in kept] == [mine.strip()]


def test_two_people_book_the_same_lot_and_the_second_is_told(copied: House) -> None:
    first, token = own(copied)
    ledger = ledger_of(_place(copied))
    ledger.open_lot(lot(), people(0, 100), LOCK, 3, AT)
    ledger.claim([claim("the-claim", role="analyst")], AT)
    head, chosen = ledger.head_hash, "the-claim"
    given = {"token": token, "claim": chosen, "version": head, "role": "director of finance", "reason": "checked"}
    assert first.post("/ledger/verify", data={**given, "state": "finance-accepted"}).status_code == 200
    second = first.post("/ledger/reverse", data=given)
    assert second.status_code == 400
    assert "moved on since" in second.text
    state = next(one for one in booking.show(_place(copied)).content["claims"] if one["claim"]["claim"] == chosen)
    assert state["claim"]["state"] == "finance-accepted"


def _place(house: House) -> Place:

    return Place(house.root)


def test_what_is_locked_is_what_was_on_the_screen(copied: House) -> None:
    client, token = own(copied)
    file = copied.root / "collaborations" / "wellbeing-calls.toml"
    held = version(read(file))
    file.write_text(read(file).replace('name = "', 'name = "New '))
    given = {"token": token, "version": held, "role": "head of strategy", "reason": "agreed"}
    assert client.post("/plan/wellbeing-calls/lock", data=given).status_code == 400
    assert client.post("/plan/wellbeing-calls/lock", data={**given, "version": version(read(file))}).status_code == 200
    assert "Locked" in client.get("/plan/wellbeing-calls").text


def test_an_error_says_what_was_given_what_is_allowed_and_what_next(reader: TestClient) -> None:
    page = reader.get("/plan/frequent-attender")
    assert page.status_code == 400
    for words in ("What was given", "What is allowed", "What to do next", "did you mean"):
        assert words in page.text.replace("Did you mean", "did you mean"), words
    assert reader.get("/nowhere").status_code == 404
    assert reader.get("/partners/why?id=<script>").status_code == 404
    assert "<script>" not in reader.get("/partners/why?id=<script>").text


def test_no_failure_shows_a_traceback(copied: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from headwater.app import reading

    def fails(*given: object) -> None:
        raise RuntimeError("secret 9990000018 of somebody")

    client, _ = own(copied)
    monkeypatch.setattr(reading, "checked", fails)
    answer = client.get("/data")
    assert answer.status_code == 500
    assert "RuntimeError" in answer.text
    assert "9990000018" not in answer.text
    assert "Traceback" not in answer.text


# What pages are made of


def test_a_page_takes_numbers_only_from_released_answers() -> None:
    with pytest.raises(DisclosureBlock):
        Sheet("start.html.j2", "x", {}, {"people": 7}).context()
    with pytest.raises(DisclosureBlock):
        Sheet("start.html.j2", "x", {"made": Answer({"people": 7})}).context()  # type: ignore[arg-type]


def test_an_answer_is_made_once_until_its_files_change(copied: House, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def make(place: Place, about: str) -> Answer:
        made.append(about)
        return booking.show(place)

    monkeypatch.setitem(looks.LOOKS, "ledger", Look(make, ("ledger",)))
    shelf, workspace = Shelf(Workspace(copied.root)), Workspace(copied.root)
    for _ in range(3):
        assert shelf.look("ledger") is not None
    assert len(made) == 1
    workspace.ledger.touch()
    workspace.audit_log.write_text("")
    shelf.look("ledger")
    assert len(made) == 1, "neither a time nor another file is a change"
    workspace.settings.write_text(workspace.settings.read_text() + "\n# another word\n")
    shelf.look("ledger")
    assert len(made) == 2


def test_a_slow_answer_is_what_the_last_step_left_and_nothing_else(
    copied: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reckons(place: Place, about: str) -> Answer:
        raise AssertionError("a page reckoned")

    for name, look in list(looks.LOOKS.items()):
        if look.slow:
            monkeypatch.setitem(looks.LOOKS, name, Look(reckons, look.made_of, slow=True))
    shelf = Shelf(Workspace(copied.root))
    for name, about in (("partners", ""), ("plan", "frequent-attenders"), ("worth", "frequent-attenders")):
        kept = shelf.look(name, about)
        assert kept is not None, name
        assert kept.content["schema"].startswith("headwater.")
    table = Workspace(copied.root).store / "manifest.json"
    table.write_text(table.read_text().replace('"key": "', '"key": "0', 1))
    assert shelf.look("partners") is None


def test_an_answer_on_the_disk_that_somebody_changed_is_not_shown(copied: House) -> None:
    file = next(Workspace(copied.root).answers.glob("worth-*.json"))
    file.write_text(file.read_text().replace('"invested_gbp":', '"invested_gbp":1', 1))
    assert Shelf(Workspace(copied.root)).look("worth", "frequent-attenders") is None


def test_a_page_s_figures_are_found_drawn(copied: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def draws(*given: object) -> str:
        raise AssertionError("a page drew a figure")

    monkeypatch.setattr(gallery, "draw", draws)
    client, _ = own(house_of(_place(copied)))
    for path in (
        "/partners",
        "/results/frequent-attenders/figures",
        "/results/frequent-attenders",
        "/plan/frequent-attenders",
    ):
        assert client.get(path).text.count("<svg") >= 2, path


def test_who_looked_is_on_record_once_a_day_and_what_was_made_ready_is_not(copied: House) -> None:
    client, _ = own(copied)
    place = Workspace(copied.root)
    for file in (place.audit_log, *place.hidden.rglob("audit*.head")):
        file.unlink(missing_ok=True)  # other tests looked at the county that this is a copy of
    for _ in range(3):
        client.get("/results/frequent-attenders")
        client.get("/results/frequent-attenders/money")
    client.get("/about")
    own(house_of(_place(copied)))[0].get("/results/frequent-attenders")
    ready(_place(copied))
    found = governance.audit_entries(Workspace(copied.root))
    assert [one["what"] for one in found] == ["look at results frequent-attenders"]
    assert found[0]["data"]


def test_results_of_an_earlier_version_are_named_as_such_and_never_shown(copied: House) -> None:
    for file in Workspace(copied.root).results.glob("partners-*.json"):
        file.write_text('{"key": "made by an earlier version", "value": [{"$": "Gone", "word": 1}]}')
    client, _ = own(copied)
    page = client.get("/partners")
    assert page.status_code == 200
    assert "by an earlier version of this program" in page.text
    assert "Find partners" in page.text


# Long steps


def _child(lines: list[dict[str, object]], rest: float = 0.0) -> list[str]:
    said = "\n".join(json.dumps(line) for line in lines)
    return [sys.executable, "-c", f"import time\nprint({said!r}, flush=True)\ntime.sleep({rest})"]


def _ended(jobs: Jobs) -> Job:
    for _ in range(400):
        if jobs.now is not None and jobs.now.ended:
            return jobs.now
        time.sleep(0.02)
    raise AssertionError("the job did not end")


def test_a_job_tells_its_steps_and_how_it_ended(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "times.json")
    lines = [{"step": "one", "done": 0, "of": 2}, {"step": "two", "done": 1, "of": 2}, {"ended": "Done.", "well": True}]
    assert jobs.start(Job("x", "X", "/"), _child(lines))
    job = _ended(jobs)
    assert (job.well, job.ended, job.steps) == (True, "Done.", ["one", "two"])
    assert jobs.usual("x")


def test_one_job_at_a_time_and_it_can_be_stopped() -> None:
    jobs = Jobs()
    assert jobs.start(Job("x", "X", "/"), _child([{"step": "long", "done": 1, "of": 9}], 30))
    assert not jobs.start(Job("y", "Y", "/"), _child([]))
    jobs.stop()
    assert _ended(jobs).ended == STOPPED


def test_a_job_that_dies_says_so() -> None:
    jobs = Jobs()
    jobs.start(Job("x", "X", "/"), [sys.executable, "-c", "import os; os._exit(3)"])
    job = _ended(jobs)
    assert not job.well
    assert "failed" in job.ended


def test_a_step_runs_in_its_own_process_and_its_page_shows_it(copied: House) -> None:
    client, token = own(copied)
    page = client.post("/data/load", data={"token": token})
    assert page.status_code == 200
    assert "Load and link the files" in page.text
    assert client.get("/progress").headers.get("refresh") or copied.jobs.now is not None
    assert client.post("/data/load", data={"token": token}).status_code in {200, 400}
    for _ in range(1800):  # a step that rests on what is kept takes seconds; minutes where every core has other work
        if copied.jobs.now is not None and copied.jobs.now.ended:
            break
        time.sleep(0.1)
    assert copied.jobs.now is not None
    assert copied.jobs.now.well, copied.jobs.now.ended
    assert "Done" in client.get("/progress").text


def test_a_range_of_averted_contacts_says_its_direction_in_words() -> None:
    assert fewer({"low": 19, "high": 159}) == "19 to 159 fewer"
    assert fewer({"low": -211, "high": -27}) == "27 to 211 more"
    assert fewer({"low": -44, "high": 23}) == "44 more to 23 fewer"


def test_every_kind_of_figure_says_how_it_is_read() -> None:
    assert set(READ) == set(NEEDS)


def test_what_is_counted_in_a_look_is_what_was_loaded(county: Place) -> None:
    """Each count is rounded to five, so sums may be off by that for each."""
    told = looking.look(county)
    with county.store() as store:
        rows, people = store.rows("contact"), store.rows("record")
    assert sum(one["contacts"].value or 0 for one in told["services"]) == pytest.approx(
        rows, abs=5 * len(told["services"])
    )
    assert sum(one["contacts"].value or 0 for one in told["coverage"]) == pytest.approx(
        rows, abs=5 * len(told["coverage"])
    )
    assert sum(one["records"].value or 0 for one in told["coverage"]) <= people + 5 * len(told["coverage"])


@pytest.fixture(scope="module")
def counted(county: Place, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A county in which the action week was locked, evaluated and counted: something was averted, and all of it is
    claimed."""
    root = tmp_path_factory.mktemp("counted") / "copy"
    shutil.copytree(county.workspace.root, root)
    place = Place(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_KEY_FILE", str(county.workspace.root.parent / "key"))
        planning.lock(place, "streetweek", "head of strategy", "before outcomes")
        told = counting.count(place, "streetweek").content
        assert told["claims"]["lots"], told["in_words"]
        ready(place)
        return own(fresh(place))[0]


def test_a_what_if_is_worked_out_without_a_script(counted: TestClient) -> None:
    page = counted.get("/results/streetweek/what-if?b-cost=0").text
    assert "As it stands" in page
    assert "Second what-if" in page
    assert counted.get("/results/streetweek/what-if?a-price=much").status_code == 400


def test_a_what_if_about_what_cannot_be_told_says_so(reader: TestClient) -> None:
    assert "no money to ask about yet" in reader.get("/results/frequent-attenders/what-if?b-cost=0").text


def test_an_option_of_the_list_can_be_asked_what_if(reader: TestClient) -> None:
    page = reader.get("/partners").text
    link = re.search(r'href="(/partners/what-if\?[^"]+)"', page)
    assert link, "no option offers a what-if"
    assert "Chance that it pays" in reader.get(link[1].replace("&amp;", "&")).text


def test_the_start_page_says_what_the_data_can_answer_and_what_is_missing(reader: TestClient) -> None:
    page = reader.get("/").text
    assert "What your data can answer" in page
    assert "Not yet" in page
    assert "No contact says why it came" in page


def test_nothing_is_offered_where_nothing_is_left(counted: TestClient) -> None:
    page = counted.get("/ledger").text
    assert "All claimed" in page
    assert "/ledger/claim?lot=" not in page
