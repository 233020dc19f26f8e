"""Shapes that people draw: checked, made valid, bounded in size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import shapely

from config.errors import InvalidInput

MOST_POINTS = 5_000
MOST_DEGREES = 3.0
"""Widest and highest shape: more than the largest city, less than would make the database count a country."""


def polygon(drawn: Mapping[str, Any]) -> shapely.Polygon | shapely.MultiPolygon:
    """A GeoJSON Polygon or MultiPolygon in WGS 84 degrees, made valid. Raises InvalidInput for anything else."""
    points = _count(drawn.get("coordinates"))
    if drawn.get("type") not in ("Polygon", "MultiPolygon") or points is None:
        raise InvalidInput("The shape is not a polygon.", "Send a GeoJSON Polygon or MultiPolygon in WGS 84 degrees.")
    if points > MOST_POINTS:
        raise InvalidInput(
            "The shape has more than {most} points.", "Draw it with fewer points.", most=MOST_POINTS, field="shape"
        )
    try:
        shape = shapely.make_valid(shapely.geometry.shape(drawn))
    except (ValueError, TypeError, shapely.errors.GEOSException) as error:
        raise InvalidInput("The shape is not a polygon.", "Draw it again with at least three corners.") from error
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    if not parts or not shapely.area(parts).sum() > 0:
        raise InvalidInput("The shape encloses nothing.", "Draw it again with at least three corners.")
    whole = shapely.union_all(parts)
    west, south, east, north = whole.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise InvalidInput(
            "The shape lies outside the world.", "Give longitude and latitude in degrees, in this order."
        )
    if max(east - west, north - south) > MOST_DEGREES:
        raise InvalidInput("The shape is larger than any city.", "Draw a smaller one.")
    return whole if isinstance(whole, shapely.MultiPolygon) else shapely.Polygon(whole)


def _count(part: Any) -> int | None:
    """How many positions there are; None where something is not a list of finite numbers."""
    if not isinstance(part, list | tuple) or not part:
        return None
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in part):
        return 1 if 2 <= len(part) <= 3 and all(math.isfinite(value) for value in part) else None
    counts = [_count(each) for each in part]
    return None if any(count is None for count in counts) else sum(count or 0 for count in counts)
