"""Arithmetic on an ellipsoid whose figures nobody else may see: geocentric coordinates and transverse Mercator. Pure.

PROJ does the same, but names in its errors and objects what it was given. Angles in degrees, lengths in metres; a: semi-major
axis, f: flattening. Agrees with PROJ within a micrometre (tests/unit/test_frames.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

CGCS2000_A, CGCS2000_F = 6378137.0, 1 / 298.257222101


def geocentric(lon: Numbers, lat: Numbers, a: float, f: float) -> Numbers:
    """Degrees at height 0 → metres from the ellipsoid's middle, first axis x, y, z."""
    e2 = f * (2 - f)
    phi, lam = np.radians(lat), np.radians(lon)
    n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    return np.stack([n * np.cos(phi) * np.cos(lam), n * np.cos(phi) * np.sin(lam), n * (1 - e2) * np.sin(phi)])


def geodetic(xyz: Numbers, a: float = CGCS2000_A, f: float = CGCS2000_F) -> tuple[Numbers, Numbers]:
    """Metres from the middle → degrees on the ellipsoid; the height is dropped (Bowring's iteration, to the last bit)."""
    e2 = f * (2 - f)
    p = np.hypot(xyz[0], xyz[1])
    phi = np.arctan2(xyz[2], p * (1 - e2))
    for _ in range(6):
        n = a / np.sqrt(1 - e2 * np.sin(phi) ** 2)
        phi = np.arctan2(xyz[2] + e2 * n * np.sin(phi), p)
    return np.degrees(np.arctan2(xyz[1], xyz[0])), np.degrees(phi)


class Mercator:
    """Transverse Mercator by Krüger's series to the sixth power of the third flattening (Karney 2011): nanometres."""

    __slots__ = ("_alpha", "_beta", "_e", "_meridian", "_radius")

    def __init__(self, a: float, f: float, meridian: float, scale: float) -> None:
        n = f / (2 - f)
        self._e, self._meridian = float(np.sqrt(f * (2 - f))), meridian
        self._radius = scale * a / (1 + n) * (1 + n**2 / 4 + n**4 / 64 + n**6 / 256)
        self._alpha = np.array([
            n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180 - 127 * n**5 / 288 + 7891 * n**6 / 37800,
            13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440 + 281 * n**5 / 630 - 1983433 * n**6 / 1935360,
            61 * n**3 / 240 - 103 * n**4 / 140 + 15061 * n**5 / 26880 + 167603 * n**6 / 181440,
            49561 * n**4 / 161280 - 179 * n**5 / 168 + 6601661 * n**6 / 7257600,
            34729 * n**5 / 80640 - 3418889 * n**6 / 1995840,
            212378941 * n**6 / 319334400,
        ])  # fmt: skip
        self._beta = np.array([
            n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96 - n**4 / 360 - 81 * n**5 / 512 + 96199 * n**6 / 604800,
            n**2 / 48 + n**3 / 15 - 437 * n**4 / 1440 + 46 * n**5 / 105 - 1118711 * n**6 / 3870720,
            17 * n**3 / 480 - 37 * n**4 / 840 - 209 * n**5 / 4480 + 5569 * n**6 / 90720,
            4397 * n**4 / 161280 - 11 * n**5 / 504 - 830251 * n**6 / 7257600,
            4583 * n**5 / 161280 - 108847 * n**6 / 3991680,
            20648693 * n**6 / 638668800,
        ])  # fmt: skip

    def to_metres(self, lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
        lam, tau = np.radians(lon) - self._meridian, np.tan(np.radians(lat))
        sigma = np.sinh(self._e * np.arctanh(self._e * tau / np.hypot(1, tau)))
        conformal = tau * np.hypot(1, sigma) - sigma * np.hypot(1, tau)
        zeta = np.arctan2(conformal, np.cos(lam)) + 1j * np.arcsinh(np.sin(lam) / np.hypot(conformal, np.cos(lam)))
        zeta = zeta + sum(c * np.sin(2 * (j + 1) * zeta) for j, c in enumerate(self._alpha))
        return self._radius * zeta.imag, self._radius * zeta.real

    def to_degrees(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        zeta = (y + 1j * x) / self._radius
        zeta = zeta - sum(c * np.sin(2 * (j + 1) * zeta) for j, c in enumerate(self._beta))
        conformal = np.sin(zeta.real) / np.hypot(np.sinh(zeta.imag), np.cos(zeta.real))
        tau = conformal
        for _ in range(6):
            sigma = np.sinh(self._e * np.arctanh(self._e * tau / np.hypot(1, tau)))
            seen = tau * np.hypot(1, sigma) - sigma * np.hypot(1, tau)
            slope = (1 - self._e**2) * np.hypot(1, tau) * np.hypot(1, seen) / (1 + (1 - self._e**2) * tau**2)
            tau = tau + (conformal - seen) / slope
        lam = np.arctan2(np.sinh(zeta.imag), np.cos(zeta.real)) + self._meridian
        return np.degrees(lam), np.degrees(np.arctan(tau))
