"""Names as keyed bits: Bloom filters of bigrams under a secret key (Schnell, Bachteler & Reiher 2009, BMC Medical
Informatics and Decision Making 9:41; several fields in one filter: the same 2011, German Record Linkage Center WP 02).

A value is cut into bigrams, each bigram sets bits at places that a keyed hash names, and how alike two values are shows
as bits in common. A record has three filters, of its names, its birth and its home, so that an address that changed
does not hide a name that did not; a field's weight within its filter is how many bits each of its bigrams sets. The
places are independent pieces of HMAC-SHA-256 under a key of the field's own, not multiples of two hashes: double
hashing leaves few patterns, by which names were read back (Niedermeyer, Steinmetzer, Kroll & Schnell 2014, J. Privacy
and Confidentiality 6). At the end a filter is folded, one half XOR the other (Schnell & Borgs 2016, ICDM Workshops), so
that no bit stands for one set of bigrams any more.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

    Values = Mapping[str, Sequence[str | None]]


@dataclass(frozen=True, slots=True)
class Part:
    """How a field enters a filter. grams: bigrams, places (each sign with its place) or whole; bits: how many each gram
    sets."""

    field: str
    grams: str
    bits: int


@dataclass(frozen=True, slots=True)
class Filter:
    """One of a record's filters. length: its bits before folding, a multiple of 16."""

    name: str
    length: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What agencies must have in common beside the key."""

    filters: tuple[Filter, ...]
    fold: bool = True

    @property
    def code(self) -> str:
        """A short hash of all of it."""
        return hashlib.sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:16]


SCHEME = Scheme(
    (
        Filter("names", 1_024, (Part("given", "bigrams", 16), Part("family", "bigrams", 16))),
        Filter("birth", 512, (Part("birth", "places", 12), Part("sex", "whole", 12))),
        Filter(
            "home", 1_024, (Part("postcode", "places", 12), Part("street", "bigrams", 8), Part("house", "whole", 24))
        ),
    )
)
"""Bits so that a filter of usual values is a fifth full, and a third once it is folded; nothing here was fitted to
labels."""


def filters(values: Values, key: bytes, scheme: Scheme = SCHEME) -> dict[str, list[bytes | None]]:
    """Filter → each record's bits, None where nothing is known. values: field → cleaned values, None where one is not
    known."""
    return {one.name: _packed(one, values, key, fold=scheme.fold) for one in scheme.filters}


def _packed(one: Filter, values: Values, key: bytes, *, fold: bool) -> list[bytes | None]:
    count = len(values[one.parts[0].field])
    found = np.zeros((count, one.length // 8), dtype=np.uint8)
    for part in one.parts:
        _add(found, part, values[part.field], _own(key, one.name, part.field))
    half = one.length // 16
    made = found[:, :half] ^ found[:, half:] if fold else found
    return [bytes(row) if row.any() else None for row in made]


def _own(key: bytes, *words: str) -> bytes:
    """A key of the field's own, so that one bigram in two fields sets bits that have nothing to do with each other."""
    return hmac.new(key, "\x1f".join(("headwater filter", *words)).encode(), hashlib.sha256).digest()


def _add(found: Bytes, part: Part, values: Sequence[str | None], key: bytes) -> None:
    """The bits of one field laid over every record's."""
    rows: list[int] = []
    which: list[int] = []
    known: dict[str, int] = {}
    for row, value in enumerate(values):
        for gram in grams_of(value, part.grams) if value else ():
            rows.append(row)
            which.append(known.setdefault(gram, len(known)))
    if known:
        masks = np.stack([_mask(gram, key, part.bits, found.shape[1]) for gram in known])
        starts = np.flatnonzero(np.diff(rows, prepend=-1))
        found[np.array(rows)[starts]] |= np.bitwise_or.reduceat(masks[which], starts, axis=0)


def grams_of(value: str, how: str) -> Iterator[str]:
    """Bigrams with the ends marked; signs with their places; or the value."""
    if how == "bigrams":
        padded = f"_{value}_"
        yield from dict.fromkeys(padded[at : at + 2] for at in range(len(padded) - 1))
    elif how == "places":
        yield from (f"{at}{sign}" for at, sign in enumerate(value))
    else:
        yield value


def _mask(gram: str, key: bytes, bits: int, width: int) -> Bytes:
    """uint8[byte]: the gram's bits, of a stream of keyed hashes cut into numbers of 32 bits."""
    found = np.zeros(width, dtype=np.uint8)
    for block in range(-(-bits // 8)):
        digest = hmac.new(key, f"{block}\x1f{gram}".encode(), hashlib.sha256).digest()
        for number in np.frombuffer(digest, dtype=">u4")[: bits - 8 * block].tolist():
            at = number % (8 * width)
            found[at // 8] |= np.uint8(1 << (at % 8))
    return found
