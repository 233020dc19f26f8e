"""The plane the city is drawn in, and its place on Earth.

Everything is generated in metres around (0, 0), x to the east and y to the north, and only at the end moved to
the anchor and turned into EPSG:4326. Yunlan is fictional: the anchor lies among fields of the Hebei plain.
"""

from __future__ import annotations

import zlib
from typing import Any

import geopandas as gpd
import numpy as np
from pyproj import Transformer
from shapely import transform

WORK_CRS = "EPSG:32650"
"""UTM zone 50 north, metres: the plane that (0, 0) is anchored in."""

ANCHOR_LON_LAT = (115.62, 38.43)


def random(seed: int, topic: str) -> np.random.Generator:
    """A generator of its own for each topic, so that a change in one part leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(topic.encode())])


def geo_frame(rows: list[dict[str, Any]], columns: list[str]) -> gpd.GeoDataFrame:
    """Rows with a `geometry` in city metres → GeoDataFrame in EPSG:4326 with the given columns in order."""
    east, north = Transformer.from_crs("EPSG:4326", WORK_CRS, always_xy=True).transform(*ANCHOR_LON_LAT)
    shapes = transform(
        np.array([row["geometry"] for row in rows], dtype=object), lambda xy: xy + np.array((east, north))
    )
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry=shapes, crs=WORK_CRS)
    return frame.to_crs("EPSG:4326")
