"""Who may come in and do what, where a form may come from, what an upload may be, and hostile names on every way
out."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import subprocess
import zipfile
from hashlib import sha256
from html import unescape
from importlib.resources import files
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from headwater.app import leaving
from headwater.app.place import Place
from headwater.domain.errors import Usage
from headwater.domain.workbook import MOST_PARTS
from headwater.report import FORMATS, font_file
from headwater.store.files import as_words
from headwater.web import uploads
from headwater.web.access import EXAMPLE, Role, shared_door
from headwater.web.application import application
from headwater.web.guard import LARGEST_FORM
from headwater.web.server import house_of
from headwater.web.ways import UPLOAD, WAYS, Way
from web_place import CODE, FORMULA, LINK, LOOKS, MARKUP, PEOPLE, SCRIPT, SECRET, SQL, Outline, own, shared, signed

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.web.asking import House

NAMES = {"id": "frequent-attenders", "name": "none.html"}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "'; DROP TABLE contact; --",
    '#read("/etc/passwd") $x$ *b* _i_',
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; & ]]> <!-- ",
    "\u202egnp.exe",
)


def address(way: Way) -> str:
    for name, value in NAMES.items():
        way = Way(way.path.replace(f"{{{name}}}", value), way.act, way.roles, way.method)
    return way.path


@pytest.fixture(scope="module")
def people(house: House) -> TestClient:
    return TestClient(application(house, shared()), follow_redirects=False)


# Doors


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.method} {way.path}")
def test_nobody_comes_in_without_being_known(people: TestClient, house: House, way: Way) -> None:
    alone, _ = own(house)
    alone.cookies.clear()
    for client in (people, alone):
        assert client.request(way.method, address(way)).status_code == 403


@pytest.mark.parametrize("role", list(Role), ids=str)
@pytest.mark.parametrize("way", [way for way in WAYS if way.method == "POST"], ids=lambda way: way.path)
def test_each_act_is_open_to_its_roles_alone(people: TestClient, way: Way, role: Role) -> None:
    """A visitor whose role may act gets as far as the form's token; any other is refused for the role."""
    name = next(who for who, theirs in PEOPLE.items() if theirs is role)
    answer = people.post(address(way), data={"token": "guess"}, headers=signed(name))
    assert answer.status_code == 403
    assert ("form is not ours" in answer.text) == (role in way.roles)
    assert ("role may not do this" in answer.text) == (role not in way.roles)


@pytest.mark.parametrize("role", list(Role), ids=str)
@pytest.mark.parametrize("way", [way for way in WAYS if way.method == "GET"], ids=lambda way: way.path)
def test_each_page_is_open_to_its_roles_alone(people: TestClient, way: Way, role: Role) -> None:
    name = next(who for who, theirs in PEOPLE.items() if theirs is role)
    may = role in way.roles or Role.READER in way.roles
    answer = people.get(address(way), headers=signed(name))
    assert (answer.status_code == 403) != may


def test_the_table_of_roles_is_the_one_that_was_agreed() -> None:
    """Readers never write; finance alone verifies and reverses; analysts alone load, plan, evaluate and claim."""
    acts = {way.path: way.roles for way in WAYS if way.method == "POST"}
    assert all(Role.READER not in roles for roles in acts.values())
    finance = {path for path, roles in acts.items() if roles == {Role.FINANCE}}
    assert finance == {"/ledger/verify", "/ledger/reverse"}
    assert {path for path, roles in acts.items() if Role.FINANCE in roles} - finance == {"/risks/{id}/decide"}
    assert Role.ANALYST in acts["/ledger/claim"]


def test_a_name_counts_only_from_the_proxy_with_its_secret_and_once(people: TestClient, house: House) -> None:
    name = next(iter(PEOPLE))
    assert people.get("/", headers=signed(name)).status_code == 200
    assert people.get("/", headers=signed(name.upper())).status_code == 200
    alike = {**signed(name), "x-remote-user": name.replace("e", "\u0435").encode()}
    assert people.get("/", headers=alike).status_code == 403, "a name that looks the same opens nothing"  # type: ignore[arg-type]
    assert people.get("/", headers={"x-remote-user": name}).status_code == 403
    assert people.get("/", headers={**signed(name), "x-headwater-proxy": "wrong"}).status_code == 403
    assert people.get("/", headers=signed("stranger@example.org")).status_code == 403
    twice = [("x-remote-user", name), ("x-remote-user", name), ("x-headwater-proxy", SECRET)]
    assert people.get("/", headers=twice).status_code == 403  # type: ignore[arg-type]
    elsewhere = TestClient(application(house, shared()), client=("10.0.0.9", 1))
    assert elsewhere.get("/", headers=signed(name)).status_code == 403


def test_the_list_of_people_is_read_whole_or_refused_with_every_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "people.toml"
    with pytest.raises(Usage, match="needs a list"):
        shared_door(file)
    file.write_text('header = ""\nproxies = ["*"]\n[people]\nx = "king"\n')
    with pytest.raises(Usage) as told:
        shared_door(file)
    assert told.value.given.count(";") == 4
    file.write_text(EXAMPLE + '"An.Analyst@Example.org" = "finance verifier"\n')
    with pytest.raises(Usage, match="cannot be used") as told:
        shared_door(file)
    assert "in two spellings" in told.value.given
    file.write_text(EXAMPLE)
    monkeypatch.delenv("HEADWATER_PROXY_SECRET", raising=False)
    with pytest.raises(Usage, match="secret"):
        shared_door(file)
    monkeypatch.setenv("HEADWATER_PROXY_SECRET", SECRET)
    door = shared_door(file)
    assert set(door.people.values()) == set(Role)
    assert SECRET not in repr(door)


def test_the_link_works_once_and_the_cookie_is_this_browser_s_alone(house: House) -> None:
    from headwater.web.access import OwnComputer

    door = OwnComputer()
    token = door.token
    client = TestClient(application(house, door, ("testserver",)), follow_redirects=False)
    assert client.get("/enter?token=guess").status_code == 403
    entered = client.get(f"/enter?token={token}")
    assert entered.status_code == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=strict" in entered.headers["set-cookie"]
    assert client.get(f"/enter?token={token}").status_code == 403


def test_another_host_is_refused(house: House) -> None:
    client, _ = own(house)
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"):
        assert client.get("/", headers={"host": host}).status_code == 400


def test_a_form_of_another_site_is_refused_before_it_is_read(house: House) -> None:
    client, token = own(house)
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ):
        answer = client.post("/progress/stop", data={"token": token}, headers=headers)
        assert answer.status_code == 403
        assert "another site" in answer.text
    assert (
        client.post(
            "/progress/stop",
            data={"token": token},
            headers={"origin": "http://testserver", "sec-fetch-site": "same-origin"},
        ).status_code
        == 200
    )


def test_every_answer_forbids_the_rest(house: House) -> None:
    client, _ = own(house)
    for path in ("/", "/nowhere", "/static/govuk.css", "/static/../headwater.toml", "/reports/file/none"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith(("default-src 'none'", "sandbox"))
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == "same-origin"
    assert client.get("/").headers["cache-control"] == "no-store"


def test_nothing_outside_its_folder_is_served(house: House) -> None:
    client, _ = own(house)
    for name in ("../headwater.toml", "..%2Fheadwater.toml", "%2e%2e/ledger.jsonl", "register.jsonl", "/etc/passwd"):
        assert client.get(f"/reports/file/{name}").status_code == 404
        assert client.get(f"/static/{name}").status_code == 404
    for file in ("headwater.toml", "data/../headwater.toml", "/etc/passwd", "../x.csv", "data"):
        assert client.get("/data/map", params={"file": file}).status_code == 400


# Uploads


def _sent(client: TestClient, token: str, name: str, content: bytes) -> int:
    return client.post(
        UPLOAD, data={"token": token}, files={"file": (name, content)}, follow_redirects=False
    ).status_code


def test_uploads_stay_in_their_folder_and_overwrite_nothing(copied: House) -> None:
    client, token = own(copied)
    data = copied.root / "data"
    for name in ("../../escape.csv", "..\\escape.csv", "/etc/escape.csv"):
        (data / "escape.csv").unlink(missing_ok=True)
        assert _sent(client, token, name, b"a,b\n1,2\n") == 303
        assert (data / "escape.csv").read_bytes() == b"a,b\n1,2\n"
    assert not (copied.root.parent / "escape.csv").exists()
    assert _sent(client, token, "escape.csv", b"other") == 400
    assert (data / "escape.csv").read_bytes() == b"a,b\n1,2\n"
    for name in ("run.exe", ".hidden.csv", "<script>.csv", "a\u202egpj.csv", "=cmd.csv", "x" * 200 + ".csv", "e.csv\n"):
        assert _sent(client, token, name, b"x") in {303, 400}
        assert not [file for file in data.iterdir() if file.suffix not in {".csv", ".toml", ""} or "<" in file.name]
    assert _sent(client, token, "empty.csv", b"") == 400
    assert not list(data.glob(".*.part"))


def test_a_body_beyond_the_limit_is_refused_with_and_without_a_length(copied: House) -> None:
    client, _token = own(copied)
    assert client.post("/plan/new", content=b"x" * (LARGEST_FORM + 1)).status_code == 413
    pieces = (b"x" * 65536 for _ in range(LARGEST_FORM // 65536 + 2))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/plan/new", content=pieces, headers=kind).status_code == 413
    assert client.post("/plan/new", content=b"", headers={"content-length": "-5"}).status_code in {400, 413}


def _workbook(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "entities.xlsx",
            _workbook({"xl/workbook.xml": b'<!DOCTYPE l [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><l>&c;</l>'}),
        ),
        (
            "entities16.xlsx",
            _workbook({"xl/workbook.xml": '<!DOCTYPE l [<!ENTITY a "b">]><l>&a;</l>'.encode("utf-16")}),
        ),
        ("many.xlsx", _workbook({f"xl/{at}.bin": b"" for at in range(MOST_PARTS + 1)})),
        ("no.xlsx", b"PK but no workbook"),
        ("no.parquet", b"PAR1 but no table"),
        ("no.csv.gz", b"\x1f\x8b but not packed"),
        ("cut.csv.gz", gzip.compress(b"a,b\n" * 1000)[:-10]),
    ],
    # Bytes of packed files hold the time they were packed at, and a test's name must not.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bombs_and_pretenders_are_refused_and_leave_nothing(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(Usage):
        uploads.take(tmp_path, name, io.BytesIO(content))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("packed", ["xlsx", "gz"])
def test_a_file_that_unpacks_beyond_measure_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: str
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_UNPACKED", 4 << 20)
    noughts = bytes(5 << 20)
    bomb = _workbook({"xl/big.xml": noughts}) if packed == "xlsx" else gzip.compress(noughts)
    name = "bomb.xlsx" if packed == "xlsx" else "bomb.csv.gz"
    assert len(bomb) < 50_000
    with pytest.raises(Usage, match="unpacks"):
        uploads.take(tmp_path, name, io.BytesIO(bomb))
    assert list(tmp_path.iterdir()) == []
    two = gzip.compress(b"a\n") + gzip.compress(b"1\n")
    assert uploads.take(tmp_path, "two.csv.gz", io.BytesIO(two)) == "two.csv.gz"


# Names


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A workspace whose place, organisations, services, files and risks bear names that somebody chose to do harm."""
    from headwater.app import reading
    from headwater.app.place import Place
    from headwater.app.starting import new

    root = tmp_path_factory.mktemp("hostile") / "place"
    new(root)
    import csv

    with (root / "data" / "organisations.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["organisation", "name", "sort"])
        writer.writerows([[name, name, "council-district"] for name in HOSTILE])
    (root / "headwater.toml").write_text(
        (root / "headwater.toml").read_text().replace('place = "', "place = '''<script>alert(1)</script>" + "''' #")
    )
    place = Place(root)
    reading.load(place)
    return house_of(place)


def test_hostile_names_are_words_on_every_page(hostile: House) -> None:
    client, _ = own(hostile)
    for path in ("/", "/data", "/partners", "/plan", "/ledger", "/risks", "/data/settings", "/made-from"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "49" not in page.text or "{{" not in page.text
    assert "&lt;script&gt;alert(1)" in client.get("/").text


def test_hostile_names_are_values_in_the_store(hostile: House) -> None:
    from headwater.app import reading
    from headwater.app.place import Place

    names = reading.organisation_names(Place(hostile.root)).content["names"]
    # A name that begins with a quotation mark of its own is told as one left open, and set aside with that reason.
    read = [name for name in HOSTILE if not name.startswith('"')]
    # Letters of no width, and those that turn the reading direction, are no part of an identifier.
    assert set(names) == {name.strip().replace("\u202e", "") for name in read}


def test_every_page_says_hostile_names_and_does_nothing_they_say(reader: TestClient) -> None:
    """Names of an organisation, a service, a collaboration and a risk that would be script, markup, formulas, code or
    SQL."""
    pages = {path: reader.get(path).text for path in LOOKS}
    everything = unescape("".join(pages.values()))
    for words in (SCRIPT, CODE, MARKUP, SQL, FORMULA, LINK):
        assert words in everything, words
    for path, page in pages.items():
        assert Outline(page).harm == [], path
    assert "<svg" in pages["/partners"]


@pytest.fixture(scope="module")
def reports(county: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The board report of the collaboration with the hostile name, in every format, as the page's job makes it."""
    root = tmp_path_factory.mktemp("reports") / "copy"
    shutil.copytree(county.workspace.root, root)
    for other in (root / "collaborations").glob("*.toml"):
        if other.stem != "frequent-attenders":
            other.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_KEY_FILE", str(county.workspace.root.parent / "key"))
        leaving.report(Place(root), FORMATS)
    return {form: root / "releases" / f"frequent-attenders-board-report.{form}" for form in FORMATS}


def _packed(file: Path) -> str:
    """All the XML of an office file; each part is read, so that a name that broke it would be an error here."""
    with zipfile.ZipFile(file) as packed:
        parts = [packed.read(name).decode() for name in packed.namelist() if name.endswith((".xml", ".rels"))]
    for part in parts:
        ElementTree.fromstring(part)
    return "".join(parts)


def test_hostile_names_are_words_in_the_report_as_a_page(reports: dict[str, Path]) -> None:
    page = reports["html"].read_text(encoding="utf-8")
    assert Outline(page).harm == []
    for words in (SCRIPT, CODE, MARKUP, LINK):
        assert words in unescape(page), words


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext on this machine")
def test_hostile_names_are_words_in_the_report_as_pdf(reports: dict[str, Path]) -> None:
    """typst would reckon `#eval` and set `$x$` as mathematics, were the name ever read as markup."""
    told = subprocess.run(
        ["pdftotext", "-layout", reports["pdf"], "-"], capture_output=True, text=True, check=True
    ).stdout
    said = re.sub(r"\s+", "", told)
    for words in (SCRIPT, '#eval("1+1")$x$*b*{{7*7}}', "onerror=alert(1)", "=HYPERLINK"):
        assert re.sub(r"\s+", "", words) in said, words


@pytest.mark.parametrize("form", ["docx", "xlsx", "ods"])
def test_hostile_names_are_words_in_office_files(reports: dict[str, Path], form: str) -> None:
    text = _packed(reports[form])
    formulas = re.findall(r"<f[ >].*?</f>|table:formula=\"[^\"]*\"|<w:instrText.*?</w:instrText>", text, re.DOTALL)
    assert not [one for one in formulas if "cmd" in one or "HYPERLINK" in one]
    assert "example.invalid" not in "".join(re.findall(r'Target="[^"]*"|xlink:href="[^"]*"', text))
    said = re.sub(r"<[^>]*>", "", text)
    for words in (SCRIPT, '#eval("1+1")', LINK):
        assert words in unescape(said), words


def test_words_that_a_spreadsheet_would_run_bear_a_quote_mark_in_the_file_of_pairs() -> None:
    for words in (FORMULA, LINK, "+1", "-1", "@SUM(1)", "\t=1"):
        assert as_words(words) == f"'{words}"
    assert as_words("O'Neil = x") == "O'Neil = x"


# What is bundled


def test_the_manifest_tells_every_bundled_file_as_it_is(house: House) -> None:
    """Each file that is served is in it, under its hash, its size and a licence whose text is served too; and nothing
    else is there."""
    client, _ = own(house)
    told = json.loads(client.get("/static/MANIFEST.json").text)["files"]
    folder = files("headwater.web").joinpath("static")
    assert {file.name for file in folder.iterdir()} - {"MANIFEST.json"} <= set(told)
    for name, about in told.items():
        content = client.get(f"/static/{name}").content
        assert (len(content), sha256(content).hexdigest()) == (about["bytes"], about["sha256"]), name
    assert {about["licence"] for about in told.values()} == {"MIT", "Apache-2.0", "OFL-1.1"}
    assert "Permission is hereby granted, free of charge" in client.get("/static/LICENCE-govuk-frontend.txt").text
    assert "SIL OPEN FONT LICENSE Version 1.1" in client.get("/static/LICENCE-words.txt").text
    assert client.get("/static/words.woff").content == font_file()
    sheets = client.get("/static/govuk.css").text + client.get("/static/pages.css").text
    assert re.findall(r"url\(([^)]*)\)", sheets) == ['"/static/words.woff"'], "nothing is fetched from elsewhere"
    assert not re.search("GDS Transport|crest|@import", sheets)
