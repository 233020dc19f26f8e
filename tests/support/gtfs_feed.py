"""A small GTFS feed for tests to write, bend and break: one line out and back past three stops."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

AGENCY = "agency_id,agency_name,agency_url,agency_timezone\nKT,城公交,http://bus.example,Asia/Shanghai\n"
STOPS = """\
stop_id,stop_name,stop_lat,stop_lon
A,东站,39.9000,116.4000
B,中站,39.9000,116.4100
C,西站,39.9000,116.4200
"""
ROUTES = "route_id,route_short_name,route_long_name,route_type\nR1,1路,东站 - 西站,3\n"
CALENDAR = """\
service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date
W,1,1,1,1,1,0,0,20260105,20260118
"""
SHAPES = """\
shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence
S0,39.9000,116.4000,1
S0,39.9000,116.4200,10
S1,39.9000,116.4200,1
S1,39.9000,116.4000,2
"""
TRIPS = """\
route_id,service_id,trip_id,direction_id,shape_id,trip_headsign
R1,W,T1,0,S0,西站
R1,W,T2,0,S0,西站
R1,W,T3,1,S1,东站
"""
STOP_TIMES = """\
trip_id,arrival_time,departure_time,stop_id,stop_sequence
T1,07:00:00,07:00:00,A,1
T1,07:05:00,07:06:00,B,5
T1,07:10:00,07:10:00,C,9
T2,07:20:00,07:20:00,A,1
T2,07:25:00,07:25:00,B,2
T2,07:30:00,07:30:00,C,3
T3,08:00:00,08:00:00,C,1
T3,08:10:00,08:10:00,A,2
"""
GOOD: dict[str, str] = {
    "agency": AGENCY, "stops": STOPS, "routes": ROUTES, "calendar": CALENDAR, "shapes": SHAPES, "trips": TRIPS,
    "stop_times": STOP_TIMES,
}  # fmt: skip


def write(path: Path, files: dict[str, str | None] | None = None, folder: str = "", encoding: str = "utf-8") -> Path:
    """The good feed with some files replaced or, where None, left out; zipped to `path`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (GOOD | (files or {})).items():
            if content is not None:
                archive.writestr(f"{folder}{name}.txt", content.encode(encoding))
    return path


def more(table: str, *rows: str) -> str:
    """A good table with rows added at its end."""
    return GOOD[table] + "".join(f"{row}\n" for row in rows)


def without(table: str, column: str) -> str:
    """A good table without one of its columns."""
    rows = list(csv.DictReader(io.StringIO(GOOD[table])))
    out = io.StringIO()
    writer = csv.DictWriter(
        out, [name for name in rows[0] if name != column], extrasaction="ignore", lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
