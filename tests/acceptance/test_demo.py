"""The demonstration county from its files to its reports, judged by the truth that no step was shown."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import zipfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

import money_told
from attacker import HIGH, MASK, Page, programmes, steepest
from headwater.app import booking, counting, governing, planning
from headwater.app.demo import demo
from headwater.app.place import Place
from headwater.app.reading import names_of
from headwater.app.ready import ready
from headwater.cli.main import main
from headwater.domain.errors import ProtocolBreach
from headwater.report.kinds import capital, kind_words

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Made from nothing; HEADWATER_DEMO names the folder where it is to be left afterwards."""
    kept = os.environ.get("HEADWATER_DEMO")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("a place") / "northshire"
    return folder, demo(folder).content


def found(content: dict[str, Any], collaboration: str) -> dict[str, Any]:
    return next(one for one in content["collaborations"] if one["collaboration"] == collaboration)


def test_the_truth_lies_in_every_interval(county: tuple[Path, dict[str, Any]]) -> None:
    _, content = county
    assert {one["collaboration"]: one["held"] for one in content["truths"]} == dict.fromkeys(
        ("community-matrons", "frequent-attenders", "rapid-discharge", "streetweek", "wellbeing-calls"), True
    )


def test_the_three_truths_come_out(county: tuple[Path, dict[str, Any]]) -> None:
    _, content = county
    assert found(content, "frequent-attenders")["effect_verdict"] == "averted"
    assert found(content, "rapid-discharge")["effect_verdict"] == "harm"
    splendid = found(content, "wellbeing-calls")
    assert splendid["naive"]["change"] < -0.25
    assert splendid["effect_verdict"] in {"nothing-found", "cannot-tell"}
    assert splendid["booked"] == "refused"


FIRST_WORDS = {
    "averted": "Fewer ",
    "harm": "More ",
    "nothing-found": "No fall worth having ",
    "cannot-tell": "We cannot tell ",
}


def test_each_programme_s_report_opens_with_its_verdicts(county: tuple[Path, dict[str, Any]]) -> None:
    folder, content = county
    for one in content["collaborations"]:
        file = folder / "releases" / f"{one['collaboration']}-board-report.html"
        lead = re.search(r'<p class="lead">(.*?)</p>', file.read_text(encoding="utf-8"))
        assert lead is not None, one["collaboration"]
        assert lead[1].startswith(FIRST_WORDS[one["effect_verdict"]]), lead[1]
        assert not re.search(r"\b(sure|saved|surely)\b", lead[1])
        assert lead[1].count("..") == 0 and not re.search(r"\w+_\w+|\d{4}-\d{2}-\d{2}", lead[1])


def test_a_second_county_is_told_together_with_the_first(county: tuple[Path, dict[str, Any]]) -> None:
    """The small neighbour alone can hardly tell; given both it is told more nearly, and the true average lies
    inside."""
    folder, content = county
    pool = content["pool"]
    first = pool["outcomes"][0]
    assert pool["held"]
    assert first["kind"] == "ae_attendance"
    assert (first["verdict"] == "averted") == (first["average"]["high"] < 1), "two sites say little of their spread"
    sites = {one["site"]: one for one in first["sites"]}
    alone, both = (sites["Southshire"][key] for key in ("own", "with_all"))
    assert both["low"] < 0.7 < both["high"] < alone["high"], "the neighbour's true ratio is 0.7"
    assert both["high"] / both["low"] < 0.9 * alone["high"] / alone["low"]
    beside = (folder / "neighbour" / "releases" / "frequent-attenders-evidence.json").read_text(encoding="utf-8")
    people = pq.read_table(sorted((folder / "neighbour" / "truth").glob("persons-*.parquet"))[0])["record"].to_pylist()
    assert not [one for one in people if str(one) in beside]


def test_the_decoy_is_on_no_board_and_the_preventive_services_are(county: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = county
    truth = json.loads((folder / "truth" / "truth.json").read_text())
    place = Place(folder)
    from headwater.app import choosing

    options = choosing.find(place).content["options"]
    evidence = {one["id"] for one in options if one["board"] == "evidence"}
    for pair in truth["preventive"]:
        assert f"upstream:{pair.partition('/')[0]}" in evidence
    everywhere = [*options, *choosing.find(place, "advice-line").content["options"]]
    assert not [one["id"] for one in everywhere if truth["decoy"] in one["id"] or "advice-line" in one["partners"]], (
        "on no board, in no style"
    )


def test_the_options_come_in_the_order_of_what_they_truly_bring(county: tuple[Path, dict[str, Any]]) -> None:
    """In pounds of the whole place, over the options that matter; the truth of upstream from the lives, of sharing from
    the registers."""
    folder, _ = county
    from scipy.stats import kendalltau

    from headwater.app import choosing
    from headwater.app.valuing import price_book

    place, truth = Place(folder), json.loads((folder / "truth" / "truth.json").read_text())
    content = choosing.find(place).content
    found = {one["id"]: one["net_gbp_per_year"]["mid"] for row in content["options"] for one in (row, *row["inside"])}
    factor = max(one["place_factor"] for one in content["options"])
    assert factor == pytest.approx(truth["place_people"] / truth["people"], rel=0.1), (
        "told, and near the sample's share of the place"
    )
    prices = price_book(place).by_kind
    true = dict(truth["sharing_net_gbp_per_year"])
    for pair, averted in truth["tenth_more_averts_per_year"].items():
        service, kind = pair.split("/")
        cost = truth["tenth_more_contacts_per_year"][service] * prices[service].gbp
        true[f"upstream:{service}"] = factor * (averted * prices[kind].freed_gbp - cost)
    both = [
        (found[one], net) for one, net in true.items() if one in found and abs(net) >= content["floor_gbp_per_year"]
    ]
    assert len(both) >= 8
    assert {one.partition(":")[0] for one in true if one in found} == {"mirror", "integration", "upstream"}
    assert kendalltau(*zip(*both, strict=True)).statistic >= 0.8


def test_districts_that_could_share_are_named_first_among_mirrors(county: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = county
    from headwater.app import choosing

    truth = json.loads((folder / "truth" / "truth.json").read_text())
    mirrors = [
        one for one in choosing.find(Place(folder), style="mirror").content["options"] if "benefits" in one["id"]
    ]
    assert {tuple(one["partners"]) for one in mirrors[:2]} <= {tuple(sorted(pair)) for pair in truth["could_share"]} | {
        tuple(mirrors[1]["partners"])
    }
    assert tuple(mirrors[0]["partners"]) in {tuple(sorted(pair)) for pair in truth["could_share"]}


def test_overlapping_programmes_are_netted_and_harm_is_negative(county: tuple[Path, dict[str, Any]]) -> None:
    folder, content = county
    shown = booking.show(Place(folder)).content
    lots = {(lot["collaboration"], lot["kind"]): lot for lot in shown["lots"]}
    harm = lots["rapid-discharge", "ae_attendance"]
    assert harm["averted"] < 0
    words = {name: found(content, name)["effect_verdict"] for name in ("community-matrons", "frequent-attenders")}
    both = [lots[one, "ae_attendance"] for one, word in words.items() if word == "averted"]
    assert both, "what averted is booked, and what cannot be told is not"
    assert {one for one, _ in lots} & set(words) == {one for one, word in words.items() if word == "averted"}
    if len(both) == 2:
        assert sum(lot["available"] for lot in both) < sum(lot["averted"] for lot in both) - 1
    assert booking.check(Place(folder)).content["passed"]


def test_an_overclaim_is_refused_with_what_is_left(county: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = county
    lot = next(lot["lot"] for lot in booking.show(Place(folder)).content["lots"] if lot["averted"] > 0)
    with pytest.raises(ProtocolBreach, match="available"):
        booking.claim(Place(folder), lot, "icb", 140.0, "2023-24", "one more")


def test_planted_events_fire_their_indicators(county: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = county
    fired = {
        (one["name"], one["collaboration"])
        for one in governing.warnings(Place(folder)).content["indicators"]
        if one["fired"]
    }
    assert {
        ("agreement-expiry", "frequent-attenders"),
        ("partner-capacity", "community-matrons"),
        ("link-rate-social-care", ""),
        ("displacement", "rapid-discharge"),
    } <= fired


def test_counting_twice_changes_nothing(county: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = county
    before = (folder / "ledger.jsonl").read_bytes()
    counting.count(Place(folder), "frequent-attenders")
    assert (folder / "ledger.jsonl").read_bytes() == before


def test_a_changed_protocol_is_a_breach_and_an_amended_one_says_so(
    county: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, _ = county
    file = folder / "collaborations" / "wellbeing-calls.toml"
    whole = file.read_text()
    try:
        file.write_text(whole.replace("within_days = 60", "within_days = 30"))
        assert main(["-w", str(folder), "evaluate", "wellbeing-calls"]) == 4
        assert "entry" in capsys.readouterr().err
    finally:
        file.write_text(whole)
    assert planning.listing(Place(folder)).content["protocols"][-1]["status"] == "locked"


def texts(file: Path) -> str:
    """All the text of an artefact, packed or not."""
    if file.suffix in {".docx", ".xlsx", ".ods"}:
        with zipfile.ZipFile(file) as packed:
            return "\n".join(
                packed.read(name).decode("utf-8", "ignore")
                for name in packed.namelist()
                if not name.endswith((".png", ".ttf"))
            )
    if file.suffix == ".pdf":
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(file.read_bytes())).pages)
    return file.read_text(encoding="utf-8", errors="ignore")


def test_no_identifier_is_in_anything_that_left(county: tuple[Path, dict[str, Any]]) -> None:
    folder, content = county
    names = pq.read_table(sorted((folder / "truth").glob("persons-*.parquet"))[0])["record"].to_pylist()
    identifiers = set(names[:3000])
    pattern = re.compile(r"\b[A-Z-]{2}\d{7}-\d+\b|(?<![\d.])999\d{7}\b|\b[0-9a-f]{32}\b")
    released = [file for file in sorted((folder / "releases").iterdir()) if file.is_file()]
    assert {file.suffix for file in released} == {".html", ".pdf", ".docx", ".xlsx", ".ods", ".json", ".jsonl"}
    for file in [*released, folder / ".headwater" / "audit.jsonl", folder / "ledger.jsonl"]:
        found_here = set(pattern.findall(texts(file)))
        assert not found_here & identifiers, file.name
        assert not [one for one in found_here if one.startswith("999")], file.name
        assert not [one for one in found_here if len(one) == 32], file.name
    assert not set(pattern.findall(json.dumps(content, default=str)))


SAID = (
    "load",
    "link",
    "partners",
    "partners --for hospital",
    "plan frequent-attenders",
    "plan frequent-attenders --goal gbp=67000",
    "evaluate frequent-attenders",
    "evaluate wellbeing-calls",
    "count rapid-discharge",
    "count frequent-attenders --lens social",
    "settle frequent-attenders",
    "settle rapid-discharge",
    "ledger show",
    "ledger show --by year",
    "ledger check",
    "ledger verify",
    "ledger accept nothing --role finance --reason no",
    "risk list",
    "risk warnings",
    "risk value frequent-attenders",
    "gate show frequent-attenders",
    "gate timeline frequent-attenders",
    "prices check",
    "protocol list",
    "protocol check streetweek",
    "audit",
    "doctor",
    "forget hospital HO0000000-0 --role nobody --reason none",
    "explain nothing",
)


def test_nothing_said_or_written_names_anybody_or_a_few(
    county: tuple[Path, dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every verb in words and as JSON, its progress and its errors, every page, every export: none holds an identifier,
    a pseudonym, a name, or a masked count. A number of people is 0, *, or a multiple of 5."""
    import shutil

    from openpyxl import load_workbook

    from headwater.web.server import house_of
    from web_place import LOOKS, own

    root = shutil.copytree(county[0], tmp_path / "northshire")
    said: dict[str, str] = {}
    for words in SAID:
        for form in ((), ("--json",)):
            capsys.readouterr()
            main(["-w", str(root), *words.split(), *form])
            heard = capsys.readouterr()
            said[f"{words} {' '.join(form)}"] = heard.out + heard.err
    for words in (
        "request frequent-attenders hospital",
        *(f"protocol export frequent-attenders --as {what}" for what in ("registry", "agreement", "assessment")),
    ):
        assert main(["-w", str(root), *words.split()]) == 0
    visitor, _token = own(house_of(Place(root)))
    said |= {path: visitor.get(path).text for path in LOOKS}
    released = [file for file in sorted((root / "releases").iterdir()) if file.is_file()]
    said |= {file.name: texts(file) for file in (*released, root / "ledger.jsonl", root / ".headwater" / "audit.jsonl")}
    known = identifiers_of(root)
    assert len(known) > 20_000
    word = re.compile(r"[A-Za-z0-9'\-]+")
    for where, text in said.items():
        heard_words = word.findall(text)
        pairs = {f"{one} {other}" for one, other in itertools.pairwise(heard_words)}
        assert not (set(heard_words) | pairs) & known, where
    reasons = json.loads(said["evaluate frequent-attenders --json"])["left_out"]
    assert "*" in reasons.values(), "the county has a group too small to show"
    assert all(shown == "*" or float(str(shown).replace(",", "")) % 5 == 0 for shown in reasons.values())
    sheet = load_workbook(root / "releases" / "frequent-attenders-board-report.xlsx")["Methods"]
    table = sheet[sheet.tables["t_left_out"].ref]
    shown = [row[1].value for row in table[1:]]
    assert "*" in shown
    assert all(cell in {"*", None} or float(cell) % 5 == 0 for cell in shown)


def identifiers_of(root: Path) -> set[str]:
    """Names and numbers of people as the agencies have them, NHS numbers, and the pseudonyms they became."""
    import csv

    found: set[str] = set()
    for file in sorted((root / "data").glob("*/people-*.csv")):
        with file.open(encoding="utf-8-sig", errors="ignore", newline="") as lines:
            for row in itertools.islice(csv.reader(lines), 1, None):
                found |= {cell for cell in row if re.fullmatch(r"[A-Z]{2}\d{7}-\d+|\d{10}", cell)}
                found.add(f"{row[2]} {row[3]}")
    place = Place(root)
    with place.store() as store:
        for table in ("record", "person"):
            column = table
            found |= set(store.arrow(store.table(table).select(column))[column].to_pylist())
    return found


def test_a_second_demonstration_writes_the_same_bytes(county: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = county
    before = {file.name: file.read_bytes() for file in (folder / "releases").iterdir() if file.is_file()}
    assert main(["demo", str(folder), "--no-open"]) == 0
    assert {file.name: file.read_bytes() for file in (folder / "releases").iterdir() if file.is_file()} == before


def test_a_report_verifies_until_it_is_touched(county: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = county
    file = folder / "releases" / "frequent-attenders-board-report.html"
    assert main(["-w", str(folder), "verify", str(file)]) == 0
    whole = file.read_bytes()
    try:
        file.write_bytes(whole.replace(b"fewer", b"fewest", 1))
        assert main(["-w", str(folder), "verify", str(file)]) == 1
    finally:
        file.write_bytes(whole)


def test_no_masked_count_can_be_solved_from_the_released_reports(county: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = county
    pages = sorted((folder / "releases").glob("*.html"))
    attacked = programmes(pages)
    assert len(pages) == 6
    assert sum(len(one.masked) for one in attacked) > 0
    assert [one.solved() for one in attacked] == [{}] * len(attacked)


def test_no_masked_count_can_be_solved_from_the_evidence_that_went_to_others(
    county: tuple[Path, dict[str, Any]],
) -> None:
    """Nor from it beside the report: an outcome that has few contacts there sends neither its curve nor its averted
    ones."""
    folder, _ = county
    sent = json.loads((folder / "releases" / "frequent-attenders-evidence.json").read_text(encoding="utf-8"))
    page = Page((folder / "releases" / "frequent-attenders-board-report.html").read_text(encoding="utf-8"))
    told = {row[0]: row for row in page.table("Every outcome")}
    assert len(sent["outcomes"]) == len(told) > 2
    for one in sent["outcomes"]:
        if one["curve"]:
            assert min(steepest(one["curve"]["heights"], sent["points"]["reach"])) > HIGH, one["kind"]
        row = told[capital(kind_words(one["kind"]))]
        assert row[4] != MASK or one["averted_per_year"] is None, one["kind"]
        assert row[4] == MASK or MASK not in row[6:], one["kind"]


def test_every_pound_that_leaves_has_one_value(county: tuple[Path, dict[str, Any]]) -> None:
    """JSON, terminal, web pages, page, paper, print, workbook and open spreadsheet tell each labelled figure alike, and
    each tells some."""
    from headwater.web.server import house_of
    from web_place import own

    folder, content = county
    place = Place(folder)
    ready(place)  # whatever a test before it asked for, no page says that it is still being worked out
    visitor, _token = own(house_of(place))
    with place.store() as store:
        names = {capital(name): code for code, name in names_of(store).items()}
    doors: Counter[str] = Counter()
    for one in content["collaborations"]:
        answer = counting.preview(place, one["collaboration"])
        assert answer is not None
        assert money_told.two_meanings(answer.content) == []
        report = folder / "releases" / f"{one['collaboration']}-board-report"
        looks = "".join(visitor.get(f"/results/{one['collaboration']}{look}").text for look in ("", "/money"))
        read = {
            "json": money_told.of_json(answer.content),
            "terminal": money_told.of_terminal(answer.content),
            "browser": money_told.of_browser(looks, names),
            "page": money_told.of_page(report.with_suffix(".html"), names),
            "paper": money_told.of_paper(report.with_suffix(".docx"), names),
            "print": money_told.of_printed_page(report.with_suffix(".pdf"), names),
            "workbook": money_told.of_workbook(report.with_suffix(".xlsx"), names),
            "open spreadsheet": money_told.of_open_spreadsheet(report.with_suffix(".ods"), names),
        }
        assert money_told.two_values(gathered(read, doors)) == []
    assert min(doors[door] for door in (*read, "json")) >= 20, doors


def gathered(
    read: dict[str, Iterator[tuple[str, tuple[float, float]]]], doors: Counter[str]
) -> dict[str, list[tuple[str, tuple[float, float]]]]:
    told: dict[str, list[tuple[str, tuple[float, float]]]] = defaultdict(list)
    for door, figures in read.items():
        for name, gbp in figures:
            told[name].append((door, gbp))
            doors[door] += 1
    return told


def test_what_is_booked_is_the_same_at_every_door_and_in_every_live_formula(
    county: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    from headwater.web.server import house_of
    from web_place import own

    folder, _ = county
    place = Place(folder)
    visitor, _token = own(house_of(place))
    with place.store() as store:
        names = {capital(name): code for code, name in names_of(store).items()}
    totals = booking.show(place).content["totals"]
    capsys.readouterr()
    assert main(["-w", str(folder), "ledger", "show"]) == 0
    books = sorted((folder / "releases").glob("*-board-report.xlsx"))
    doors: Counter[str] = Counter()
    read = {
        "json": money_told.booked_in_json(totals),
        "terminal": money_told.booked_in_terminal(capsys.readouterr().out, list(names.values())),
        "browser": money_told.booked_in_browser(visitor.get("/ledger").text, names),
        "workbooks": money_told.booked_in_workbooks(books, names),
    }
    assert money_told.two_values(gathered(read, doors)) == []
    assert min(doors.values()) >= 15 and len(doors) == 4, doors
    formulas = [money_told.miscounted(book) for book in books]
    assert [wrong for _, wrong in formulas] == [[]] * len(books)
    assert sum(number for number, _ in formulas) > 20


def test_the_true_money_is_beside_the_booked_one(county: tuple[Path, dict[str, Any]]) -> None:
    """A perfect observer books the truth's contacts at the book's prices; nothing for the programme that did
    nothing."""
    folder, content = county
    true, booked = content["money"]["true"], content["money"]["booked"]
    assert json.loads((folder / "truth" / "truth.json").read_text())["money"] == true
    pounds = ("cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp")
    by_programme = {
        side: {
            one["collaboration"]: sum(
                row[name] for row in rows if row["collaboration"] == one["collaboration"] for name in pounds
            )
            for one in content["collaborations"]
        }
        for side, rows in (("true", true), ("booked", booked))
    }
    assert by_programme["true"]["wellbeing-calls"] == by_programme["booked"]["wellbeing-calls"] == 0
    assert by_programme["true"]["rapid-discharge"] < 0 and by_programme["booked"]["rapid-discharge"] < 0
    assert by_programme["true"]["frequent-attenders"] > by_programme["booked"]["frequent-attenders"] > 0, (
        "a low number that stands"
    )
    paid = {
        side: sum(row["invested_gbp"] for row in rows if row["collaboration"] == "frequent-attenders")
        for side, rows in (("true", true), ("booked", booked))
    }
    assert paid["booked"] == pytest.approx(paid["true"], rel=0.05)
