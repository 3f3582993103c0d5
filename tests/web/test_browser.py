"""The pages in a real browser: narrow and wide, by keyboard, without JavaScript, and a newcomer's way to a ranked
list."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from headwater.app.place import Place
from headwater.app.starting import new
from web_place import CHROMIUM, LOOKS, fresh, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from headwater.web.asking import House

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]
WIDTHS = (320, 390, 1300)
MOST_CLICKS = 12
JOURNEY_MS = 120_000
"""What a step may take on a busy machine; a few seconds on a quiet one."""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CONTRAST = """() => {
  const parse = c => (c.match(/[\\d.]+/g) || [0,0,0,0]).map(Number);
  const light = c => c.slice(0,3).map(v => v/255).map(v => v <= .04045 ? v/12.92 : ((v+.055)/1.055)**2.4).reduce((s,v,i) => s + v*[.2126,.7152,.0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > .99) return c; } return [255,255,255]; };
  const weak = [];
  for (const e of document.querySelectorAll('main *, header *, footer *')) {
    if (e.closest('svg') || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (box.width < 2 || box.height < 2 || style.visibility === 'hidden') continue;
    const a = light(parse(style.color)), b = light(ground(e));
    const ratio = (Math.max(a,b)+.05)/(Math.min(a,b)+.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && +style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) weak.push(e.outerHTML.slice(0,90) + ' ' + ratio.toFixed(2));
  }
  return weak;
}"""
NAMELESS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, [role=region], svg[role=img]')].filter(e => {
  const by = (e.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id)).filter(Boolean).map(n => n.textContent).join('');
  const label = e.labels ? [...e.labels].map(l => l.textContent).join('') : '';
  return !(by || label || e.getAttribute('aria-label') || e.textContent).trim();
}).map(e => e.outerHTML.slice(0, 100))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def served(house: House) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """The address, and the cookie of its one session."""
    with serving(house) as (address, door):
        yield address, [{"name": door.cookie, "value": door.session, "url": address}]


def visit(
    browser: Browser, served: tuple[str, list[dict[str, object]]], width: int, **more: object
) -> tuple[Page, list[str]]:
    address, cookies = served
    context = browser.new_context(viewport={"width": width, "height": 900}, **more)  # type: ignore[arg-type]
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page, noises = context.new_page(), list[str]()
    page.on("console", lambda message: noises.append(message.text))
    page.on("pageerror", lambda error: noises.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith((address, "data:")) else noises.append(asked.url))
    return page, noises


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_names_its_controls_is_legible_and_asks_for_nothing_elsewhere(
    browser: Browser, served: tuple[str, list[dict[str, object]]], width: int
) -> None:
    page, noises = visit(browser, served, width)
    for path in LOOKS:
        page.goto(served[0] + path)
        for unfolded in (False, True):
            if unfolded:
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert page.evaluate(CONTRAST) == [], path
            assert page.evaluate(NAMELESS) == [], path
    assert noises == []
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation(browser: Browser, served: tuple[str, list[dict[str, object]]], width: int) -> None:
    """WCAG 2.2 AA and axe's best practices; HEADWATER_AXE names axe.min.js (npm: axe-core), which is not bundled."""
    axe = Path(os.environ.get("HEADWATER_AXE", "axe.min.js"))
    if not axe.is_file():
        pytest.skip("axe-core is not here (HEADWATER_AXE names its axe.min.js)")
    page, _ = visit(browser, served, width)
    rules = "{runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}"
    found = []
    for path in LOOKS:
        page.goto(served[0] + path)
        page.evaluate(axe.read_text(encoding="utf-8"))
        for unfold in (False, True):
            page.evaluate(f"document.querySelectorAll('details').forEach(d => d.open = {str(unfold).lower()})")
            told = page.evaluate(f"axe.run(document, {rules})")["violations"]
            found += [(path, rule["id"], rule["nodes"][0]["html"][:120]) for rule in told]
    assert found == []
    page.context.close()


def test_by_keyboard_alone_one_skips_reaches_every_control_and_opens_details(
    browser: Browser, served: tuple[str, list[dict[str, object]]]
) -> None:
    page, _ = visit(browser, served, 390)
    page.goto(served[0] + "/results/frequent-attenders")
    page.keyboard.press("Tab")
    assert "govuk-skip-link" in page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"
    wanted = page.evaluate(
        "document.querySelectorAll('main a, main button, main summary, main [tabindex=\"0\"]').length"
    )
    reached = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
    inside = page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, main summary, main [tabindex="0"]')].filter(e => e.checkVisibility()).map(e => [...document.querySelectorAll('*')].indexOf(e))"""
    )
    assert set(inside) <= reached
    page.focus("summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")
    page.context.close()


POSTS = [
    "Post number,Council,Job title,Grade layer,FTE,Salary",
    *(
        f"{council[0]}{at},{council},{title},{layer},1,{pay}"
        for council in ("Ashby", "Birley", "Corby Vale")
        for at, (title, layer, pay) in enumerate(
            (("Chief executive", 1, 130000), ("Director", 2, 95000), ("Head of benefits", 3, 70000))
        )
    ),
]


def test_a_newcomer_with_a_file_of_their_own_reaches_a_ranked_list_in_a_dozen_clicks_without_javascript(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    new(tmp_path / "place")
    mine = tmp_path / "establishment 2024.csv"
    mine.write_text("\n".join(POSTS) + "\n")
    clicks = 0

    def click(words: str) -> None:
        # A link that looks like a button is one to those who listen, too.
        nonlocal clicks
        clicks += 1
        page.get_by_role("link", name=words).or_(page.get_by_role("button", name=words)).first.click(timeout=JOURNEY_MS)

    with serving(fresh(Place(tmp_path / "place"))) as (address, door):
        page, noises = visit(browser, (address, []), 1300, java_script_enabled=False)
        page.goto(f"{address}/enter?token={door.token}")
        click("Give the data")
        page.get_by_label("A file that an agency gave").set_input_files(str(mine))
        clicks += 1
        click("Upload")
        if page.get_by_label("What is in the file?").input_value() != "post":
            page.get_by_label("What is in the file?").select_option("post")
            clicks += 1
            click("It is this instead")
        for ours, theirs in (
            ("column.post", "Post number"),
            ("column.organisation", "Council"),
            ("column.title", "Job title"),
        ):
            if page.locator(f'[name="{ours}"]').input_value() != theirs:
                page.locator(f'[name="{ours}"]').select_option(theirs)
                clicks += 1
        click("Save the mapping")
        click("Load and find partners")
        click("See what came of it")
        assert page.locator("h1").inner_text() == "Who should we collaborate with?"
        assert page.locator(".hw-option").count() > 0, page.locator("main").inner_text()
        assert clicks <= MOST_CLICKS
        assert noises == []
        page.context.close()
