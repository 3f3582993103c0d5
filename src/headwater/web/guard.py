"""What holds for every request and answer: sizes, where a form may come from, and headers that forbid the rest."""

from __future__ import annotations

from asyncio import wait_for
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_UPLOAD = 200 * 1024 * 1024
LONGEST_PAUSE = 30.0
"""Seconds between two pieces of a body."""
LONGEST_BODY = 900.0
"""Seconds until a whole body is there: 200 MB at two megabits a second."""
LARGEST_FORM = 1024 * 1024
"""Bytes of any other form: a protocol or headwater.toml as text is some ten thousand."""

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: a form would then say that it comes from nowhere.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class TooLarge(Exception):
    """A body beyond what its address takes; its text says how much that is."""


class TooSlow(Exception):
    """A body that does not come; its sender would hold a place that others wait for."""


class Guard:
    """Round the whole application, errors included."""

    def __init__(self, app: ASGIApp, upload: str, largest_upload: int = LARGEST_UPLOAD) -> None:
        self.app, self.upload, self.largest_upload = app, upload, largest_upload

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        limit = self.largest_upload if scope["path"] == self.upload else LARGEST_FORM

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_headers(message["headers"])]
            await send(message)

        if scope["method"] == "POST" and (said := refusal(given, limit)):
            await _plain(guarded, *said)
            return
        await self.app(scope, _limited(receive, limit), guarded)


def refusal(given: dict[str, str], limit: int) -> tuple[int, str] | None:
    """Why a form is refused before its body is read, None where it may come in."""
    if given.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return 403, "This form was sent from another site. Nothing was done."
    if "origin" in given and urlsplit(given["origin"]).netloc != given.get("host"):
        return 403, "This form was sent from another site. Nothing was done."
    length = given.get("content-length", "0")
    if not length.isdigit() or int(length) > limit:
        return 413, _too_large(limit)
    return None


def _too_large(limit: int) -> str:
    return (
        f"That is too large for a browser: at most {limit // (1024 * 1024)} MB. Copy larger files into data/ yourself."
    )


def _limited(receive: Receive, limit: int) -> Receive:
    """Bodies may come without a length, in pieces, or not at all: they are counted, and waited for no longer than is
    decent."""
    seen, whole, until = 0, False, monotonic() + LONGEST_BODY

    async def counted() -> Message:
        nonlocal seen, whole
        if whole:  # what comes after a body is the visitor going away
            return await receive()
        try:
            message = await wait_for(receive(), max(min(LONGEST_PAUSE, until - monotonic()), 0.0))
        except TimeoutError as problem:
            raise TooSlow("The form did not come to its end. Nothing was done; send it again.") from problem
        seen, whole = seen + len(message.get("body", b"")), not message.get("more_body", False)
        if seen > limit:
            raise TooLarge(_too_large(limit))
        return message

    return counted


def _headers(there: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in there}
    kept = HEADERS if b"cache-control" in names else {**HEADERS, "Cache-Control": "no-store"}
    return [(name.lower().encode(), value.encode()) for name, value in kept.items()]


async def _plain(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
