"""A bus line out of the register, with its stops set on it as it stands now. Metres are ellipsoidal, from the line's start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from config.errors import InvalidInput, NotFound
from gis import linear, progress
from gis.db import named_sql
from gis.importing import instance
from gis.lines.passages import Numbers, chained
from gis.progress import Track

KINDS = ("bus_line", "transit_line")


@dataclass(frozen=True)
class Stop:
    """A stop of a line: its name in each language, metres along the line and beside it, WGS 84 point; None is not known."""

    number: int
    asset_id: int | None
    names: Mapping[str, str]
    at_m: float
    beside_m: float | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Line:
    """A line ready for questions. `turn_m`: where it turns back, if it is drawn there and back; `way`: "out" or "back" of a line
    that is drawn one way, "" where nothing says it."""

    asset_id: int
    names: Mapping[str, str]
    on: Track
    stops: Sequence[Stop]
    turn_m: float | None
    way: str

    def way_at(self, at_m: float) -> str:
        """Whether the line runs out or back at so many metres: "out", "back" or ""."""
        return self.way if self.turn_m is None else "out" if at_m < self.turn_m else "back"


def read(db: Connection, asset_id: int) -> Line:
    """The line. Raises NotFound for an asset that does not stand, InvalidInput for one that is no line or lies in pieces."""
    row = db.execute(named_sql("gis.lines", "line"), {"id": asset_id}).first()
    if row is None:
        raise NotFound("There is no asset {id}.", id=asset_id)
    if row.kind not in KINDS or not row.pieces:
        raise InvalidInput(
            "Asset {id} is no bus line.", "Choose a bus line or another line of public transport.", id=asset_id
        )
    drawn = chained([shapely.get_coordinates(shapely.from_wkb(bytes(piece))) for piece in row.pieces])
    if drawn is None:
        raise InvalidInput(
            "The line is drawn in {pieces} pieces that do not join: metres along it mean nothing.",
            "Join its pieces in the register.",
            pieces=len(row.pieces),
        )
    if not (np.diff(drawn, axis=0) != 0).any():
        raise InvalidInput("The line has no length.", "Draw it anew in the register.")
    on = progress.track(drawn)
    known = _number(row.attributes.get("length_m"))
    scale = on.length_m / known if known else 1.0
    turn = _number(row.attributes.get("turn_m"))
    names = _names(row)
    return Line(row.id, names, on, _stops(db, row, drawn, scale), turn and turn * scale, _way(row.attributes))


def _stops(db: Connection, row: Any, drawn: Numbers, scale: float) -> list[Stop]:
    calls = [call for call in row.attributes.get("stops") or () if isinstance(call, dict) and call.get("stop")]
    values = {"source": row.source, "refs": list({str(call["stop"]) for call in calls})}
    known = {each.source_ref: each for each in db.execute(named_sql("gis.lines", "stops"), values)} if calls else {}
    placed = [known.get(str(call["stop"])) for call in calls]
    if calls and all(placed):
        points = np.array([(each.lon, each.lat) for each in placed if each is not None], dtype=np.float64)
        found = linear.along(drawn, points, int(instance.setting(db, "work_srid") or 3857))
        along, beside = found.along_m.tolist(), [float(each) for each in found.beside_m]
        return [
            _stop(number, call, each, metres, off)
            for number, (call, each, metres, off) in enumerate(zip(calls, placed, along, beside, strict=True), 1)
        ]
    # A stop is gone or may not be seen: then what the source said of the places along the line.
    said = [(call, each, _number(call.get("at_m"))) for call, each in zip(calls, placed, strict=True)]
    return [
        _stop(number, call, each, at * scale, None) for number, (call, each, at) in enumerate(said, 1) if at is not None
    ]


def _stop(number: int, call: Mapping[str, Any], row: Any, at_m: float, beside_m: float | None) -> Stop:
    if row is None:
        name = str(call.get("name") or call["stop"])
        return Stop(number, None, {"zh": name, "en": name}, at_m, beside_m, None, None)
    return Stop(number, row.id, _names(row), at_m, beside_m, row.lon, row.lat)


def _names(row: Any) -> dict[str, str]:
    name = row.name or row.source_ref
    return {"zh": name, "en": row.name_en or name}


def _way(facts: Mapping[str, Any]) -> str:
    """GTFS writes 0 and 1, the register up and down."""
    return {"0": "out", "up": "out", "1": "back", "down": "back"}.get(str(facts.get("direction", "")), "")


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and np.isfinite(value) and value > 0 else None
