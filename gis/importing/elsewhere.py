"""A file that lies wholly in another place than the city: said first and once, with what to do, not row by row (C3)."""

from __future__ import annotations

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.importing import instance, osm_places, other_readings
from gis.importing.osm import OsmFile
from gis.importing.placing import Placed, Shapes
from gis.importing.systems import System

NOWHERE = {"no_geometry", "at_zero", "wrong_shape", "unreadable_shape"}
"""Reasons that say nothing about where the other rows lie."""


def refuse(placed: Placed, raw: Shapes, system: System, near: tuple[float, float] | None) -> None:
    """Raises InvalidInput where every row that lies anywhere lies too far from the city's middle `near` (degrees).

    Rows that have another likely reading of their own (axes swapped, metres for degrees) are told one by one, as ever.
    """
    reasons = {fault.reason for fault in placed.faults.values()} - NOWHERE
    if near is None or reasons != {"far_away"} or not shapely.is_missing(placed.shapes).all():
        return
    far = [number for number, fault in placed.faults.items() if fault.reason == "far_away"]
    bounds = shapely.bounds(shapely.force_2d(raw[far]))
    lon, lat = system.to_wgs84((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)
    middle = float(np.median(lon)), float(np.median(lat))
    hint = other_readings.hint(raw[far[0]], system, near).lstrip(".; ")
    raise instance.elsewhere(middle, instance.metres(near, middle), system.name, f" {hint}" if hint else "")


def refuse_osm(db: Connection, file: OsmFile) -> None:
    """The same for an OpenStreetMap file before it is read: by the extent that it states, else by its first nodes."""
    near = instance.centre(db)
    if near is None:
        return
    middle = instance.middle(file.extent) if file.extent else osm_places.first_nodes(file.path)
    whole_country = file.extent is not None and instance.breadth_m(file.extent) > 2 * instance.SAME_CITY_M
    if middle and not whole_country and instance.metres(near, middle) > instance.SAME_CITY_M:
        raise instance.elsewhere(middle, instance.metres(near, middle), "wgs84")
