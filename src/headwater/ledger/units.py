"""The people or places of a lot, kept as sorted 64-bit hashes of their pseudonyms, a file a set, named by its digest.

8 bytes a person: 1,000 lots of 5,000 people are 40 MB. Two of a million pseudonyms share a hash with a chance of 3e-8.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.format import read_array

from headwater.domain.errors import Failed
from headwater.store.files import removed, write_atomically

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


def unit_codes(units: Iterable[str]) -> NDArray[np.uint64]:
    """uint64[n], sorted, each unit once."""
    digests = b"".join(hashlib.blake2b(str(unit).encode(), digest_size=8).digest() for unit in units)
    return np.unique(np.frombuffer(digests, dtype="<u8")).astype(np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """The units of a lot with each one's own first and last day (datetime64[D][n], last counts too)."""

    units: NDArray[np.str_]
    first: NDArray[np.datetime64]
    last: NDArray[np.datetime64]

    def rows(self) -> NDArray[np.uint64]:
        """uint64[3, n]: code, first and last day since 1970, by code; a unit that stands twice keeps its widest
        span."""
        digests = b"".join(hashlib.blake2b(str(unit).encode(), digest_size=8).digest() for unit in self.units)
        codes, at = np.unique(np.frombuffer(digests, dtype="<u8"), return_inverse=True)
        days = [part.astype("datetime64[D]").astype(np.int64) for part in (self.first, self.last)]
        first, last = np.full(codes.size, np.iinfo(np.int64).max), np.full(codes.size, np.iinfo(np.int64).min)
        np.minimum.at(first, at, days[0])
        np.maximum.at(last, at, days[1])
        return np.stack([codes.astype(np.uint64), *(part.view(np.uint64) for part in (first, last))])


def digest_of(rows: NDArray[np.uint64]) -> str:
    return hashlib.sha256(rows.astype("<u8").tobytes()).hexdigest()


class UnitSets:
    """The folder of unit sets: codes, or codes with each unit's days. `keep` returns the digest a lot carries in place
    of its people."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, NDArray[np.uint64]] = {}

    def keep(self, rows: NDArray[np.uint64]) -> str:
        """rows: uint64[n] codes, or uint64[3, n] with first and last days."""
        digest = digest_of(rows)
        if not self._file(digest).exists():
            written = io.BytesIO()
            np.save(written, rows.astype("<u8"), allow_pickle=False)
            write_atomically(self._file(digest), written.getvalue())
        self._read[digest] = rows
        return digest

    def without(self, digest: str, units: Sequence[str], instead: int) -> str:
        """The digest of the set with a unit's codes replaced by one that means nobody; '' where none of them is in it.

        One that went by several codes stands once, with the days of the first.
        """
        rows = self._rows(digest).copy()
        codes = np.atleast_2d(rows)[0]
        theirs = np.isin(codes, unit_codes(units))
        if not theirs.any():
            return ""
        codes[theirs] = np.uint64(instead)
        _, kept = np.unique(codes, return_index=True)
        return self.keep(rows[..., kept])

    def sweep(self, held: Collection[str]) -> None:
        """Remove the sets that no lot names: those of people who were forgotten, and of acts that were cut off."""
        for file in self.folder.glob("*.npy"):
            if file.stem not in held:
                removed(file)
                self._read.pop(file.stem, None)

    def codes(self, digest: str) -> NDArray[np.uint64]:
        """Raises Failed where the set is gone or is not the one the lot was opened with."""
        return np.atleast_2d(self._rows(digest))[0]

    def days(self, digest: str) -> NDArray[np.int64] | None:
        """int64[2, n]: first and last day of each unit since 1970; None where the set has none of their own."""
        rows = self._rows(digest)
        return rows[1:].view(np.int64) if rows.ndim == 2 else None

    def _rows(self, digest: str) -> NDArray[np.uint64]:
        if not self.sound(digest):
            raise Failed(
                "the people or places of a pool are missing, or are not those it was opened with",
                given=f"unit set {digest[:12]}…",
                next_step="put back the hidden folder's units from the last good copy",
            )
        return self._read[digest]

    def sound(self, digest: str) -> bool:
        """Whether the set is there and has this digest; read once."""
        if digest not in self._read:
            try:
                with self._file(digest).open("rb") as file:
                    rows = read_array(file, allow_pickle=False)
            except (OSError, ValueError, EOFError, MemoryError):
                return False
            if rows.dtype != np.dtype("<u8") or digest_of(rows) != digest:
                return False
            self._read[digest] = rows.astype(np.uint64, copy=False)
        return True

    def _file(self, digest: str) -> Path:
        return self.folder / f"{digest}.npy"
