"""The pages: who may see them, that each shows what it should, that nothing hostile gets through; in a real browser where there is one."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from headwater.app import planning, reading
from headwater.app.place import Place
from headwater.governance import keep_key
from headwater.web import Pages
from headwater.worlds import write_county

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
PATHS = (
    "/",
    "/data",
    "/partners",
    "/plan",
    "/plan?id=frequent-attenders",
    "/results",
    "/results?id=frequent-attenders",
    "/ledger",
    "/risks",
    "/reports",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    root = tmp_path_factory.mktemp("web") / "a place"
    write_county(root, people=5000)
    patch = pytest.MonkeyPatch()
    patch.setenv("HEADWATER_KEY_FILE", str(root.parent / "key"))
    made = Place(root)
    keep_key(made.workspace, b"k" * 32)
    planning.lock(made, "frequent-attenders", "head of strategy", "agreed")
    reading.load(made)
    yield made
    patch.undo()


@pytest.fixture
def pages(place: Place) -> Pages:
    return Pages(place)


@pytest.fixture
def visitor(pages: Pages) -> TestClient:
    client = TestClient(pages.application(), follow_redirects=True)
    assert client.get(f"/enter?token={pages.gate.token}").status_code == 200
    return client


def test_the_link_works_once_and_nothing_without_it(pages: Pages) -> None:
    stranger = TestClient(pages.application(), follow_redirects=False)
    for path in (*PATHS, "/file/x.html"):
        assert stranger.get(path).status_code == 403
    token = pages.gate.token
    entered = stranger.get(f"/enter?token={token}")
    assert entered.status_code == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "SameSite=strict" in entered.headers["set-cookie"]
    assert TestClient(pages.application()).get(f"/enter?token={token}").status_code == 403


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_shown_under_a_strict_policy(visitor: TestClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 200, answer.text[:500]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert 'style="' not in answer.text
    assert len(answer.content) < 250_000
    assert answer.text.count("<h1>") == 1


def test_a_form_without_our_token_does_nothing(visitor: TestClient, place: Place) -> None:
    for path in ("/do", "/lock", "/claim", "/protocol", "/upload", "/stop"):
        assert visitor.post(path, data={"token": "guess"}).status_code == 403


def test_another_host_is_refused(pages: Pages) -> None:
    assert TestClient(pages.application(), base_url="http://evil.example").get("/").status_code == 400


def test_uploads_stay_in_their_folder_and_overwrite_nothing(visitor: TestClient, pages: Pages, place: Place) -> None:
    token = pages.gate.form_token()
    for name in ("../../escape.csv", "..\\escape.csv", "/etc/escape.csv"):
        (place.workspace.data / "escape.csv").unlink(missing_ok=True)
        assert visitor.post("/upload", data={"token": token}, files={"file": (name, b"a,b\n1,2\n")}).status_code == 200
        assert (place.workspace.data / "escape.csv").exists()
    assert visitor.post("/upload", data={"token": token}, files={"file": ("escape.csv", b"other")}).status_code == 400
    assert visitor.post("/upload", data={"token": token}, files={"file": ("run.exe", b"x")}).status_code == 400
    hostile = visitor.post("/upload", data={"token": token}, files={"file": ("<script>alert(1)</script>.exe", b"x")})
    assert "<script>" not in hostile.text
    (place.workspace.data / "escape.csv").unlink()


def test_a_protocol_that_does_not_read_is_not_written(visitor: TestClient, pages: Pages, place: Place) -> None:
    file = place.workspace.collaborations / "wellbeing-calls.toml"
    before = file.read_text()
    answer = visitor.post(
        "/protocol", data={"token": pages.gate.form_token(), "id": "wellbeing-calls", "text": "id = 3"}
    )
    assert answer.status_code == 400
    assert "problem" in answer.text
    assert file.read_text() == before


def test_an_overclaim_says_what_is_left_and_an_unknown_lot_the_known_ones(visitor: TestClient, pages: Pages) -> None:
    answer = visitor.post(
        "/claim",
        data={
            "token": pages.gate.form_token(),
            "lot": "none",
            "bearer": "icb",
            "contacts": "5",
            "year": "2023-24",
            "reason": "r",
        },
    )
    assert answer.status_code == 400
    assert "no such lot" in answer.text


def test_a_long_step_runs_in_the_background_and_one_at_a_time(visitor: TestClient, pages: Pages) -> None:
    release = threading.Event()
    assert pages.jobs.start("slow", lambda told: release.wait(10))
    assert not pages.jobs.start("second", lambda told: None)
    assert "slow" in visitor.get("/reports").text
    release.set()
    for _ in range(100):
        if pages.jobs.now and pages.jobs.now.ended:
            break
        time.sleep(0.05)
    assert pages.jobs.now is not None
    assert pages.jobs.now.ended == "Done."


def test_a_step_can_be_stopped(pages: Pages) -> None:
    def work(told: object) -> None:
        for at in range(1000):
            told("step", at, 1000)  # type: ignore[operator]
            time.sleep(0.01)

    pages.jobs.start("long", work)
    assert pages.jobs.now is not None
    pages.jobs.now.stop = True
    for _ in range(200):
        if pages.jobs.now.ended:
            break
        time.sleep(0.02)
    assert pages.jobs.now.ended.startswith("Stopped")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("width", [320, 390, 1300])
def test_in_a_browser_no_page_scrolls_sideways_fetches_or_breaks_the_policy(pages: Pages, width: int) -> None:
    import uvicorn
    from playwright.sync_api import sync_playwright

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(pages.application(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
            )
            context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=True)
            page = context.new_page()
            said: list[str] = []
            asked: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            page.on("request", lambda request: asked.append(request.url))
            page.goto(f"http://127.0.0.1:{port}/enter?token={pages.gate.token}")
            for path in PATHS:
                page.goto(f"http://127.0.0.1:{port}{path}")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
            browser.close()
        assert not said
        assert all(url.startswith((f"http://127.0.0.1:{port}/", "data:")) for url in asked)
    finally:
        server.should_exit = True
        thread.join(10)


def test_the_folder_of_a_place_is_not_served(visitor: TestClient) -> None:
    for name in ("../headwater.toml", "..%2Fheadwater.toml", "%2e%2e/ledger.jsonl"):
        assert visitor.get(f"/file/{name}").status_code == 404
