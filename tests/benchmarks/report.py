"""Reports through the real HTTP door: session, place, duplicates, route, deadline, history; 8 clients, one in ten with a photo.

Beside it, in the same run, the plainest door that could be built with the same parts: no session, no place, no route, one
insert a report. The ratio says what the rest costs.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from PIL import Image
from sqlalchemy import Connection, text

from config.settings import from_environment
from data import demonstration
from gis.db import APPLICATION_ROLE, make_engine
from tests.benchmarks import _many_cases, _plain
from tests.benchmarks._support import database, environment, finish, percentile, say
from tests.support.server import Process, WebServer

CLIENTS = 8
PHOTO_BYTES = 300_000
PHOTO_SHARE = 0.1
PLAIN_SHARE = 0.25
WARM_UP = 300

Send = Callable[[http.client.HTTPConnection, random.Random], int]


@dataclass
class Outcome:
    """Latencies in seconds, refusals, and how long it took in all."""

    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answered reports a second."""
        return len(self.latencies) / self.seconds


def main() -> None:
    """Run it; the last line is the result."""
    parser = argparse.ArgumentParser(prog="bench report", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the result is always JSON; kept for scripts")
    parser.add_argument("--reports", type=int, default=4000)
    parser.add_argument("--stored", type=int, default=50_000)
    chosen = parser.parse_args()
    with database() as made, environment(made) as variables:
        engine = make_engine(made.app_url)
        with engine.begin() as db:
            say("Loading the demonstration city")
            demonstration.load(db, from_environment(variables), cases=0)
            points = places(db)
        began = time.monotonic()
        say(f"Storing {chosen.stored} cases")
        with engine_owner(made.owner_url) as db:
            fill(db, chosen.stored)
        say(f"  {time.monotonic() - began:.0f} s")
        logs = Path(variables["CITYCOMMAND_VAR"])
        with engine_owner(made.owner_url) as db:
            db.execute(text(_plain.TABLE))
            db.execute(text(f"grant all on gis.plain_report, gis.plain_report_id_seq to {APPLICATION_ROLE}"))
        with WebServer(
            variables, logs / "plain.log", workers=2, app="tests.benchmarks._plain:create_app", ready="/docs"
        ) as door:
            plain = measure("the plainest door", door, plain_send, int(chosen.reports * PLAIN_SHARE))
        with (
            WebServer(variables, logs / "web.log", workers=2) as server,
            Process(["dispatch.service"], variables, logs / "d.log"),
        ):
            outcome = measure("reports", server, report_sender(server, points), chosen.reports)
        with engine.connect() as db:
            backlog = db.execute(
                text("select count(*) from gis.delivery where consumer = 'pictures' and done_at is null")
            ).scalar_one()
            stored = db.execute(text("select count(*) from dispatch.cases")).scalar_one()
        engine.dispose()
    finish(
        {
            "reports_per_s": round(outcome.per_second, 1),
            "p50_ms": round(percentile(outcome.latencies, 0.5) * 1000, 1),
            "p99_ms": round(percentile(outcome.latencies, 0.99) * 1000, 1),
            "stored_cases": stored,
            "photo_backlog": backlog,
            "refused": outcome.refused,
            "plain_door_per_s": round(plain.per_second, 1),
            "plain_door_ratio": round(outcome.per_second / plain.per_second, 3),
        }
    )


def measure(name: str, server: WebServer, send: Send, count: int) -> Outcome:
    """Warm up, then measure."""
    drive(server.port, send, WARM_UP)
    say(f"{count} × {name}")
    outcome = drive(server.port, send, count)
    say(f"  {outcome.per_second:.0f}/s, p99 {percentile(outcome.latencies, 0.99) * 1000:.0f} ms")
    return outcome


@contextmanager
def engine_owner(url: str) -> Iterator[Connection]:
    """A transaction of the tables' owner."""
    engine = make_engine(url)
    with engine.begin() as db:
        yield db
    engine.dispose()


def fill(db: Connection, count: int) -> None:
    """Open and closed cases of the last 60 days all over the city, with report, history and clock. `db`: of the tables' owner.

    Keys and indexes are put on afterwards. Without triggers nothing tells the evaluation of them: the door never reads what it keeps,
    and the dispatch process would compute it (2,500 cases/s) beside what is measured.
    """
    db.execute(text("set local work_mem = '256MB'"))
    db.execute(text("set local maintenance_work_mem = '512MB'"))
    with _many_cases.bare(db):
        db.execute(text(_FILL), {"count": count})
    for table in _many_cases.TABLES:
        db.execute(text(f"analyze {table}"))


def places(db: Connection) -> list[tuple[float, float]]:
    """Places to report: components of the city."""
    rows = db.execute(
        text(
            "select st_x(p) as x, st_y(p) as y from gis.asset, st_pointonsurface(geom) p where class_code is not null order by id"
        )
    )
    return [(row.x, row.y) for row in rows]


_FILL = """
    with spot as (
        select row_number() over () - 1 as n, st_pointonsurface(a.geom) as geom, a.class_code, a.id as asset_id, a.unit_id,
               g.id as grid_id, g.code, ar.code as area
        from gis.asset a join gis.unit_grid g on st_covers(g.geom, st_pointonsurface(a.geom)) join gis.area ar on ar.id = g.area_id
        where a.class_code is not null
    ), wanted as (
        select i, spot.*, now() - make_interval(secs => (i * 7919::bigint % 5184000)) as at
        from generate_series(1, :count) i join spot on spot.n = i % (select count(*) from spot)
    ), made as (
        insert into dispatch.cases (number, state, source, title, class_code, geom, grid_id, grid_code, area_code, asset_id,
                                    unit_id, stage, stage_started_at, stage_warn_at, stage_due_at, occurred_at, closed_at, trace_id)
        select 'B' || lpad(i::text, 9, '0'), 'reported', 'other', 'case ' || i, wanted.class_code, wanted.geom, grid_id, wanted.code,
               area, asset_id, unit_id, 'acceptance', at, at + interval '12 min', at + interval '15 min', at,
               case when i % 10 > 0 then at + interval '1 hour' end, md5(i::text)
        from wanted where exists (select from dispatch.case_class c where c.code = wanted.class_code)
        returning id, occurred_at, closed_at, trace_id, geom, class_code
    ), reported as (
        insert into dispatch.report (case_id, source, description, class_code, geom, occurred_at, trace_id)
        select id, 'other', 'stored before', class_code, geom, occurred_at, trace_id from made
    ), history as (
        insert into dispatch.case_event (case_id, seq, move, from_state, to_state, occurred_at, trace_id)
        select id, 1, 'report', 'none', 'reported', occurred_at, trace_id from made
    )
    insert into dispatch.clock (case_id, stage, limit_kind, limit_amount, started_at, warn_at, due_at, stopped_at, warned_at, breached_at)
    select id, 'acceptance', 'urgent_hour', 0.25, occurred_at, occurred_at + interval '12 min', occurred_at + interval '15 min',
           closed_at, occurred_at, occurred_at from made
"""


def report_sender(server: WebServer, points: list[tuple[float, float]]) -> Send:
    """Sends what an inspector's phone sends: classified by a component's class or not, one in ten with a photo."""
    with closing(server.person("inspector", "demo-inspector")) as person:
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        csrf = person.me["csrf"]
        classes = [entry["code"] for entry in person.get("/api/standards").json()["classes"]]
    base = {"Cookie": cookie, "X-CSRF-Token": csrf}
    photo = noise()

    def send(connection: http.client.HTTPConnection, rng: random.Random) -> int:
        lon, lat = rng.choice(points)
        report = {
            "source": "inspector",
            "description": f"现场发现问题 {rng.random():.9f}",
            "occurred_at": datetime.now(UTC).isoformat(),
            "position": {"lon": lon + rng.gauss(0, 5e-5), "lat": lat + rng.gauss(0, 5e-5), "accuracy_m": 9},
            "class_code": rng.choice(classes),
        }
        headers = {**base, "Idempotency-Key": uuid4().hex}
        body = json.dumps(report).encode()
        if rng.random() < PHOTO_SHARE:
            body, headers["Content-Type"] = multipart(body, photo + rng.randbytes(16))  # every photo is another file
        else:
            headers["Content-Type"] = "application/json"
        return post(connection, "/api/reports", body, headers)

    return send


def plain_send(connection: http.client.HTTPConnection, rng: random.Random) -> int:
    """Sends a report of the same length to the plainest door."""
    content = {
        "description": f"现场发现问题 {rng.random():.9f}",
        "lon": rng.random(),
        "lat": rng.random(),
        "class_code": "C0205",
    }
    return post(connection, "/report", json.dumps(content).encode(), {"Content-Type": "application/json"})


def post(connection: http.client.HTTPConnection, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    """One request on a kept connection; returns the status."""
    connection.request("POST", path, body, dict(headers))
    answer = connection.getresponse()
    answer.read()
    return answer.status


def multipart(report: bytes, photo: bytes) -> tuple[bytes, str]:
    """Body and content type of a report with one photo."""
    mark = uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="report"\r\n\r\n'.encode() + report,
        f'--{mark}\r\nContent-Disposition: form-data; name="photos"; filename="p.jpg"\r\n'
        f"Content-Type: image/jpeg\r\n\r\n".encode()
        + photo,
        f"--{mark}--\r\n".encode(),
    ]
    return b"\r\n".join(parts), f"multipart/form-data; boundary={mark}"


def noise() -> bytes:
    """A JPEG of about 300 kB, which noise does not compress below."""
    picture = Image.effect_noise((1280, 960), 60).convert("RGB")
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=40)
    return content.getvalue()


def drive(port: int, send: Send, count: int) -> Outcome:
    """`count` requests from all clients together, each on its own kept connection."""
    outcome = Outcome()
    left = iter(range(count))
    lock = threading.Lock()

    def client(seed: int) -> None:
        rng = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                if next(left, None) is None:
                    break
            started = time.perf_counter()
            status = send(connection, rng)
            outcome.latencies.append(time.perf_counter() - started)
            outcome.refused += status != 201
        connection.close()

    threads = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - started
    return outcome


if __name__ == "__main__":
    main()
