"""The server: a loopback address and a link that works once, or shared mode behind a reverse proxy."""

from __future__ import annotations

import socket
import threading
import webbrowser
from contextlib import suppress
from typing import TYPE_CHECKING

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
    prepare(place, house)
    threading.Thread(target=warm, args=(place, house), daemon=True).start()
    with socket.create_server(("127.0.0.1", port), backlog=BACKLOG) as listening:
        # asyncio sets this only on sockets it made itself; without it every answer waits 40 ms for an acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = listening.getsockname()[1]
        if isinstance(door, OwnComputer):
            link = f"http://127.0.0.1:{number}/enter?token={door.token}"
            print(f"Open this link; it works once:\n  {link}\nStop with Ctrl+C.", flush=True)
            webbrowser.open(link) if open_browser else None
        else:
            print(
                f"Listening on 127.0.0.1:{number} for the proxy of {', '.join(door.hosts)}. Stop with Ctrl+C.",
                flush=True,
            )
        config = uvicorn.Config(
            application(house, door), log_level="critical", access_log=False, server_header=False, proxy_headers=False
        )
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            house.jobs.stop()


def house_of(place: Place) -> House:
    """What all requests share."""
    from headwater.app.shelf import Shelf
    from headwater.web.asking import House
    from headwater.web.jobs import Jobs

    return House(place.workspace.root, Shelf(place.workspace), Jobs(place.workspace.hidden / "times.json"))


def warm(place: Place, house: House) -> None:
    """While the link is being opened: answers that take some tenths of a second are made for whoever asks first."""
    from headwater.app import ready

    with suppress(Exception):
        ready.warm(place, house.shelf)


def prepare(place: Place, house: House) -> None:
    """Before anybody is let in: the templates and libraries are read, and what the pages lack is begun in the
    background."""
    from headwater.app.ready import is_ready
    from headwater.domain.errors import HeadwaterError
    from headwater.web import frame
    from headwater.web.jobs import Job, command

    frame.prepare()
    for name in ("progress", "ledger"):
        with suppress(HeadwaterError):
            house.shelf.look(name)
    if not is_ready(place):
        house.jobs.start(Job("ready", "Make the pages ready", "/"), command(house.root, "ready", "", ""))
