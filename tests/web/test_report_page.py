"""The report in a real browser: narrow and wide, by keyboard, on paper, and on a machine without the fonts it asks
for."""

from __future__ import annotations

import os
import re
import shutil
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from headwater.disclosure.release import release
from headwater.domain.workspace import DisclosureSettings
from headwater.report import board_document, draw, png, render
from report_board import facts
from report_world import FIGURES, released

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
WIDTHS = (320, 390, 1300)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    board = release(board_document(facts()), DisclosureSettings())
    return {
        "sample": render(released(), "html", folder / "sample.html"),
        "board": render(board, "html", folder / "board.html"),
    }


def opened(browser: Browser, file: Path, width: int, **more: Any) -> tuple[Page, list[str]]:
    """A page and everything it asked for or complained of."""
    page = browser.new_context(viewport={"width": width, "height": 900}, **more).new_page()
    noises: list[str] = []
    page.on("request", lambda request: noises.append(request.url))
    page.on("console", lambda message: noises.append(message.text))
    page.on("pageerror", lambda error: noises.append(str(error)))
    page.goto(file.as_uri())
    return page, noises


@pytest.mark.parametrize("name", ["sample", "board"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_scrolls_sideways_and_asks_for_nothing(
    browser: Browser, reports: dict[str, Path], name: str, width: int
) -> None:
    page, noises = opened(browser, reports[name], width, java_script_enabled=True, offline=True)
    for unfold in (False, True):
        if unfold:
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [noise for noise in noises if not noise.startswith("data:")] == [reports[name].as_uri()]
    page.context.close()


@pytest.mark.parametrize(("width", "height"), [(1300, 700), (320, 640)])
def test_the_verdicts_stand_on_the_first_screen(
    browser: Browser, reports: dict[str, Path], width: int, height: int
) -> None:
    """Whoever opens the report reads both verdicts without a scroll; on a phone at least their beginning."""
    page, _ = opened(browser, reports["board"], width)
    top, bottom = page.evaluate(
        """() => { const r = document.querySelector('.lead').getBoundingClientRect(); return [r.top, r.bottom]; }"""
    )
    assert (bottom if width > 1000 else top + 60) < height
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_one_picture_a_figure_is_shown_and_its_words_can_be_read(
    browser: Browser, reports: dict[str, Path], width: int
) -> None:
    page, _ = opened(browser, reports["sample"], width)
    sizes = page.evaluate("""() => [...document.querySelectorAll('figure')].map(f => {
          const seen = [...f.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width > 0);
          const texts = seen.flatMap(s => [...s.querySelectorAll('text')].map(t => t.getBoundingClientRect().height));
          return [seen.length, Math.min(...texts)];
        })""")
    drawn = [size for size in sizes if size[0]]
    assert len(drawn) == len(FIGURES)
    assert all(count == 1 for count, _ in drawn)
    assert min(smallest for _, smallest in drawn) >= 9
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_words_of_a_picture_are_cut_off(browser: Browser, reports: dict[str, Path], width: int) -> None:
    page, _ = opened(browser, reports["sample"], width)
    cut = page.evaluate(
        """() => [...document.querySelectorAll('figure svg')].filter(s => s.getBoundingClientRect().width > 0).flatMap(s => {
          const box = s.getBoundingClientRect();
          return [...s.querySelectorAll('text')].filter(t => {
            const r = t.getBoundingClientRect();
            return t.textContent.trim() && (r.left < box.left - 2 || r.right > box.right + 2 || r.top < box.top - 3 || r.bottom > box.bottom + 3);
          }).map(t => s.querySelector('title').textContent + ': ' + t.textContent);
        })"""
    )
    assert cut == []
    page.context.close()


def test_tables_and_details_are_reached_by_keyboard(browser: Browser, reports: dict[str, Path]) -> None:
    page, _ = opened(browser, reports["board"], 390)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.getAttribute('role') || document.activeElement.tagName"))
    assert {"region", "SUMMARY", "A"} <= seen
    page.focus("summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")
    page.context.close()


@pytest.mark.parametrize("name", ["sample", "board"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation(browser: Browser, reports: dict[str, Path], name: str, width: int) -> None:
    """WCAG 2.2 AA and axe's best practices; HEADWATER_AXE names axe.min.js (npm: axe-core), which is not bundled."""
    axe = Path(os.environ.get("HEADWATER_AXE", "axe.min.js"))
    if not axe.is_file():
        pytest.skip("axe-core is not here (HEADWATER_AXE names its axe.min.js)")
    page, _ = opened(browser, reports[name], width, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(axe.read_text(encoding="utf-8"))
    rules = "{runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}"
    found = page.evaluate(f"axe.run(document, {rules})")
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found["violations"]] == []
    page.context.close()


def test_on_paper_the_wide_pictures_and_the_closed_tables_are_there(browser: Browser, reports: dict[str, Path]) -> None:
    import pypdf

    page, _ = opened(browser, reports["board"], 390)
    page.emulate_media(media="print")
    read = pypdf.PdfReader(BytesIO(page.pdf(format="A4")))
    text = " ".join(sheet.extract_text() for sheet in read.pages)
    assert "Skip to the report" not in text
    assert "The numbers behind" in text
    assert "Fund the team" in text
    page.context.close()


DARK = 128


def dark(image: bytes) -> int:
    from PIL import Image

    return sum(Image.open(BytesIO(image)).convert("L").histogram()[:DARK])


@pytest.mark.parametrize("kind", FIGURES)
def test_a_picture_keeps_its_words_when_no_font_of_its_list_is_there(kind: str) -> None:
    """The renderer's own face stands in: with unknown fonts the words are still ink, and without words there is less of
    it."""
    import vl_convert

    svg = draw(FIGURES[kind])
    with_words = dark(png(FIGURES[kind], 1))
    unknown = dark(
        vl_convert.svg_to_png(
            svg.replace("Liberation Sans, Arial, Helvetica, sans-serif", "No Such Face, sans-serif"), scale=1
        )
    )
    wordless = dark(vl_convert.svg_to_png(re.sub(r"<text .*?</text>", "", svg), scale=1))
    assert with_words > wordless
    assert unknown > wordless + (with_words - wordless) * 0.5


def test_the_browser_draws_the_words_with_the_face_inside_the_page(browser: Browser, reports: dict[str, Path]) -> None:
    """7.7275 em is what Liberation Sans (and Arial) give these words: the sum of their advances."""
    page, _ = opened(browser, reports["board"], 1300)
    page.evaluate("document.fonts.ready")
    ratio = page.evaluate("""() => {
          const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
          text.setAttribute('font-family', 'Liberation Sans'); text.setAttribute('font-size', '100px');
          text.textContent = 'A&E attendances';
          [...document.querySelectorAll('figure svg')].find(s => s.getBoundingClientRect().width > 0).append(text);
          return text.getComputedTextLength() / 100;
        }""")
    assert ratio == pytest.approx(7.7275, abs=0.02)
    page.context.close()
