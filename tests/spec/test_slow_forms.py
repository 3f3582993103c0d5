"""A form that does not come to its end gives its place back; one that comes, however many pieces it has, is whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from headwater.web import guard


def body_of(messages: list[Any], pause: float) -> bytes:
    """What the application reads where the visitor waits `pause` seconds before each piece; a piece None never
    comes."""

    async def receive() -> Any:
        await asyncio.sleep(pause)
        if not messages or messages[0] is None:
            await asyncio.sleep(60)
        return messages.pop(0)

    async def read() -> bytes:
        limited, found = guard._limited(receive, 10), b""
        while True:
            message = await limited()
            found += message["body"]
            if not message.get("more_body"):
                return found

    return asyncio.run(read())


def piece(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_pieces_are_one_body() -> None:
    assert body_of([piece(b"a"), piece(b"b"), piece(b"c", more=False)], 0.0) == b"abc"


@pytest.mark.parametrize("pieces", [[None], [piece(b"a"), None]])
def test_a_body_that_stops_is_not_waited_for(pieces: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LONGEST_PAUSE", 0.05)
    with pytest.raises(guard.TooSlow, match="send it again"):
        body_of(pieces, 0.0)


def test_a_body_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LONGEST_BODY", 0.1)
    with pytest.raises(guard.TooSlow):
        body_of([piece(b"") for _ in range(100)], 0.02)


def test_a_body_beyond_its_measure_is_refused_as_it_comes() -> None:
    with pytest.raises(guard.TooLarge):
        body_of([piece(b"abcdef"), piece(b"ghijkl")], 0.0)


def test_a_visitor_who_stays_after_the_body_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is received after the whole body is the visitor going away, which may take as long as the answer does."""
    monkeypatch.setattr(guard, "LONGEST_PAUSE", 0.05)

    async def stay() -> Any:
        queue = [piece(b"a", more=False), {"type": "http.disconnect"}]

        async def receive() -> Any:
            if len(queue) == 1:
                await asyncio.sleep(0.15)
            return queue.pop(0)

        limited = guard._limited(receive, 10)
        await limited()
        return await limited()

    assert asyncio.run(stay()) == {"type": "http.disconnect"}
