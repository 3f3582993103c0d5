"""The people or places of a lot, kept as sorted 64-bit hashes of their pseudonyms, a file a set, named by its digest.

8 bytes a person: 1,000 lots of 5,000 people are 40 MB. Two of a million pseudonyms share a hash with a chance of 3e-8.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import Failed
from headwater.store.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


def unit_codes(units: Iterable[str]) -> NDArray[np.uint64]:
    """uint64[n], sorted, each unit once."""
    digests = b"".join(hashlib.blake2b(str(unit).encode(), digest_size=8).digest() for unit in units)
    return np.unique(np.frombuffer(digests, dtype="<u8")).astype(np.uint64)


def digest_of(codes: NDArray[np.uint64]) -> str:
    return hashlib.sha256(codes.astype("<u8").tobytes()).hexdigest()


class UnitSets:
    """The folder of unit sets. `keep` returns the digest that a lot carries in place of its people."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, NDArray[np.uint64]] = {}

    def keep(self, codes: NDArray[np.uint64]) -> str:
        digest = digest_of(codes)
        if not self._file(digest).exists():
            written = io.BytesIO()
            np.save(written, codes.astype("<u8"), allow_pickle=False)
            write_atomically(self._file(digest), written.getvalue())
        self._read[digest] = codes
        return digest

    def without(self, digest: str, units: Sequence[str], instead: int) -> str:
        """The digest of the set with a unit's codes replaced by one that means nobody; '' where none of them is in it."""
        codes, gone = self.codes(digest), unit_codes(units)
        stay = codes[~np.isin(codes, gone)]
        if stay.size == codes.size:
            return ""
        return self.keep(np.unique(np.append(stay, np.uint64(instead))))

    def sweep(self, held: Collection[str]) -> None:
        """Remove the sets that no lot names: those of people who were forgotten, and of acts that were cut off."""
        for file in self.folder.glob("*.npy"):
            if file.stem not in held:
                file.unlink(missing_ok=True)
                self._read.pop(file.stem, None)

    def codes(self, digest: str) -> NDArray[np.uint64]:
        """Raises Failed where the set is gone or is not the one the lot was opened with."""
        if not self.sound(digest):
            raise Failed(
                "the people or places of a lot are missing, or are not those it was opened with",
                given=f"unit set {digest[:12]}…",
                next_step="put back the hidden folder's units from the last good copy",
            )
        return self._read[digest]

    def sound(self, digest: str) -> bool:
        """Whether the set is there and has this digest; read once."""
        if digest not in self._read:
            try:
                codes = np.load(self._file(digest), allow_pickle=False)
            except (OSError, ValueError):
                return False
            if codes.dtype != np.dtype("<u8") or digest_of(codes) != digest:
                return False
            self._read[digest] = codes.astype(np.uint64, copy=False)
        return True

    def _file(self, digest: str) -> Path:
        return self.folder / f"{digest}.npy"
