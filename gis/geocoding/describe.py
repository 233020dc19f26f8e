"""Where a point is, in words: grid, road and number, so many metres east of a crossing or a named place (D3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import Connection

from config.i18n import gettext
from gis.db import prepared_sql, run_prepared
from gis.geocoding.numbers import Numbers, number_at
from gis.geocoding.plane import away
from gis.naming.catch_up import catch_up
from gis.naming.folding import is_chinese

AT_M = 12.0
"""Nearer than this one says "at", not how many metres."""


@dataclass(frozen=True)
class Description:
    """What is known of a point. `text` says it in one language, without the grid, and is empty where nothing is near."""

    text: str = ""
    grid: str | None = None
    road: str = ""
    number: str = ""
    reference: str = ""
    metres: float | None = None
    direction: str = ""


def describe(db: Connection, lon: float, lat: float, locale: str) -> Description:
    """A WGS 84 point in words of `locale`."""
    return _described(_facts(db, lon, lat), lon, lat, locale)


def addresses(db: Connection, lon: float, lat: float) -> tuple[str, str]:
    """The descriptions that are written on a case: in Chinese where the street's name is Chinese, else in English with its names; and
    in English where all that it names has an English name, else empty."""
    row = _facts(db, lon, lat)
    chinese = is_chinese(f"{row.road or ''}{row.other or ''}{row.thing or ''}")
    if not chinese:
        return (_described(row, lon, lat, "en").text,) * 2
    english = _described(row, lon, lat, "en").text
    return _described(row, lon, lat, "zh").text, "" if is_chinese(english) else english


def _facts(db: Connection, lon: float, lat: float) -> Any:
    catch_up(db)
    return run_prepared(db, prepared_sql("gis.geocoding", "describe"), {"lon": lon, "lat": lat}).one()


def _described(row: Any, lon: float, lat: float, locale: str) -> Description:
    english = locale == "en"
    road = (english and row.road_en) or row.road or ""
    number = _number(row, lon, lat)
    reference, there = "", None
    if row.other:
        reference, there = (english and row.other_en) or row.other, (row.crossing_lon, row.crossing_lat)
    elif row.thing:
        reference, there = (english and row.thing_en) or row.thing, (row.thing_lon, row.thing_lat)
    metres, direction = away(there, (lon, lat)) if there else (None, "")
    text = _sentence(locale, road, number, reference, bool(row.other), metres, direction)
    return Description(text, row.grid, road, number, reference, metres, direction)


def _number(row: Any, lon: float, lat: float) -> str:
    if row.door:
        return str(row.door)
    pieces = [
        Numbers(each["low"], each["high"], each["side"], shapely.from_wkb(each["geom"])) for each in row.ranges or ()
    ]
    number = number_at((lon, lat), pieces)
    return str(number) if number is not None else ""


def _sentence(
    locale: str, road: str, number: str, reference: str, crosses: bool, metres: float | None, direction: str
) -> str:
    say = gettext(locale)
    parts = []
    if road:
        parts.append(say("{road} {number}" if number else "{road}").format(road=road, number=number))
    if reference and metres is not None:
        what = say("the crossing with {name}").format(name=reference) if crosses else reference
        near = say("at {place}") if metres < AT_M else say("{metres} m {direction} of {place}")
        parts.append(near.format(place=what, metres=round(metres), direction=say(WORDS[direction])))
    return say(", ").join(parts)


def _(message: str) -> str:
    """Marks a message for the catalogue; it is translated where it is said."""
    return message


WORDS = {
    "n": _("north"),
    "ne": _("northeast"),
    "e": _("east"),
    "se": _("southeast"),
    "s": _("south"),
    "sw": _("southwest"),
    "w": _("west"),
    "nw": _("northwest"),
}
MESSAGES = (
    _("{road} {number}"),
    _("the crossing with {name}"),
    _("at {place}"),
    _("{metres} m {direction} of {place}"),
    _(", "),
)
"""Of DIRECTIONS, and the pieces of a sentence."""
