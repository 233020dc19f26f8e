"""The short way of tile requests speaks HTTP as exactly as the long one: what is cut, joined, hidden or late changes nothing (S7)."""

from __future__ import annotations

import gzip
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import shapely

from gis import assets
from gis.assets import AssetRow
from gis.db import make_engine
from gis.tiles.address import Box, tiles_of
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.server import WebServer
from tests.support.smalltown import PASSWORD, SOUTH, STEP, WEST
from tests.support.waiting import wait_until

HERE = (WEST + STEP / 2, SOUTH + STEP / 2)
COLUMNS, ROWS = tiles_of(Box(*HERE, *HERE), 15)
TILE = f"/tiles/asset/15/{COLUMNS[0]}/{ROWS[0]}"


@pytest.fixture(scope="module")
def server(
    database: Database, settings_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    engine = make_engine(database.app_url)
    with engine.begin() as db:
        smalltown.build(db)
        place = shapely.to_wkb(shapely.Point(HERE), hex=True)
        assets.upsert(db, "test", [AssetRow("1", "camera", None, "Seen", "", place, "{}")])
    engine.dispose()
    with WebServer(settings_environment, tmp_path_factory.mktemp("web") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def cookie(server: WebServer) -> str:
    with closing(server.person("intake", PASSWORD)) as person:
        return "; ".join(f"{name}={value}" for name, value in person.cookies.items())


@pytest.fixture
def talk(server: WebServer, cookie: str) -> Iterator[Callable[..., bytes]]:
    """Send pieces over one connection, read until the other side has said `answers` answers' heads and bodies."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(10)

        def talk(*pieces: str, answers: int = 1) -> bytes:
            heard = b""
            for piece in pieces:
                connection.sendall(piece.replace("COOKIE", f"Cookie: {cookie}").encode())
            while complete(heard) < answers:
                more = connection.recv(65536)
                if not more:
                    break
                heard += more
            return heard

        yield talk


def complete(heard: bytes) -> int:
    """How many whole answers are in these bytes."""
    found = 0
    while b"\r\n\r\n" in heard:
        head, _, heard = heard.partition(b"\r\n\r\n")
        length = (
            0
            if b" 304 " in head.split(b"\r\n")[0]
            else int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        )
        if len(heard) < length:
            break
        heard = heard[length:]
        found += 1
    return found


def get(path: str = TILE, *headers: str, version: str = "1.1") -> str:
    return "\r\n".join([f"GET {path} HTTP/{version}", "Host: city", "COOKIE", *headers, "", ""])


def test_a_tile_is_packed_where_the_browser_can_unpack_and_plain_elsewhere(talk: Callable[..., bytes]) -> None:
    plain = talk(get())
    packed = talk(get(TILE, "Accept-Encoding: br, gzip"))
    refused = talk(get(TILE, "accept-encoding: gzip;q=0"))
    head, _, body = packed.partition(b"\r\n\r\n")
    assert plain.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-encoding" not in plain
    assert b"content-encoding: gzip" in head
    assert gzip.decompress(body) == plain.partition(b"\r\n\r\n")[2] != b""
    assert b"content-encoding" not in refused


def test_a_tag_that_still_holds_is_answered_without_a_body(talk: Callable[..., bytes]) -> None:
    head = talk(get()).partition(b"\r\n\r\n")[0].decode()
    tag = next(line for line in head.split("\r\n") if line.startswith("etag: "))[6:]
    assert talk(get(TILE, f"If-None-Match: {tag}")).startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert talk(get(TILE, f'If-None-Match: W/"other", {tag}')).startswith(b"HTTP/1.1 304 Not Modified\r\n")
    assert talk(get(TILE, 'If-None-Match: W/"other"')).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("cut", [1, 5, 11, 30, -3, -1])
def test_a_request_in_two_pieces_gets_the_same_answer(talk: Callable[..., bytes], cut: int) -> None:
    whole = get()
    assert talk(whole[:cut], whole[cut:]).split(b"\r\n", 1)[0] == b"HTTP/1.1 200 OK"


def test_requests_sent_at_once_are_answered_in_their_order(talk: Callable[..., bytes]) -> None:
    heard = talk(get() + get("/tiles/nothing/0/0/0") + get(), answers=3)
    assert re.findall(rb"HTTP/1\.1 (\d+)", heard) == [b"200", b"404", b"200"]


def test_what_comes_behind_a_tile_waits_for_it(talk: Callable[..., bytes]) -> None:
    heard = talk(get(), get("/healthz"), get(), answers=3)
    assert heard.count(b"HTTP/1.1 200 OK\r\n") == 3
    assert b"mapbox-vector-tile" in heard.split(b"HTTP/1.1 200 OK\r\n")[1]


def test_a_body_that_looks_like_a_tile_request_is_a_body(talk: Callable[..., bytes]) -> None:
    hidden = get()
    post = f"POST /login HTTP/1.1\r\nHost: city\r\nContent-Type: text/plain\r\nContent-Length: {len(hidden)}\r\n\r\n"
    heard = talk(post, hidden.replace("COOKIE", "Cookie"), get("/healthz"), answers=2)
    assert b"mapbox-vector-tile" not in heard


def test_a_get_with_a_body_does_not_take_the_short_way(talk: Callable[..., bytes]) -> None:
    hidden = "GET /healthz HTTP/1.1\r\nHost: city\r\n\r\n"
    heard = talk(get(TILE, f"Content-Length: {len(hidden)}"), hidden, get("/healthz"), answers=2)
    assert heard.count(b"HTTP/1.1 ") == 2


@pytest.mark.parametrize("request_", [get(version="1.0"), get(TILE, "Connection: close")])
def test_a_connection_ends_where_the_client_wants_it(talk: Callable[..., bytes], request_: str) -> None:
    heard = talk(request_, answers=2)  # reads until the other side hangs up
    assert complete(heard) == 1
    assert b"connection: close" in heard


def test_without_a_session_the_long_way_answers(talk: Callable[..., bytes]) -> None:
    assert talk(get().replace("COOKIE", "X-Nothing: 1")).startswith(b"HTTP/1.1 401 ")
    assert talk(get().replace("COOKIE", "Cookie: cc_session=stolen")).startswith(b"HTTP/1.1 401 ")
    assert talk(get("/tiles/area/0/5/5")).startswith(b"HTTP/1.1 4")


def test_tiles_are_counted_like_every_answer(server: WebServer, talk: Callable[..., bytes]) -> None:
    talk(get())

    def counted() -> bool:
        with closing(server.person("leader", PASSWORD)) as person:
            return 'route="/tiles/{layer}/{z}/{x}/{y}",status="200"' in person.get("/metrics").text

    wait_until(counted, 10, what="the tile among the figures")
