"""How far vehicles of a line are apart (车头间距), and where they are too close. Places along lines by gis/along.py.

What counts is the share of the even spacing: with nine vehicles on a round of 18 km it is 2 km, at night, with three of
them, 6 km. Vehicles near the round's beginning and end wait for their time there and are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from gis.along import Along, Path

FASTEST_M_S = 25.0
BACK_M = 60.0
"""A position may seem so far behind the last one."""

AHEAD_M = 120.0
BESIDE_M = 40.0
TERMINUS_M = 150.0
STEP_M = 8.0
PARKED_AFTER_S = 300.0
FORGOTTEN_AFTER_S = 300.0
"""A place older than this says nothing about where to look."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A vehicle's newest position (WGS 84) and heading (degrees from north, None: unknown)."""

    asset_id: int
    device_id: str
    lon: float
    lat: float
    heading: float | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    """A vehicle along its line; since when it has been where it is, and whether it was ever seen to move on."""

    sighting: Sighting
    at_m: float
    moved_at: datetime | None = None

    def under_way(self, now: datetime) -> bool:
        """Whether it moved lately. One that is parked beside its line, or only just seen, keeps no headway."""
        return self.moved_at is not None and (now - self.moved_at).total_seconds() <= PARKED_AFTER_S


@dataclass(frozen=True, slots=True)
class Pair:
    """Two vehicles that follow each other; `share` of the even spacing between them."""

    follower: Sighting
    leader: Sighting
    gap_m: float
    share: float


@dataclass(frozen=True)
class Route:
    """A line: its asset and its path as a round."""

    asset_id: int
    ref: str
    path: Path
    turn_m: float | None = None
    """Where it turns back, if it goes there and back."""

    def under_way(self, at_m: float) -> bool:
        """Whether a place is away from the ends of the line, where vehicles wait for their time."""
        ends = (0.0, self.path.length_m, *(() if self.turn_m is None else (self.turn_m,)))
        return all(abs(at_m - end) > TERMINUS_M for end in ends)


def follow(route: Route, sighting: Sighting, before: Placed | None) -> Placed | None:
    """Where a vehicle is along its line, seen from where it was; None off the line."""
    if before is not None and before.sighting.at == sighting.at:
        return before
    found: Along | None = None
    if before is not None:
        passed = (sighting.at - before.sighting.at).total_seconds()
        if 0 <= passed <= FORGOTTEN_AFTER_S:
            window = (before.at_m - BACK_M, before.at_m + passed * FASTEST_M_S + AHEAD_M)
            found = route.path.locate(sighting.lon, sighting.lat, window=window, last_m=before.at_m, within_m=BESIDE_M)
    found = found or route.path.locate(sighting.lon, sighting.lat, heading=sighting.heading, within_m=BESIDE_M)
    if found is None:
        return None
    if before is None:
        return Placed(sighting, found.at_m)
    advance = (found.at_m - before.at_m) % route.path.length_m
    moved = STEP_M < advance < route.path.length_m - STEP_M
    return Placed(sighting, found.at_m, sighting.at if moved else before.moved_at)


def pairs(placed: Sequence[Placed], route: Route) -> list[Pair]:
    """Each vehicle under way with the one ahead of it, around the round."""
    if len(placed) < 2:
        return []
    order = sorted(placed, key=lambda each: each.at_m)
    length_m = route.path.length_m
    even = length_m / len(order)
    found = []
    for number, each in enumerate(order):
        ahead = order[(number + 1) % len(order)]
        gap = (ahead.at_m - each.at_m) % length_m
        if route.under_way(each.at_m) and route.under_way(ahead.at_m):
            found.append(Pair(each.sighting, ahead.sighting, gap, gap / even))
    return found


class Timetable:
    """The lines of the city and where their vehicles were last; found again from their heading after a restart."""

    def __init__(self) -> None:
        self._routes: dict[str, Route] = {}
        self._placed: dict[int, Placed] = {}

    def load(self, db: Connection) -> None:
        """Read the lines again."""
        self._routes = {row.source_ref: _route(row) for row in db.execute(_LINES)}

    def look(self, db: Connection, profile_id: int, since: datetime) -> dict[Route, list[Pair]]:
        """Pairs on every line, from positions that are newer than `since`."""
        if not self._routes:
            self.load(db)
        by_line: dict[str, list[Placed]] = {}
        for row in db.execute(_SIGHTINGS, {"profile": profile_id, "since": since}):
            route = self._routes.get(row.line)
            if route is None or row.lon is None or row.lat is None:
                continue
            seen = Sighting(row.asset_id, row.device_id, row.lon, row.lat, row.heading, row.occurred_at)
            if placed := follow(route, seen, self._placed.get(row.asset_id)):
                self._placed[row.asset_id] = placed
                if placed.under_way(seen.at):
                    by_line.setdefault(row.line, []).append(placed)
        return {self._routes[ref]: pairs(placed, self._routes[ref]) for ref, placed in by_line.items()}


def too_close(found: Iterable[Pair], share: float) -> list[Pair]:
    """Pairs below a share of the even spacing, closest first."""
    return sorted((pair for pair in found if pair.share < share), key=lambda pair: pair.share)


def _route(row: object) -> Route:
    lons, lats = row.lons, row.lats  # type: ignore[attr-defined]
    return Route(row.id, row.source_ref, Path(tuple(lons), tuple(lats)), row.turn_m)  # type: ignore[attr-defined]


_LINES = text("""
    select a.id, a.source_ref, cast(a.attributes ->> 'turn_m' as double precision) as turn_m,
           array_agg(st_x(p.geom) order by p.path) as lons, array_agg(st_y(p.geom) order by p.path) as lats
    from gis.asset a cross join lateral st_dumppoints(a.geom) p
    where a.kind = 'bus_line' group by a.id, a.source_ref having count(*) > 1
""")
_SIGHTINGS = text("""
    select s.asset_id, s.device_id, s.occurred_at, a.attributes ->> 'line' as line,
           s."values"[m.lon] as lon, s."values"[m.lat] as lat, s."values"[m.heading] as heading
    from gis.asset_state s
    join gis.asset a on a.id = s.asset_id
    cross join (select max(position) filter (where metric ->> 'name' = 'longitude') as lon,
                       max(position) filter (where metric ->> 'name' = 'latitude') as lat,
                       max(position) filter (where metric ->> 'name' = 'bearing') as heading
                from ingest.profile cross join jsonb_array_elements(metrics) with ordinality as m (metric, position)
                where id = :profile) m
    where s.profile_id = :profile and s.occurred_at > :since and a.attributes ? 'line'
""")
