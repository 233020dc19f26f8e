"""Lists of a thousand features at the standard doors beside tipg's, on the same database, the same properties, one process each.

First pages, following pages, a window and a filter, each asked in turn of both on kept connections; answers must hold the same ids.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Connection, text

from config.settings import from_environment
from data import demonstration
from gis.db import make_engine
from gis.features.collections import COLLECTIONS
from tests.benchmarks import _tipg
from tests.benchmarks._support import database, environment, finish, percentile, say
from tests.support.server import WebServer

LIMIT = 1000
REPEATS = 30
ASKED = ("roads", "buildings", "assets", "areas")
"""Collections with lines, polygons, points and large polygons."""


def main() -> None:
    """Run it; the last line is the result."""
    parser = argparse.ArgumentParser(prog="bench doors", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the result is always JSON; kept for scripts")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the reference city")
    chosen = parser.parse_args()
    say("tipg's own environment")
    _tipg.python()
    with database() as made, environment(made) as variables:
        variables["CITYCOMMAND_PUBLIC_OWNERS"] = "1"
        engine, owner = make_engine(made.app_url), make_engine(made.owner_url)
        with engine.begin() as db:
            say("Loading the reference city")
            demonstration.load(db, from_environment(variables), chosen.scale, cases=0, aid_share=0.01)
        with owner.begin() as db:
            fill(db)
            db.execute(text("analyze"))
            window = _window(db)
        logs = Path(variables["CITYCOMMAND_VAR"])
        with WebServer(variables, logs / "web.log") as ours, _tipg.server(made, logs / "tipg.log") as theirs:
            token = _token(ours)
            with (
                httpx.Client(timeout=120, headers={"Authorization": f"Bearer {token}"}) as own,
                httpx.Client(timeout=120) as other,
            ):
                figures = compare(own, f"{ours.url}/ogc", other, theirs.url, window)
        engine.dispose()
        owner.dispose()
    finish(figures)


def fill(db: Connection) -> None:
    """Our collections as tipg wants them: a table each, the properties as plain columns, a key, indexes on place and kind."""
    db.execute(text("create schema plain"))
    for name in ASKED:
        of = COLLECTIONS[name]
        columns = ", ".join(f'{known.sql} as "{title}"' for title, known in of.properties.items())
        table = of.table.removeprefix("seen_")
        db.execute(
            text(f"create table plain.{name} as select a.id, {columns}, a.geom from gis.{table} a where {of.condition}")
        )
        db.execute(text(f"alter table plain.{name} add primary key (id)"))
        db.execute(text(f"create index on plain.{name} using gist (geom)"))
        if "kind" in of.properties:
            db.execute(text(f"create index on plain.{name} (kind)"))


def compare(own: httpx.Client, ours: str, other: httpx.Client, theirs: str, window: str) -> dict[str, Any]:
    """Every list from both in turn: the middle of the ratios, and the middle milliseconds of each list."""
    lists: dict[str, tuple[str, str]] = {}
    for name in ASKED:
        lists[name] = (
            f"{ours}/collections/{name}/items?limit={LIMIT}",
            f"{theirs}/collections/plain.{name}/items?limit={LIMIT}&sortby=id",
        )
        lists[f"{name}_window"] = (f"{lists[name][0]}&bbox={window}", f"{lists[name][1]}&bbox={window}")
    kind = "filter=kind%20IN%20('street_lamp')"
    lists["assets_filter"] = tuple(f"{address}&{kind}" for address in lists["assets"])  # type: ignore[assignment]
    found: dict[str, Any] = {}
    ratios, differing = [], 0
    for name, (we, they) in lists.items():
        differing += _ids(own, we) != _ids(other, they)
        taken = [(_seconds(own.get, we), _seconds(other.get, they)) for _ in range(REPEATS)]
        mine, tipgs = (percentile(column, 0.5) for column in zip(*taken, strict=True))
        found[name] = {"ms": round(mine * 1000, 1), "tipg_ms": round(tipgs * 1000, 1), "ratio": round(tipgs / mine, 2)}
        ratios.append(tipgs / mine)
        say(f"{name}: {json.dumps(found[name])}")
    return {
        "items_ratio": round(percentile(ratios, 0.5), 2),
        "least_ratio": round(min(ratios), 2),
        "ids_differ": differing,
        **found,
    }


def _seconds(get: Callable[[str], httpx.Response], address: str) -> float:
    started = time.perf_counter()
    answer = get(address)
    taken = time.perf_counter() - started
    assert answer.status_code == 200, answer.text[:300]
    return taken


def _ids(client: httpx.Client, address: str) -> list[int]:
    return [int(each["id"]) for each in client.get(address).raise_for_status().json()["features"]]


def _token(server: WebServer) -> str:
    person = server.person("leader", "demo-leader")
    made = person.post("/api/tokens", json={"name": "bench", "days": 1}).raise_for_status().json()
    person.close()
    return str(made["token"])


def _window(db: Connection) -> str:
    """A box that holds about a twentieth of the city."""
    sides = "st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e)"
    west, south, east, north = db.execute(
        text(f"select {sides} from (select st_extent(geom) as e from gis.area) x")
    ).one()
    x, y, w, h = (west + east) / 2, (south + north) / 2, (east - west) / 9, (north - south) / 9
    return f"{x - w},{y - h},{x + w},{y + h}"


if __name__ == "__main__":
    main()
