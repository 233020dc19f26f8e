"""Questions to a bus line: a stretch of it with the stops in it, and where a place lies on it (issue 4, C3).

Answers are geometry, list and explanation in both languages. Metres run along the line from its start, points are WGS 84.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy import Connection

from config.errors import InvalidInput
from gis.lines import passages, reading, wording
from gis.lines.passages import Passage
from gis.lines.reading import Line, Stop

AT_STOP_M = 15.0
"""So near a stop along the line a place is at the stop."""

ROUNDED_M = 0.1
"""Who asks from stop to stop has their metres from an answer, rounded."""

ON_LINE_M = 5.0
"""Metres beside the line that are not worth a word."""


def along(db: Connection, asset_id: int, locale: str, from_m: float = 0.0, to_m: float | None = None) -> dict[str, Any]:
    """The stretch between two distances (default: to the end), with its stops. Raises InvalidInput where there is none."""
    line = reading.read(db, asset_id)
    whole = line.on.length_m
    end = whole if to_m is None else min(to_m, whole)
    if from_m >= end:
        raise InvalidInput(
            "There is no stretch from {from_m} to {to_m} m: the line is {length_m} m long.",
            "Give two distances along it, the smaller one first.",
            from_m=round(from_m),
            to_m=round(whole if to_m is None else to_m),
            length_m=round(whole),
        )
    stops = [stop for stop in line.stops if from_m - ROUNDED_M <= stop.at_m <= end + ROUNDED_M]
    facts: dict[str, object] = {"line": line.names, "count": len(stops), "length": wording.distance(end - from_m)}
    facts |= {
        "start": wording.distance(from_m),
        "end": wording.distance(end),
        "whole": wording.distance(whole),
    }
    return {
        **_of(line, locale),
        "from_m": round(from_m, 1),
        "to_m": round(end, 1),
        "length_m": round(end - from_m, 1),
        "stops": [_listed(line, stop, locale) for stop in stops],
        "shape": shapely.geometry.mapping(passages.stretch(line.on, from_m, end)),
        "said": wording.sentence(("stretch", facts)),
    }


def where(
    db: Connection, asset_id: int, locale: str, place: tuple[float, float], after_m: float = 0.0, within_m: float = 50.0
) -> dict[str, Any]:
    """Every position of a place (lon, lat) on the line, in the order of the line; only those from `after_m` on."""
    line = reading.read(db, asset_id)
    every = passages.passages(line.on, *place, within_m)
    found = [each for each in every if each.at_m >= after_m]
    positions = [_position(line, each, locale) for each in found]
    return {
        **_of(line, locale),
        "positions": positions,
        "said": _where(line, place, [each["said"] for each in positions], bool(every), after_m, within_m),
    }


def _where(
    line: Line, place: tuple[float, float], said: Sequence[Mapping[str, str]], passed: bool, after_m: float, within_m: float
) -> dict[str, str]:  # fmt: skip
    if len(said) > 1:
        return wording.together([wording.sentence(("times", {"count": len(said)})), *said])
    if said:
        return dict(said[0])
    if passed:
        return wording.sentence(("over", {"after": wording.distance(after_m)}))
    near = passages.nearest(line.on, *place)
    facts = {"within": f"{within_m:.0f}", "at": wording.distance(near.at_m), "beside": f"{near.beside_m:,.0f}"}
    return wording.sentence(("far", facts))


def _position(line: Line, at: Passage, locale: str) -> dict[str, Any]:
    before = next((stop for stop in reversed(line.stops) if stop.at_m <= at.at_m), None)
    after = next((stop for stop in line.stops if stop.at_m > at.at_m), None)
    lon, lat = passages.point(line.on, at.at_m)
    return {
        "at_m": round(at.at_m, 1),
        "beside_m": round(at.beside_m, 1),
        "lon": lon,
        "lat": lat,
        "way": line.way_at(at.at_m),
        "before": before and _listed(line, before, locale),
        "after": after and _listed(line, after, locale),
        "said": _said(line, at, before, after),
    }


def _said(line: Line, at: Passage, before: Stop | None, after: Stop | None) -> dict[str, str]:
    phrases: list[tuple[str, wording.Facts]] = [("at", {"at": wording.distance(at.at_m)})]
    beside = [stop for stop in (before, after) if stop and abs(stop.at_m - at.at_m) <= AT_STOP_M]
    if beside:
        stop = min(beside, key=lambda each: abs(each.at_m - at.at_m))
        phrases.append(("stop", {"stop": stop.names}))
    elif before and after:
        phrases.append(("between", {"before": before.names, "after": after.names}))
    elif after:
        phrases.append(("first", {"after": after.names}))
    elif before:
        phrases.append(("last", {"before": before.names}))
    if way := line.way_at(at.at_m):
        phrases.append((way, {}))
    if at.beside_m > ON_LINE_M:
        phrases.append(("beside", {"beside": f"{at.beside_m:.0f}"}))
    return wording.sentence(*phrases)


def _of(line: Line, locale: str) -> dict[str, Any]:
    turn = None if line.turn_m is None else round(line.turn_m, 1)
    return {
        "asset_id": line.asset_id, "name": line.names[locale], "line_m": round(line.on.length_m, 1), "turn_m": turn,
    }  # fmt: skip


def _listed(line: Line, stop: Stop, locale: str) -> dict[str, Any]:
    return {
        "number": stop.number, "asset_id": stop.asset_id, "name": stop.names[locale], "at_m": round(stop.at_m, 1),
        "beside_m": None if stop.beside_m is None else round(stop.beside_m, 1), "lon": stop.lon, "lat": stop.lat,
        "way": line.way_at(stop.at_m),
    }  # fmt: skip
