"""Numbers of unit grids as the standard counts them: from north to south in rows, in each row from west to east. Pure."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.gridding.mesh import Shapes

ROW = 0.5
"""Height of a row in sides of a square unit grid: cells whose middles lie so close to the northernmost one's stand beside it."""


def in_order(shapes: Shapes, target: float) -> NDArray[np.intp]:
    """Places of the shapes (metres) in the order of their numbers; `target` is the usual area in m²."""
    x, y = shapely.get_coordinates(shapely.centroid(shapes)).T
    row = np.zeros(len(shapes), dtype=np.intp)
    northernmost = np.inf
    for place in np.argsort(-y, kind="stable"):
        if northernmost - y[place] > ROW * np.sqrt(target):
            northernmost = y[place]
            row += y <= northernmost
    return np.asarray(np.lexsort((x, row)), dtype=np.intp)


def codes(area_code: str, number: int, digits: int) -> list[str]:
    """The codes of so many unit grids of an area: its code, then the number with so many digits or as many as it takes."""
    width = max(digits, len(str(number)))
    return [f"{area_code}{each:0{width}}" for each in range(1, number + 1)]
