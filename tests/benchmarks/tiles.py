"""Vector tiles of the reference city beside tipg's, on the same database: zooms 13 to 17, first request and repeated ones.

Both answer the same tiles in turn, one process each, with a browser's headers: first requests one by one on one kept connection,
repeated ones as a browser asks for a view, six at a time on six connections. Counts of features that meet the tile are compared for
every tile. Then edits, each followed by a request: is any answer older than the edit?
"""

from __future__ import annotations

import argparse
import gzip
import random
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, text

from config.settings import from_environment
from data import demonstration
from gis import tiles
from gis.db import make_engine
from gis.tiles.address import Box, tiles_of
from tests.benchmarks import _tipg
from tests.benchmarks._support import database, environment, finish, percentile, say
from tests.support import mvt
from tests.support.server import WebServer

ZOOMS = range(13, 18)
REPEATS = 5
CONNECTIONS = 6
"""As many as a browser opens to one server."""

EDITS = 200
CITY_WIDE = range(14)
"""Zooms at which every tile of the city is weighed."""

Asked = tuple[str, tiles.Address]


class Client:
    """One kept connection that does as little as possible, so that what is measured is the server."""

    def __init__(self, port: int, headers: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = f"Host: 127.0.0.1:{port}\r\nAccept-Encoding: gzip, deflate\r\n{headers}"

    def get(self, path: str, extra: str = "") -> tuple[float, int, bytes, bytes]:
        """Seconds, status, head and body of the answer."""
        started = time.perf_counter()
        self.ask(path, extra)
        status, head, body = self.answer()
        return time.perf_counter() - started, status, head, body

    def ask(self, path: str, extra: str = "") -> None:
        """Send a request."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\n{self._headers}{extra}\r\n".encode())

    def fileno(self) -> int:
        """What a selector watches."""
        return self._socket.fileno()

    def answer(self) -> tuple[int, bytes, bytes]:
        """Status, head and body of the next answer."""
        answer = self._more()
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, body = answer.partition(b"\r\n\r\n")
        low = head.lower()
        at = low.find(b"content-length:")
        length = int(low[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        while len(body) < length:
            body += self._more()
        return int(head[9:12]), head, body

    def _more(self) -> bytes:
        received = self._socket.recv(1 << 20)
        if not received:
            raise ConnectionError("the server has hung up: this connection was idle for too long")
        return received

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def main() -> None:
    """Run it; the last line is the result."""
    parser = argparse.ArgumentParser(prog="bench tiles", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the result is always JSON; kept for scripts")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the reference city")
    parser.add_argument("--tiles", type=int, default=12, help="tiles of each layer and zoom")
    chosen = parser.parse_args()
    say("tipg's own environment")
    _tipg.python()
    with database() as made, environment(made) as variables:
        engine, owner = make_engine(made.app_url), make_engine(made.owner_url)
        with engine.begin() as db:
            say("Loading the reference city")
            demonstration.load(db, from_environment(variables), chosen.scale, cases=0, aid_share=0.01)
        with owner.begin() as db:
            db.execute(text("analyze"))
            _tipg.fill(db)
            asked = choose(db, chosen.tiles)
        logs = Path(variables["CITYCOMMAND_VAR"])
        with WebServer(variables, logs / "web.log") as ours, _tipg.server(made, logs / "tipg.log") as theirs:
            cookie = session(ours)
            with closing(Client(ours.port, cookie)) as own, closing(Client(theirs.port)) as other:
                figures = compare(own, other, asked)
                repeat(
                    figures,
                    [Client(ours.port, cookie) for _ in range(CONNECTIONS)],
                    [Client(theirs.port) for _ in range(CONNECTIONS)],
                    asked,
                )
            with closing(Client(ours.port, cookie)) as own:  # the first one was idle for longer than servers wait
                figures |= not_modified(own, asked)
                figures["stale"] = stale(own, engine.begin, asked)
        with engine.connect() as db:
            say("Weighing every city-wide tile")
            figures["max_tile_kb"] = heaviest(db)
        engine.dispose()
        owner.dispose()
    finish(figures)


def session(server: WebServer) -> str:
    """A signed-in browser's cookie as a header line."""
    with closing(server.person("leader", "demo-leader")) as person:
        return "Cookie: " + "; ".join(f"{name}={value}" for name, value in person.cookies.items()) + "\r\n"


def choose(db: Connection, count: int) -> list[Asked]:
    """For every compared layer and zoom, `count` different tiles around objects of that layer, the same in every run."""
    chosen: list[Asked] = []
    for layer in _tipg.COMPARED:
        for z in ZOOMS:
            rows = db.execute(
                text(
                    f"select st_x(p) as lon, st_y(p) as lat from plain.{_tipg.table(layer, z)}, st_pointonsurface(geom) p"
                    " order by md5(id::text)"
                )
            )
            addresses: dict[tiles.Address, None] = {}
            for row in rows:
                columns, lines = tiles_of(Box(row.lon, row.lat, row.lon, row.lat), z)
                addresses[tiles.Address(z, columns[0], lines[0])] = None
                if len(addresses) == count:
                    break
            chosen += [(layer.name, address) for address in addresses]
    random.Random(1).shuffle(chosen)
    return chosen


def compare(own: Client, other: Client, asked: list[Asked]) -> dict[str, object]:
    """Each tile cold and once more, one request after the other, ours and theirs in turn."""
    say(f"{len(asked)} tiles, each {2 + REPEATS} times from both")
    paths = [(ours(layer, address), tipgs(layer, address)) for layer, address in asked]
    own.get(ours("water", tiles.Address(13, 0, 0)))  # connections of both stand, nothing of these tiles is known
    other.get(paths[0][1].rsplit("/", 2)[0] + "/0/0")
    we, they, alone, differing = [], [], [], 0
    for our_path, their_path in paths:
        first, second = own.get(our_path), other.get(their_path)
        we.append(first[0])
        they.append(second[0])
        alone.append((own.get(our_path)[0], other.get(their_path)[0]))
        differing += count(first) != count(second)
    warm, their_warm = (percentile(values, 0.5) for values in zip(*alone, strict=True))
    return {
        "cold_ratio": round(percentile(they, 0.5) / percentile(we, 0.5), 2),
        "warm_ratio": 0.0,
        "warm_alone_ratio": round(their_warm / warm, 1),
        "tiles": len(asked),
        "counts_differ": differing,
        "cold_ms": milliseconds(we),
        "tipg_cold_ms": milliseconds(they),
        "warm_alone_ms": round(warm * 1000, 3),
        "cold_total_ratio": round(sum(they) / sum(we), 2),
    }


def repeat(figures: dict[str, object], own: list[Client], other: list[Client], asked: list[Asked]) -> None:
    """Every tile again and again, as many at a time as there are connections, ours and theirs in turn; into `figures`."""
    we: list[float] = []
    they: list[float] = []
    for _ in range(REPEATS):
        for first in range(0, len(asked), CONNECTIONS):
            view = asked[first : first + CONNECTIONS]
            we += wave(own, [ours(*tile) for tile in view])
            they += wave(other, [tipgs(*tile) for tile in view])
    figures["warm_ratio"] = round(percentile(they, 0.5) / percentile(we, 0.5), 1)
    figures |= {"warm_ms": milliseconds(we), "tipg_warm_ms": milliseconds(they)}
    for client in own + other:
        client.close()


def wave(clients: list[Client], paths: list[str]) -> list[float]:
    """Ask for all paths at once, one on each connection; seconds until each was answered."""
    started: dict[Client, float] = {}
    seconds = []
    with selectors.DefaultSelector() as ready:
        for client, path in zip(clients, paths, strict=False):
            ready.register(client, selectors.EVENT_READ)
            started[client] = time.perf_counter()
            client.ask(path)
        while started:
            for found, _ in ready.select():
                client = cast(Client, found.fileobj)
                status, *_rest = client.answer()
                seconds.append(time.perf_counter() - started.pop(client))
                assert status in (200, 204)
                ready.unregister(client)
    return seconds


def milliseconds(seconds: list[float]) -> float:
    """Their middle."""
    return round(percentile(seconds, 0.5) * 1000, 3)


def ours(layer: str, address: tiles.Address) -> str:
    """Our path of a tile."""
    return f"/tiles/{layer}/{address.z}/{address.x}/{address.y}"


def tipgs(layer: str, address: tiles.Address) -> str:
    """tipg's path of the same tile."""
    name = _tipg.table(tiles.LAYERS[layer], address.z)
    return f"/collections/plain.{name}/tiles/WebMercatorQuad/{address.z}/{address.x}/{address.y}"


def count(answer: tuple[float, int, bytes, bytes]) -> int:
    """How many features of a tile meet the tile itself; we also carry what only its buffer shows."""
    _, status, head, body = answer
    assert status in (200, 204), head
    content = gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body
    return sum(feature.touches() for feature in mvt.features(content))


def not_modified(own: Client, asked: list[Asked]) -> dict[str, object]:
    """What a browser that has the tile waits for the answer that it still holds."""
    seconds = []
    for layer, address in asked:
        head = own.get(ours(layer, address))[2]
        tag = next(line[6:] for line in head.decode().split("\r\n") if line.lower().startswith("etag: "))
        taken, status, *_ = own.get(ours(layer, address), f"If-None-Match: {tag}\r\n")
        assert status == 304
        seconds.append(taken)
    return {"not_modified_ms": round(percentile(seconds, 0.5) * 1000, 3)}


def stale(own: Client, transaction: Callable[[], object], asked: list[Asked]) -> int:
    """Edits in cached tiles, each asked for right after its commit; how many answers were not what the database says then."""
    say(f"{EDITS} edits, each followed by a request")
    wanted = [(layer, address) for layer, address in asked if layer in ("asset", "road", "pipe")][:EDITS]
    wrong = 0
    for number, (layer, address) in enumerate(wanted):
        box = address.degrees()
        with transaction() as db:  # type: ignore[attr-defined]
            db.execute(
                text(
                    "update gis.asset set name = name || :mark, geom = st_translate(geom, 0.00003, 0) where id = (select id from"
                    " gis.asset where geom && st_makeenvelope(:west, :south, :east, :north, 4326) and kind = any(:kinds) limit 1)"
                ),
                {**box._asdict(), "mark": f" {number}", "kinds": list(tiles.LAYERS[layer].kinds_from)},
            )
        body = own.get(ours(layer, address))[3]
        with transaction() as db:  # type: ignore[attr-defined]
            true = tiles.tile(db, layer, *address)
        wrong += (gzip.decompress(body) if body else b"") != true
    return wrong


def heaviest(db: Connection) -> float:
    """Kilobytes, unpacked, of the heaviest tile of any layer at any city-wide zoom."""
    sides = "st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e)"
    extent = Box(*db.execute(text(f"select {sides} from (select st_extent(geom) as e from gis.area) city")).one())
    most = 0
    for name in tiles.LAYERS:
        for z in CITY_WIDE:
            columns, rows = tiles_of(extent, z)
            most = max(most, *(len(tiles.tile(db, name, z, x, y)) for x in columns for y in rows))
    return round(most / 1000, 1)


if __name__ == "__main__":
    main()
