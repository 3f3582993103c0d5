"""Longitude and latitude to metres on the British National Grid.

Ordnance Survey (2020), A guide to coordinate systems in Great Britain, v3.6: §6.6, the seven parameters from WGS 84 to
OSGB36 (they hold to about 5 metres), and annexe C, the transverse Mercator projection on the Airy 1830 ellipsoid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WGS84, AIRY = (6_378_137.0, 6_356_752.3142), (6_377_563.396, 6_356_256.909)
"""Semi-axes, metres."""
SHIFT = np.array([-446.448, 125.157, -542.060])
SCALE = 20.4894e-6
TURNS = np.radians(np.array([-0.1502, -0.2470, -0.8421]) / 3600)
SCALE_ON_CENTRE = 0.9996012717
CENTRE = np.radians([49.0, -2.0])
FALSE_EASTING, FALSE_NORTHING = 400_000.0, -100_000.0


def national_grid(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """float64[point] each: eastings and northings of degrees on WGS 84 (what satellites and data.police.uk give)."""
    return projected(*_to_osgb36(np.radians(longitude), np.radians(latitude)))


def _to_osgb36(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Radians on WGS 84 to radians on OSGB36, through earth-centred metres."""
    a, b = WGS84
    e2 = 1 - (b / a) ** 2
    nu = a / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
    x, y, z = (
        nu * np.cos(latitude) * np.cos(longitude),
        nu * np.cos(latitude) * np.sin(longitude),
        (1 - e2) * nu * np.sin(latitude),
    )
    (tx, ty, tz), (rx, ry, rz), s = SHIFT, TURNS, 1 + SCALE
    x, y, z = tx + s * x - rz * y + ry * z, ty + rz * x + s * y - rx * z, tz - ry * x + rx * y + s * z
    a, b = AIRY
    e2, flat = 1 - (b / a) ** 2, np.hypot(x, y)
    latitude = np.arctan2(z, flat * (1 - e2))
    for _ in range(5):
        nu = a / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
        latitude = np.arctan2(z + e2 * nu * np.sin(latitude), flat)
    return np.arctan2(y, x), latitude


def projected(longitude: Floats, latitude: Floats) -> tuple[Floats, Floats]:
    """Eastings and northings of radians on OSGB36. The names are the guide's, C.1 to C.5."""
    a, b = AIRY
    e2, f0 = 1 - (b / a) ** 2, SCALE_ON_CENTRE
    sin, cos, tan2 = np.sin(latitude), np.cos(latitude), np.tan(latitude) ** 2
    nu = a * f0 / np.sqrt(1 - e2 * sin**2)
    rho = a * f0 * (1 - e2) * (1 - e2 * sin**2) ** -1.5
    eta2, d = nu / rho - 1, longitude - CENTRE[1]
    north = (
        _meridian(latitude)
        + nu / 2 * sin * cos * d**2
        + nu / 24 * sin * cos**3 * (5 - tan2 + 9 * eta2) * d**4
        + nu / 720 * sin * cos**5 * (61 - 58 * tan2 + tan2**2) * d**6
    )
    east = (
        nu * cos * d
        + nu / 6 * cos**3 * (nu / rho - tan2) * d**3
        + nu / 120 * cos**5 * (5 - 18 * tan2 + tan2**2 + 14 * eta2 - 58 * tan2 * eta2) * d**5
    )
    return FALSE_EASTING + east, FALSE_NORTHING + north


def _meridian(latitude: Floats) -> Floats:
    """Metres along the central meridian from the true origin."""
    a, b = AIRY
    n = (a - b) / (a + b)
    less, more = latitude - CENTRE[0], latitude + CENTRE[0]
    return np.asarray(
        b
        * SCALE_ON_CENTRE
        * (
            (1 + n + 1.25 * n**2 + 1.25 * n**3) * less
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * np.sin(less) * np.cos(more)
            + 15 / 8 * (n**2 + n**3) * np.sin(2 * less) * np.cos(2 * more)
            - 35 / 24 * n**3 * np.sin(3 * less) * np.cos(3 * more)
        )
    )
