"""The server: a loopback address and a link that works once, or shared mode behind a reverse proxy."""

from __future__ import annotations

import socket
import threading
import webbrowser
from contextlib import suppress
from typing import TYPE_CHECKING

from headwater.domain.errors import HeadwaterError

if TYPE_CHECKING:
    from headwater.app.place import Place
    from headwater.web.access import Door
    from headwater.web.asking import House

BACKLOG = 128


def serve(place: Place, *, port: int = 0, open_browser: bool = True, shared: bool = False) -> None:
    """Serve until the process is stopped. Always on this computer alone: in shared mode the proxy stands before it."""
    import uvicorn

    from headwater.web.access import PEOPLE_FILE, OwnComputer, shared_door
    from headwater.web.application import application

    place.settings  # noqa: B018  # a headwater.toml that does not read is told before anything is opened
    door: Door = shared_door(place.workspace.governance / PEOPLE_FILE) if shared else OwnComputer()
    house = house_of(place)
    with socket.create_server(("127.0.0.1", port), backlog=BACKLOG) as listening:
        number = listening.getsockname()[1]
        if isinstance(door, OwnComputer):
            link = f"http://127.0.0.1:{number}/enter?token={door.token}"
            print(f"Open this link; it works once:\n  {link}\nStop with Ctrl+C.", flush=True)
            webbrowser.open(link) if open_browser else None
        else:
            print(f"Listening on 127.0.0.1:{number} for the proxy of {', '.join(door.hosts)}. Stop with Ctrl+C.", flush=True)  # fmt: skip
        config = uvicorn.Config(application(house, door), log_level="critical", access_log=False, server_header=False, proxy_headers=False)  # fmt: skip
        threading.Thread(target=warm, args=(house,), daemon=True).start()
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            house.jobs.stop()


def house_of(place: Place) -> House:
    """What all requests share; after every job the pages are made ready again."""
    from headwater.web.asking import House
    from headwater.web.jobs import Jobs
    from headwater.web.shelf import Shelf

    def again() -> None:
        warm(house)

    jobs = Jobs(place.workspace.hidden / "times.json", again)
    house = House(place.workspace.root, Shelf(place.workspace), jobs)
    return house


def warm(house: House) -> None:
    """Make every page's answers once, so that the first reader does not wait for them."""
    from headwater.web import frame
    from headwater.web.access import EVERYBODY, Visitor
    from headwater.web.asking import Ask, Sheet
    from headwater.web.ways import WAYS

    visitor = Visitor("", EVERYBODY)
    for way in WAYS:
        if way.method == "GET" and way.act.__module__.endswith(WARM):
            for path in _paths(house, way.path):
                with suppress(HeadwaterError, OSError, ValueError):
                    sheet = way.act(Ask(house, visitor, path, {}))
                    if isinstance(sheet, Sheet):
                        frame.page(sheet, visitor, way.path, "", None)


WARM = ("start", "data", "partners", "results", "plan", "risks", "ledger")


def _paths(house: House, path: str) -> list[dict[str, str]]:
    if "{id}" not in path:
        return [{}]
    from headwater.app.place import Place

    return [{"id": file.stem} for file in sorted(Place(house.root).workspace.collaborations.glob("*.toml"))]
