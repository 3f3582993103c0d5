"""Sums over millions of rows, a block at a time: every core takes blocks, and they are added in their order.

So no number of threads can move a digit, and nothing needs a second copy of the rows.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

BLOCK = 65_536
"""Rows a time: eight covariates of them are 4 MB, which a core keeps near."""


def each_block(rows: int, make: Callable[[slice], Any]) -> list[Any]:
    """What `make` gives of each block, in order. The kernels let go of the interpreter's lock."""
    blocks = [slice(first, first + BLOCK) for first in range(0, max(rows, 1), BLOCK)]
    if len(blocks) == 1:
        return [make(blocks[0])]
    with ThreadPoolExecutor(os.cpu_count()) as cores:
        return list(cores.map(make, blocks))


def table(covariates: NDArray[Any]) -> NDArray[Any]:
    """The rows one after another, in single precision where they came so: the kernels reckon in double either way."""
    single = covariates.dtype == np.float32
    return np.ascontiguousarray(covariates, dtype=np.float32 if single else np.float64)


def mean(x: NDArray[Any]) -> Vector:
    """float64[covariate]."""
    found: Vector = sum(each_block(len(x), lambda rows: _total(x[rows]))) / max(len(x), 1)
    return found


def spread(x: NDArray[Any], middle: Vector) -> Vector:
    """float64[covariate]: standard deviations around `middle`."""
    found: Vector = np.sqrt(sum(each_block(len(x), lambda rows: _squares(x[rows], middle))) / max(len(x), 1))
    return found


def cross(x: NDArray[Any], middle: Vector) -> Vector:
    """float64[covariate, covariate]: sums of products of what is left after taking `middle` away."""
    found: Vector = sum(each_block(len(x), lambda rows: _products(x[rows], middle)))
    return found


def turned(x: NDArray[Any], middle: Vector, axes: Vector) -> Vector:
    """float64[row, axis]: (x − middle) times axes."""
    found = np.empty((len(x), axes.shape[1]))
    each_block(len(x), lambda rows: _along(x[rows], middle, axes, found[rows]))
    return found


@njit(cache=True, nogil=True)
def _total(x):  # type: ignore[no-untyped-def]
    found = np.zeros(x.shape[1])
    for row in range(len(x)):
        for at in range(x.shape[1]):
            found[at] += x[row, at]
    return found


@njit(cache=True, nogil=True)
def _squares(x, middle):  # type: ignore[no-untyped-def]
    found = np.zeros(x.shape[1])
    for row in range(len(x)):
        for at in range(x.shape[1]):
            found[at] += (x[row, at] - middle[at]) ** 2
    return found


@njit(cache=True, nogil=True)
def _products(x, middle):  # type: ignore[no-untyped-def]
    width = x.shape[1]
    found, z = np.zeros((width, width)), np.empty(width)
    for row in range(len(x)):
        for at in range(width):
            z[at] = x[row, at] - middle[at]
        for at in range(width):
            for other in range(width):
                found[at, other] += z[at] * z[other]
    return found


@njit(cache=True, nogil=True)
def _along(x, middle, axes, found):  # type: ignore[no-untyped-def]
    for row in range(len(x)):
        found[row] = 0.0
        for at in range(x.shape[1]):
            here = x[row, at] - middle[at]
            for axis in range(axes.shape[1]):
                found[row, axis] += here * axes[at, axis]
