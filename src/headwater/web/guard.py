"""What holds for every request and answer: sizes, where a form may come from, and headers that forbid the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_UPLOAD = 200 * 1024 * 1024
LARGEST_FORM = 1024 * 1024
"""Bytes of any other form: a protocol or headwater.toml as text is some ten thousand."""

POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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
    """Bodies may come without a length, in pieces: they are counted as they come."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
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
