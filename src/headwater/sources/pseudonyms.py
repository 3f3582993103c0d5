"""Pseudonyms of numbers of people and contacts: HMAC-SHA-256 under the key of the workspace."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BYTES = 16
BLOCK = 64
"""Bytes of a block of SHA-256 (FIPS 180-4), to which RFC 2104 pads the key."""
AGENCY_OWN = ("record", "contact")
"""Numbers that only mean something within an agency: their pseudonym depends on it. Shared numbers' do not."""
MANY = 100_000
"""Numbers from which on they are hashed all at once: to load the compiled hash takes as long as to hash so many one by
one."""


def pseudonyms(numbers: pa.StringArray, agency: pa.StringArray | None, name: str, key: bytes) -> pa.StringArray:
    """HMAC-SHA-256 of each number (with its agency where only that agency knows it), 16 bytes as hex; null stays
    null."""
    if numbers.null_count == len(numbers):
        return pa.nulls(len(numbers), pa.string())
    before = f"{name}\x1f".encode()
    if name in AGENCY_OWN and agency is not None:
        own = pc.unique(agency)
        if len(own) == 1 and own[0].is_valid:
            before += f"{own[0]}\x1f".encode()
        else:
            numbers = pc.binary_join_element_wise(agency, numbers, "\x1f")
    if len(numbers) >= MANY:
        return digests(numbers, before, key)
    coded = numbers.dictionary_encode()
    return digests(coded.dictionary, before, key).take(coded.indices)


def digests(texts: pa.StringArray, before: bytes, key: bytes) -> pa.StringArray:
    """The first 16 bytes, as hex, of the HMAC-SHA-256 of each text after `before`; null stays null."""
    return _each(texts, before, key) if len(texts) < MANY else _at_once(texts, before, key)


def _each(texts: pa.StringArray, before: bytes, key: bytes) -> pa.StringArray:
    """The two keyed states are made once and copied: four calls a number, where the library's own HMAC takes a
    microsecond more."""
    inner, outer = (sha256(pad) for pad in _pads(key))
    inner.update(before)
    within, around = inner.copy, outer.copy
    made = []
    for text in texts.cast(pa.binary()).to_pylist():
        one, other = within(), around()
        one.update(text or b"")
        other.update(one.digest())
        made.append(other.digest()[:BYTES])
    return _array(b"".join(made).hex().encode(), texts)


def _at_once(texts: pa.StringArray, before: bytes, key: bytes) -> pa.StringArray:
    from headwater.sources.hashing import hexes  # the compiler's library is loaded where there is much to hash

    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return _array(hexes(np.frombuffer(texts.buffers()[2] or b"\0", np.uint8), ends, before, _pads(key)), texts)


def _pads(key: bytes) -> tuple[bytes, bytes]:
    """RFC 2104: the key with each of its two pads."""
    block = (sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def _array(hexes: Any, texts: pa.StringArray) -> pa.StringArray:
    """Digests that stand one after the other, without a Python object each, null where their texts are."""
    size = len(texts)
    ends = np.arange(size + 1, dtype=np.int32) * (2 * BYTES)
    made = pa.StringArray.from_buffers(size, pa.py_buffer(ends), pa.py_buffer(hexes))
    return pc.if_else(texts.is_valid(), made, None) if texts.null_count else made
