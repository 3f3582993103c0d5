"""A small county behind the pages, made once for all tests of them, and the ways a visitor comes in."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from starlette.testclient import TestClient

from headwater.app import choosing, counting, evaluating, forecasting, planning, reading
from headwater.app.place import Place
from headwater.app.ready import ready
from headwater.governance import keep_key
from headwater.web.access import OwnComputer, Role, Shared
from headwater.web.application import application
from headwater.web.server import house_of
from headwater.worlds import write_county

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.web.asking import House

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
SECRET = "s" * 32
PEOPLE = {f"{role.value.replace(' ', '-')}@example.org": role for role in Role}
LOOKS = (
    "/",
    "/data",
    "/data/look",
    "/data/quarantine",
    "/data/settings",
    "/partners",
    "/plan",
    "/plan/frequent-attenders",
    "/plan/frequent-attenders/form",
    "/plan/frequent-attenders/step/2",
    "/pool",
    "/plan/frequent-attenders/text",
    "/results",
    "/results/frequent-attenders",
    "/results/frequent-attenders/checks",
    "/results/frequent-attenders/money",
    "/results/frequent-attenders/what-if?a-price=150&b-cost=50",
    "/results/frequent-attenders/figures",
    "/results/wellbeing-calls",
    "/made-from?id=frequent-attenders",
    "/made-from",
    "/ledger",
    "/ledger/claims",
    "/risks",
    "/risks/frequent-attenders",
    "/risks/register",
    "/reports",
    "/reports/audit",
    "/progress",
    "/gallery",
    "/gallery?kind=forest",
    "/about",
)


SCRIPT, CODE, FORMULA = "<script>alert(1)</script>", '#eval("1+1") $x$ *b* {{ 7*7 }}', "=cmd|' /C calc'!A0"
MARKUP, SQL, LINK = (
    '"]]> <!-- <img src=x onerror=alert(1)>',
    "'; DROP TABLE contact; --",
    '=HYPERLINK("http://example.invalid")',
)
HARM = (
    ("data/registers/organisations.csv", "Northshire General Hospital", f"Northshire General Hospital {SCRIPT}"),
    ("data/registers/organisations.csv", "Northshire GP Alliance", f"Northshire GP Alliance {CODE}"),
    ("data/registers/organisations.csv", "Northshire Ambulance Service", f"Northshire Ambulance Service {SQL}"),
    ("data/registers/organisations.csv", "Northshire Police", FORMULA),
    ("data/registers/services.csv", "Emergency department", f"Emergency department {MARKUP}"),
    (
        "collaborations/frequent-attenders.toml",
        "Care plans for frequent A&E attenders",
        f"Care plans {SCRIPT} {CODE} {MARKUP}",
    ),
    ("governance/risks.toml", "The council withdraws its share", LINK),
)
"""File, a name in it, and what somebody who means harm puts in its place; every test of the pages runs on these
names."""


def bear_hostile_names(root: Path) -> None:
    for name, known, harm in HARM:
        file = root / name
        text = file.read_text(encoding="utf-8")
        assert known in text, (name, known)
        quoted = harm.replace('"', '""') if file.suffix == ".csv" else harm.replace('"', '\\"')
        file.write_text(text.replace(known, quoted), encoding="utf-8")


class Outline(HTMLParser):
    """Headings, ids, labels and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.harm: list[str] = []
        """Scripts, pictures, and attributes that run something or that a strict policy refuses."""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.levels += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.ids += [str(given["id"])] if "id" in given else []
        self.links += [str(given["href"])] if tag == "a" and given.get("href") else []
        self.harm += [tag] if tag in {"script", "img", "iframe", "object"} else []
        self.harm += [
            name for name, value in attrs if name == "style" or name.startswith("on") or "javascript:" in str(value)
        ]


def make_place(root: Path) -> Place:
    """A county of 5,000 with one protocol locked, evaluated and counted, and partners found. HEADWATER_KEY_FILE is set
    by the caller."""
    write_county(root, people=5000)
    bear_hostile_names(root)
    made = Place(root)
    keep_key(made.workspace, b"k" * 32)
    planning.lock(made, "frequent-attenders", "head of strategy", "agreed")
    reading.load(made)
    choosing.find(made)
    forecasting.forecast(made, "frequent-attenders", "head of strategy", "the plan")
    evaluating.evaluate(made, "frequent-attenders")
    counting.count(made, "frequent-attenders")
    ready(made)
    return made


def own(house: House) -> tuple[TestClient, str]:
    """A visitor on their own computer, let in, and the token of their forms."""
    door = OwnComputer()
    client = TestClient(application(house, door, ("testserver",)), follow_redirects=True)
    assert client.get(f"/enter?token={door.token}").status_code == 200
    return client, door.form_token(door.who(_asked(door)))  # type: ignore[arg-type]


def _asked(door: OwnComputer):  # type: ignore[no-untyped-def]
    from starlette.requests import Request

    cookie = f"{door.cookie}={door.session}".encode()
    return Request({"type": "http", "headers": [(b"cookie", cookie)]})


def shared() -> Shared:
    return Shared("x-remote-user", PEOPLE, ("testclient",), ("testserver",), SECRET)


def signed(name: str) -> dict[str, str]:
    """What the proxy adds for somebody."""
    return {"x-remote-user": name, "x-headwater-proxy": SECRET}


@contextmanager
def serving(house: House) -> Iterator[tuple[str, OwnComputer]]:
    """A real server on a free port; the address and the door."""
    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    door = OwnComputer()
    server = uvicorn.Server(uvicorn.Config(application(house, door), host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}", door
    finally:
        server.should_exit = True
        thread.join(10)


def fresh(place: Place) -> House:
    return house_of(place)
