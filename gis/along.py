"""Where a point lies along a line (线性参照), for lines that run there and back or cross themselves. Pure.

The nearest point of the whole line is wrong where a line uses a street twice: a bus on its way back would jump to the way
out. So a vehicle is looked for in a window ahead of where it was, and, without that, where the line runs its way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

METRES_PER_DEGREE = 111_195.0
"""Of latitude, on a sphere of 6,371 km; good to 0.3 % anywhere."""

FORWARD, BACKWARD = 0.02, 0.5
"""Metres beside the line that a metre ahead, or back, is worth when two places are as near."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Along:
    """A point's place: metres along the line, metres beside it."""

    at_m: float
    off_m: float


@dataclass(frozen=True, eq=False)
class Path:
    """A line of WGS 84 points in its direction. Metres are of a local plane around its middle: exact enough for a city."""

    lons: tuple[float, ...]
    lats: tuple[float, ...]

    @cached_property
    def _scale(self) -> tuple[float, float]:
        middle = float(np.radians(np.mean(self.lats)))
        return METRES_PER_DEGREE * float(np.cos(middle)), METRES_PER_DEGREE

    @cached_property
    def _points(self) -> Floats:
        return np.column_stack([np.array(self.lons) * self._scale[0], np.array(self.lats) * self._scale[1]])

    @cached_property
    def _steps(self) -> Floats:
        return np.diff(self._points, axis=0)

    @cached_property
    def _lengths(self) -> Floats:
        return np.maximum(np.hypot(self._steps[:, 0], self._steps[:, 1]), 1e-9)

    @cached_property
    def metres(self) -> Floats:
        """Distance along the line of each of its points."""
        return np.concatenate([[0.0], np.cumsum(self._lengths)])

    @property
    def length_m(self) -> float:
        """Metres from the first point to the last."""
        return float(self.metres[-1])

    def locate(
        self,
        lon: float,
        lat: float,
        *,
        window: tuple[float, float] | None = None,
        last_m: float | None = None,
        heading: float | None = None,
        within_m: float = 60.0,
    ) -> Along | None:
        """The place of a point, or None farther than `within_m` from the part of the line that is looked at.

        `window`: metres along the line from where to where; beyond the end it goes on at the beginning (a round).
        `last_m`: where in the window it was last; of two places as near, the one that it reaches first going forward.
        `heading`: degrees from north; pieces that run another way by more than a right angle do not count.
        """
        point = np.array([lon * self._scale[0], lat * self._scale[1]])
        along = np.clip(((point - self._points[:-1]) * self._steps).sum(1) / self._lengths**2, 0.0, 1.0)
        nearest = self._points[:-1] + along[:, None] * self._steps
        off = np.hypot(*(point - nearest).T)
        at = self.metres[:-1] + along * self._lengths
        usable = off <= within_m
        cost = off
        if window is not None:
            ahead = np.mod(at - window[0], self.length_m)
            usable &= ahead <= min(window[1] - window[0], self.length_m)
            if last_m is not None:
                ahead -= last_m - window[0]
                cost = off + np.where(ahead >= 0, ahead * FORWARD, -ahead * BACKWARD)
        if heading is not None:
            way = np.array([np.sin(np.radians(heading)), np.cos(np.radians(heading))])
            usable &= (self._steps @ way) > 0
        if not usable.any():
            return None
        best = int(np.argmin(np.where(usable, cost, np.inf)))
        return Along(float(at[best]), float(off[best]))
