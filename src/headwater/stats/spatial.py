"""Distances and rings around treated places, and where demand went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def nearest_metres(places: Floats, treated: Floats) -> Floats:
    """float64[place]: metres to the nearest treated place; places and treated are float64[·, 2], NaN where unknown."""
    known = np.isfinite(places).all(axis=1)
    targets = treated[np.isfinite(treated).all(axis=1)]
    found = np.full(len(places), np.nan)
    if len(targets) and known.any():
        found[known] = cKDTree(targets).query(places[known])[0]
    return found


def displacement_quotient(treated: tuple[float, float], buffer: tuple[float, float], far: tuple[float, float]) -> float:
    """The weighted displacement quotient of Bowers & Johnson (2003), J. Quantitative Criminology 19:275, eq. 1.

    Each pair is (before, after). Below 0 demand moved into the buffer, at −1 all of it did; above 0 the benefit spread.
    NaN where the treated places did not fall against the comparison, for then there is nothing to have moved.
    """
    fell = treated[1] / far[1] - treated[0] / far[0]
    moved = buffer[1] / far[1] - buffer[0] / far[0]
    return moved / fell if fell < 0 else float("nan")
