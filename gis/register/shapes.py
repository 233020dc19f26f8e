"""Shapes of assets as people draw them: GeoJSON judged and kept, and the other way. Pure; WGS 84 degrees."""

from __future__ import annotations

import json
from typing import Any

import shapely
from shapely.errors import ShapelyError

from config.errors import InvalidAsset
from config.i18n import _, gettext
from config.kinds import Kind
from gis.readings import MARGIN_DEGREES, Extent

TYPES = {"point": ("Point",), "line": ("LineString", "MultiLineString"), "area": ("Polygon", "MultiPolygon")}
"""GeoJSON types of each geometry that config/kinds.toml names."""

WORDS = {"point": _("a point"), "line": _("a line"), "area": _("an area")}


def as_wkb(kind: Kind, geometry: Any, locale: str = "en", city: Extent | None = None) -> str:
    """GeoJSON as EWKB (hexadecimal). Raises InvalidAsset for what is no valid geometry of this kind on Earth, or farther from the
    city's extent, where it is known, than half its size.
    """
    translate = gettext(locale)
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (ShapelyError, TypeError, ValueError) as error:
        said = translate(_("is no GeoJSON that can be used"))
        raise InvalidAsset("The geometry is no GeoJSON that can be used.", fields={"geometry": said}) from error
    fitting = [name for each in kind.geometry for name in TYPES[each]]
    said = ""
    if shape.geom_type not in fitting:
        wanted = " / ".join(translate(WORDS[each]) for each in kind.geometry)
        said = translate(_("must be {wanted}")).format(wanted=wanted) + f" ({', '.join(fitting)})"
    elif shape.is_empty or not _on_earth(shape):
        said = translate(_("does not lie on Earth: longitude first, then latitude, in degrees"))
    elif city and not _near(shape, city):
        said = translate(_("lies outside this city: longitude first, then latitude, in degrees of WGS 84"))
    elif not shape.is_valid:
        said = translate(_("crosses itself: move the corner that does"))
    elif shape.geom_type != "Point" and shape.length == 0:
        said = translate(_("has no length: draw at least two different points"))
    if said:
        raise InvalidAsset(
            "The geometry of this kind must be a valid {wanted} in WGS 84 degrees.",
            wanted=", ".join(fitting),
            fields={"geometry": said},
        )
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True)).lower()


def is_area(geometry: Any) -> bool:
    """Whether GeoJSON is a polygon, or several, whose borders do not cross themselves."""
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (ShapelyError, TypeError, ValueError):
        return False
    return shape.geom_type in TYPES["area"] and bool(shape.is_valid) and not shape.is_empty


def as_geojson(wkb: str) -> dict[str, Any]:
    """EWKB (hexadecimal) as the database and the history keep it, as GeoJSON."""
    found: dict[str, Any] = json.loads(shapely.to_geojson(shapely.from_wkb(wkb)))
    return found


def _on_earth(shape: Any) -> bool:
    west, south, east, north = shape.bounds
    return bool(west >= -180 and south >= -90 and east <= 180 and north <= 90)


def _near(shape: Any, city: Extent) -> bool:
    """Whether all of it lies in the city's extent or close to it."""
    west, south, east, north = shape.bounds
    lon, lat = MARGIN_DEGREES + (city[2] - city[0]) / 2, MARGIN_DEGREES + (city[3] - city[1]) / 2
    return bool(west >= city[0] - lon and east <= city[2] + lon and south >= city[1] - lat and north <= city[3] + lat)
