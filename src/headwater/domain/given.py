"""What one site's outcome is believed to be given all sites of its pool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class GivenAll:
    """The pool that the lock named before outcomes were read, and what it says of an outcome's log ratio.

    cells, mass: float64[cell], values of the log ratio, evenly spaced, and their chances; mark: what names the files it
    was made of.
    """

    pool: str
    sites: int
    cells: NDArray[np.float64]
    mass: NDArray[np.float64]
    mark: str
