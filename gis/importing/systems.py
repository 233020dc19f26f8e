"""Coordinate systems that a file or a mapping states, and the way from each to WGS 84: known, or refused. Pure."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from config.errors import InvalidInput
from gis import coordinates, frames

Numbers = NDArray[np.float64]

SAME_AS_WGS84 = ("China 2000",)
"""Datums that PROJ knows no way from and that need none at the accuracy of city assets."""

ROUGH_M = 1.0
"""Accuracy of a transformation beyond which it is told."""


@dataclass(frozen=True)
class System:
    """A stated coordinate system: its name as kept, whether it is in degrees, and the way to WGS 84 for arrays of numbers."""

    name: str
    degrees: bool
    to_wgs84: Callable[[Numbers, Numbers], tuple[Numbers, Numbers]]
    accuracy_m: float = 0.0
    """How exactly the way to WGS 84 is published, where that is worse than a metre; else 0."""


def system_of(stated: str) -> System:
    """wgs84, cgcs2000, gcj02, bd09, a code (EPSG:4547), or WKT as files carry it. Raises InvalidInput for any other."""
    name = stated.strip().lower()
    if name in coordinates.SYSTEMS:
        return System(name, True, lambda x, y: coordinates.to_wgs84(x, y, name))
    if name == frames.NAME:
        return System(name, False, frames.current().to_wgs84)
    try:
        if not re.fullmatch(r"\w+:\d+", stated.strip()) and "[" not in stated:
            raise CRSError("a name may fit several systems")  # PROJ would choose the most similar one
        crs = CRS.from_user_input(stated)
    except CRSError as error:
        raise InvalidInput(
            "The coordinate system '{system}' is not known.",
            "State one of {systems}, or an EPSG code such as EPSG:4547.",
            system=stated,
            systems=", ".join(coordinates.SYSTEMS),
        ) from error
    if crs.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return system_of("wgs84")
    accuracy_m = _must_be_known(crs)
    transformer = Transformer.from_crs(crs, 4326, always_xy=True)
    code = crs.to_authority()
    kept = ":".join(code) if code else crs.name
    return System(kept, crs.is_geographic, lambda x, y: transformer.transform(x, y, errcheck=False), accuracy_m)


def _must_be_known(crs: CRS) -> float:
    """The accuracy of the way to WGS 84 in metres, 0 where it is better than one.

    Refuses a datum from which PROJ knows no way (Xi'an 1980), for taken as WGS 84 everything would lie some 100 m off, and a
    plane that is tied to no place on Earth.
    """
    geodetic = crs.geodetic_crs
    if geodetic is None or not (crs.is_geographic or crs.is_projected):
        raise InvalidInput(
            "The coordinate system '{system}' is tied to no place on Earth.",
            "Ask the owner which system the numbers are in, and state it in the mapping, for example EPSG:4547.",
            system=crs.name,
        )
    if geodetic.datum is None or geodetic.datum.name in SAME_AS_WGS84:
        return 0.0
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # a grid that is not installed: the accuracy below says what is left
        best = TransformerGroup(crs, 4326, always_xy=True).transformers
    if best and all(way.accuracy < 0 and "Ballpark" in way.description for way in best):
        raise InvalidInput(
            "From {system} no transformation to WGS 84 is published.",
            "Ask the owner for the data in CGCS2000, or have a local frame estimated from control points (docs/guide/coordinates.md).",
            system=crs.name,
        )
    published = [way.accuracy for way in best if way.accuracy >= 0]
    return published[0] if published and published[0] > ROUGH_M else 0.0
