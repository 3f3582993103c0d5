"""Chance that belongs to what a thing is, not to where it stands: the same draw under any order, any pseudonym, any
machine.

A row's content (dates, counts, words) is mixed into 64 bits by the finaliser of splitmix64 (Steele, Lea & Flood 2014,
OOPSLA), and the bits stand for a number drawn evenly. Sums of mixed bits wrap around and so do not depend on their
order.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bits = NDArray[np.uint64]

_STEP, _ONE, _TWO = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def named_seed(seed: int, *names: str) -> int:
    """A seed of its own for a name: 64 bits of SHA-256, so that names of the same letters do not share one."""
    return int.from_bytes(sha256("\0".join([str(seed), *names]).encode()).digest()[:8], "big")


def bits_of(values: NDArray[Any]) -> Bits:
    """uint64[...] of numbers or words; what is not known is one value, and −0 is 0."""
    if values.dtype.kind in "OU":
        words, code = np.unique(values.astype(str), return_inverse=True)
        known = np.array([named_seed(0, word) for word in words], dtype=np.uint64)
        return np.asarray(known[code.reshape(values.shape)], dtype=np.uint64)
    if values.dtype.kind == "f":
        whole = np.where(np.isnan(values), np.nan, values + 0.0)
        return np.ascontiguousarray(whole, dtype=np.float64).view(np.uint64)
    return np.ascontiguousarray(values.astype(np.int64)).view(np.uint64)


def mixed(*parts: NDArray[Any] | int) -> Bits:
    """uint64[row]: one number of all parts, in their order; parts are arrays of a row each, or numbers."""
    found: Bits = np.zeros(1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            bits = bits_of(part) if isinstance(part, np.ndarray) else np.array([part % 2**64], dtype=np.uint64)
            found = _finished((found ^ bits) + _STEP)
    return found


def _finished(z: Bits) -> Bits:
    z = (z ^ (z >> np.uint64(30))) * _ONE
    z = (z ^ (z >> np.uint64(27))) * _TWO
    return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


def rows_mixed(table: NDArray[Any]) -> Bits:
    """uint64[row] of all columns of number[row, ...]."""
    flat = table.reshape(len(table), -1)
    return mixed(np.zeros(len(table), dtype=np.int64), *(np.ascontiguousarray(column) for column in flat.T))


def summed(bits: Bits, group: NDArray[np.int64], count: int) -> Bits:
    """uint64[group]: wrapping sums, in no order."""
    found = np.zeros(count, dtype=np.uint64)
    np.add.at(found, group, bits)
    return found


def even(bits: Bits) -> NDArray[np.float64]:
    """float64[row]: bits as numbers drawn evenly from 0 to below 1."""
    found: NDArray[np.float64] = (bits >> np.uint64(11)).astype(np.float64) / 2.0**53
    return found


def among_equals(bits: Bits) -> NDArray[np.int64]:
    """int64[row]: 0, 1, … among rows of the same bits, whose order among themselves means nothing."""
    order = np.argsort(bits, kind="stable")
    first = np.r_[True, bits[order][1:] != bits[order][:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(len(bits)), 0))
    found = np.empty(len(bits), dtype=np.int64)
    found[order] = np.arange(len(bits)) - start
    return found


def steady(values: NDArray[np.float64], digits: int = 11) -> NDArray[np.float64]:
    """Values cut to so many significant digits: what the order of a sum, or the number of threads, leaves in the last
    ones is gone."""
    whole = np.asarray(values, dtype=np.float64)
    size = np.where((whole == 0) | ~np.isfinite(whole), 1.0, np.abs(whole))
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
    found: NDArray[np.float64] = np.where(np.isfinite(whole), np.rint(whole * scale) / scale, whole)
    return found
