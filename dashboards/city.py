"""What pages say about the city they show: name, extent, whom to credit. Read from gis.setting, which imports fill."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from config.settings import Settings
from dashboards.pages import City

WORLD = (-180.0, -60.0, 180.0, 75.0)
"""Shown while the instance holds no city yet: west, south, east, north in degrees."""


def city(db: Connection, settings: Settings, now: datetime, locale: str) -> City:
    """The instance's city at `now`, named in the reader's language."""
    rows = db.execute(text("select name, value from gis.setting where name in ('extent', 'attributions', 'city_name')"))
    facts = {row.name: row.value for row in rows}
    return City(
        name=facts.get("city_name") or _name(db, locale),
        time_zone=str(settings.time_zone),
        now=now.isoformat(),
        bounds=",".join(f"{degrees:.6f}" for degrees in facts.get("extent") or WORLD),
        attributions=tuple(facts.get("attributions") or ()),
    )


def _name(db: Connection, locale: str) -> str:
    """The name of the widest area, where no setting names the city."""
    row = db.execute(text("select name, name_en from gis.area where level = 'city' order by code limit 1")).first()
    return ((locale == "en" and row.name_en) or row.name) if row else ""
