"""Where an OpenStreetMap file lies, before it is read: by the extent that it states, or by its first nodes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from gis.importing.instance import Extent

MOST_NODES = 5000
"""Nodes from the beginning that are looked at where a file states no extent."""


def stated_extent(path: Path) -> Extent | None:
    """How far the file says it reaches; None where it does not say, or cannot be read."""
    try:
        with osmium.io.Reader(str(path)) as reader:
            box = reader.header().box()
    except (RuntimeError, OSError):
        return None
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    return low.lon, low.lat, high.lon, high.lat


def first_nodes(path: Path) -> tuple[float, float] | None:
    """The middle (longitude, latitude) of a file's first nodes; None where it has none, or cannot be read."""
    try:
        nodes: Any = islice(osmium.FileProcessor(str(path), osmium.osm.NODE), MOST_NODES)
        places = [(node.location.lon, node.location.lat) for node in nodes if node.location.valid()]
    except (RuntimeError, OSError, ValueError):
        return None
    if not places:
        return None
    lon, lat = np.median(np.array(places), axis=0).tolist()
    return lon, lat
