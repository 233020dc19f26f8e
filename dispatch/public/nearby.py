"""Open cases around a point that anybody may see: perhaps what a citizen is about to report is one of them."""

from __future__ import annotations

import math
from datetime import date

from sqlalchemy import Connection

from dispatch.public import records
from dispatch.public.masking import METRES_PER_DEGREE
from dispatch.public.records import Record, Wanted

MOST = 6


def around(
    db: Connection, point: tuple[float, float], reach_m: float, day: date, locale: str, *, service: str = ""
) -> list[tuple[Record, float]]:
    """Records within `reach_m` metres with their distance, those of `service` first, then the nearest; six at most.

    What is shown rounded is left out: its distance would be that of another place.
    """
    lon, lat = point
    width, height = reach_m / (METRES_PER_DEGREE * max(math.cos(math.radians(lat)), 0.01)), reach_m / METRES_PER_DEGREE
    bbox = (lon - width, lat - height, lon + width, lat + height)
    found = records.find(db, Wanted(open=True, bbox=bbox), day, locale, limit=200)
    placed = [(each, _metres(each, point)) for each in found if not each.rounded and each.lon is not None]
    inside = [(each, metres) for each, metres in placed if metres <= reach_m]
    return sorted(inside, key=lambda pair: (pair[0].service_code != service, pair[1]))[:MOST]


def _metres(record: Record, point: tuple[float, float]) -> float:
    """On the sphere; good to half a percent."""
    lon, lat = point
    x = ((record.lon or 0) - lon) * math.cos(math.radians(lat))
    return math.hypot(x, (record.lat or 0) - lat) * METRES_PER_DEGREE
