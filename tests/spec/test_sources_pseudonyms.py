"""A pseudonym is the library's own HMAC-SHA-256, however many are made at once, and whatever texts they are made of."""

from __future__ import annotations

import hmac
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.sources.hashing import hexes
from headwater.sources.pseudonyms import MANY, _pads, digests, pseudonyms

KEYS = (b"k", b"x" * 64, b"a key longer than a block of the hash is cut down by it, as RFC 2104 has it")


def expected(text: str | None, before: bytes, key: bytes) -> str | None:
    return None if text is None else hmac.new(key, before + text.encode(), "sha256").hexdigest()[:32]


@pytest.mark.parametrize("key", KEYS)
def test_many_numbers_are_hashed_as_the_library_hashes_one(key: bytes) -> None:
    random = Random(3)
    texts: list[str | None] = ["ż" * random.randint(0, 40) + "7" * random.randint(0, 90) for _ in range(MANY)]
    texts[17], texts[18] = None, ""
    found = digests(pa.array(["cut off", *texts])[1:], b"record\x1f", key).to_pylist()
    looked_at = [*range(300), *range(300, MANY, 97)]
    assert [found[at] for at in looked_at] == [expected(texts[at], b"record\x1f", key) for at in looked_at]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=40), st.binary(max_size=130), st.sampled_from(KEYS))
def test_any_bytes_at_any_length(texts: list[bytes], before: bytes, key: bytes) -> None:
    import numpy as np

    ends = np.cumsum([0, *(len(text) for text in texts)]).astype(np.int32)
    found = hexes(np.frombuffer(b"".join(texts) + b"\0", np.uint8), ends, before, _pads(key))
    assert [row.tobytes().decode() for row in found] == [
        hmac.new(key, before + text, "sha256").hexdigest()[:32] for text in texts
    ]


def test_numbers_of_two_agencies_in_one_batch_are_told_apart() -> None:
    numbers, agencies = pa.array(["12", "12", None, "12"]), pa.array(["gp", "police", "gp", "gp"])
    found = pseudonyms(numbers, agencies, "record", b"k").to_pylist()
    assert found == [
        expected("gp\x1f12", b"record\x1f", b"k"),
        expected("police\x1f12", b"record\x1f", b"k"),
        None,
        found[0],
    ]
    assert found[0] == pseudonyms(numbers[:1], agencies[:1], "record", b"k").to_pylist()[0]
