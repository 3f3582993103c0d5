"""How long a page takes, how heavy it is, and what 50 readers at once get while an evaluation runs.

    python3 go.py bench pages [--folder COUNTY] [--people 20000] [--write]

The demonstration county is made in a folder of its own, or taken from --folder. Every page is asked for on loopback
through the
whole server: once each right after the server's start (first visit), then --times times (warm). Then --readers readers
with a connection each ask for pages in turn for --seconds, first with nothing else running, then while a collaboration
is evaluated anew.
"""

from __future__ import annotations

import argparse
import http.client
import json
import platform
import re
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from headwater.app.demo import demo
from headwater.app.evaluating import protocols
from headwater.app.place import Place
from headwater.web.ways import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "measured" / "pages.md"
MOST_MS, MOST_BYTES = 200, 250_000
ANEW = "frequent-attenders"


@dataclass(frozen=True)
class Server:
    """A server in a process of its own: its port and the cookie of its one visitor."""

    port: int
    cookie: str
    started_s: float

    def asked(self, connection: http.client.HTTPConnection, path: str) -> tuple[int, float, bytes]:
        """Status, seconds until the last byte, body."""
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, time.perf_counter() - began, body

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)


@dataclass
class Look:
    """One page: milliseconds of its first visit and of later ones, bytes, and the files that it asks for besides."""

    path: str
    first_ms: float
    size: int
    files: int
    later_ms: list[float] = field(default_factory=list)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """`headwater serve` as a user starts it, entered by its link."""
    began = time.perf_counter()
    words = [sys.executable, "-m", "headwater", "--workspace", str(folder), "serve", "--no-open"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        link = next(found for line in process.stdout or () if (found := re.search(r":(\d+)(/enter\S+)", line)))
        started = time.perf_counter() - began
        door = http.client.HTTPConnection("127.0.0.1", int(link[1]), timeout=60)
        door.request("GET", link[2])
        cookie = str(door.getresponse().getheader("set-cookie")).split(";")[0]
        yield Server(int(link[1]), cookie, started)
    finally:
        process.terminate()
        process.wait(30)


def addresses(place: Place) -> list[str]:
    """Every page that is looked at, those of a collaboration once for each; the reasons of the first three options
    too."""
    ids = [protocol.id for protocol in protocols(place)]
    plain = [way.path for way in WAYS if way.method == "GET" and "{" not in way.path]
    needs_a_choice = {"/data/map", "/partners/why", "/ledger/claim", "/ledger/move"}
    each = [way.path.replace("{id}", one) for way in WAYS if way.method == "GET" and "{id}" in way.path for one in ids]
    return [*(path for path in plain if path not in needs_a_choice), *each, *(f"/made-from?id={one}" for one in ids)]


def links(body: bytes, start: str) -> list[str]:
    return [
        found.replace("&amp;", "&") for found in re.findall(r'href="([^"]+)"', body.decode()) if found.startswith(start)
    ]


def looked_at(server: Server, paths: list[str], times: int) -> list[Look]:
    """Every page once, in order, then the same again so many times."""
    connection, found = server.connection(), {}
    for path in paths:
        status, seconds, body = server.asked(connection, path)
        if status != 200:
            raise SystemExit(f"{path} answered {status}")
        others = len(re.findall(rb'<link rel="stylesheet"|<img |<script', body))
        found[path] = Look(path, seconds * 1000, len(body), others)
        paths += [
            link
            for start in ("/partners/why", "/ledger/claim?", "/ledger/move")
            for link in links(body, start)[:3]
            if link not in paths
        ]
    for _ in range(times):
        for look in found.values():
            look.later_ms.append(server.asked(connection, look.path)[1] * 1000)
    return list(found.values())


@dataclass
class Crowd:
    """What readers at once got: seconds of every answer, and what was no page."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    took: float = 0.0

    def row(self, what: str) -> str:
        ordered = sorted(self.seconds)
        p95 = ordered[int(len(ordered) * 0.95)] * 1000
        return (
            f"| {what} | {len(ordered):,} | {len(self.errors)} | {len(ordered) / self.took:,.0f} |"
            f" {statistics.median(ordered) * 1000:,.0f} | {p95:,.0f} | {ordered[-1] * 1000:,.0f} |"
        )


def crowd(server: Server, paths: Sequence[str], readers: int, seconds: float) -> Crowd:
    """Readers who each begin at another page and go round, all at once, for so long."""
    found, began = Crowd(), time.perf_counter()
    until = began + seconds

    def reads(at: int) -> None:
        connection = server.connection()
        for path in islice(cycle(paths), at, None):
            if time.perf_counter() > until:
                return
            try:
                status, took, _ = server.asked(connection, path)
            except (OSError, http.client.HTTPException) as problem:
                found.errors.append(f"{path}: {type(problem).__name__}")
                connection = server.connection()
                continue
            found.seconds.append(took)
            if status != 200:
                found.errors.append(f"{path}: {status}")

    threads = [threading.Thread(target=reads, args=(at,)) for at in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.took = time.perf_counter() - began
    return found


def evaluating(server: Server, place: Place) -> None:
    """Begin an evaluation as its page does. What was kept of it is taken away before, or nothing would have to be
    reckoned."""
    (place.workspace.results / f"{ANEW}.json").unlink()
    connection = server.connection()
    _, _, page = server.asked(connection, f"/results/{ANEW}")
    token = re.findall(rb'name="token" value="([^"]+)"', page)[-1].decode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": server.cookie}
    connection.request("POST", f"/results/{ANEW}/evaluate", f"token={token}", form)
    connection.getresponse().read()


def still_evaluating(server: Server) -> bool:
    return b"hw-progress" in server.asked(server.connection(), "/progress?still=yes")[2]


def measured(folder: Path, given: argparse.Namespace) -> list[str]:
    place = Place(folder)
    with serving(folder) as server:
        looks = looked_at(server, addresses(place), given.times)
        paths = [look.path for look in looks if not look.path.startswith(("/progress", "/reports/audit"))]
        alone = crowd(server, paths, given.readers, given.seconds)
        evaluating(server, place)
        during = crowd(server, paths, given.readers, given.seconds)
        ran_on = still_evaluating(server)
    errors = [*alone.errors, *during.errors]
    return [
        *page_table(looks, server),
        *crowd_table(alone, during, given, ran_on),
        *(f"- {error}" for error in errors[:20]),
    ]


def page_table(looks: list[Look], server: Server) -> list[str]:
    """A line a page; pages of several collaborations are one line, the slowest and heaviest of them."""
    first, later = [look.first_ms for look in looks], [ms for look in looks for ms in look.later_ms]
    slow = [look for look in looks if max(look.first_ms, *look.later_ms) > MOST_MS]
    heavy = [look for look in looks if look.size > MOST_BYTES]
    return [
        "## One reader",
        "",
        (
            f"{len(looks)} pages. First visit after the server's start: median {statistics.median(first):.0f} ms, worst"
            f" {max(first):.0f} ms. Later visits: median {statistics.median(later):.1f} ms, worst {max(later):.0f} ms."
            f" Heaviest page {max(look.size for look in looks) / 1000:.0f} kB."
        ),
        (
            f"Pages over {MOST_MS} ms: {len(slow)}; over {MOST_BYTES // 1000} kB: {len(heavy)}. The server starts in"
            f" {server.started_s:.1f} s."
        ),
        (
            "Every page is one answer and asks for two sheets of style, which a browser keeps; no script, no picture,"
            " no font is fetched."
        ),
        "",
        "| page | pages | first visit, worst ms | later, median ms | later, worst ms | heaviest, kB | other files |",
        "|---|---|---|---|---|---|---|",
        *(line(shape, ones) for shape, ones in by_shape(looks).items()),
        "",
    ]


def by_shape(looks: list[Look]) -> dict[str, list[Look]]:
    found: dict[str, list[Look]] = {}
    for look in looks:
        shape = re.sub(r"^/(plan|results|risks)/(?!register|new)[^/?]+", r"/\1/…", look.path)
        found.setdefault(re.sub(r"=.*", "=…", shape), []).append(look)
    return found


def line(shape: str, ones: list[Look]) -> str:
    later = [ms for one in ones for ms in one.later_ms]
    cells = (
        f"`{shape}`",
        len(ones),
        f"{max(one.first_ms for one in ones):.0f}",
        f"{statistics.median(later):.1f}",
        f"{max(later):.0f}",
        f"{max(one.size for one in ones) / 1000:.0f}",
        max(one.files for one in ones),
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def crowd_table(alone: Crowd, during: Crowd, given: argparse.Namespace, ran_on: bool) -> list[str]:
    return [
        f"## {given.readers} readers at once",
        "",
        (
            f"Each on a connection of its own, without a pause between pages, for {given.seconds:.0f} s, in one process"
            " on the same machine as the server."
        ),
        f"The evaluation {'ran for all of that time' if ran_on else 'ended before the readers did'}.",
        "",
        "| while | pages | errors | pages a second | median ms | 95 % within, ms | worst ms |",
        "|---|---|---|---|---|---|---|",
        alone.row("nothing else runs"),
        during.row(f"`{ANEW}` is evaluated"),
        "",
    ]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="a demonstration county that was run already; it is changed")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--write", action="store_true", help="into docs/measured/pages.md")
    given = parser.parse_args(words)
    with TemporaryDirectory() as made:
        folder = given.folder or Path(made) / "county"
        people = json.loads((folder / "truth" / "truth.json").read_text())["people"] if given.folder else given.people
        demo(folder, people)
        text = "\n".join([*head(people), *measured(folder, given), machine()])
    print(text)
    if given.write:
        PAGE.write_text(text + "\n", encoding="utf-8")
    return 0


def head(people: int) -> list[str]:
    return [
        "# The pages",
        "",
        (
            f"`python3 go.py bench pages`: the demonstration county of {people:,} people after `headwater demo`, seed"
            " 1. Times are those of a reader on loopback, from asking to the last byte."
        ),
        "",
    ]


def machine() -> str:
    return f"Machine: {cpu_count()} cores, {platform.system()}, Python {platform.python_version()}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
