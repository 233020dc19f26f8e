"""No tile is ever older than the last commit: edits of every kind, in every order, beside rendering, in two processes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest
import shapely
from sqlalchemy import Connection, Engine, create_engine, text

from gis import assets, tiles
from gis.db import make_engine, url_of
from gis.tiles.address import tiles_of
from gis.tiles.layers import LAYERS
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.server import WebServer
from tests.support.smalltown import PASSWORD, SOUTH, STEP, WEST, Town

HERE = (WEST + STEP * 0.5, SOUTH + STEP * 0.5)
THERE = (WEST + 0.05, SOUTH + 0.05)
ASKED = 8
"""Requests, each on a connection of its own, so that both processes are asked."""


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def town(engine: Engine) -> Town:
    with engine.begin() as db:
        return smalltown.build(db)


@pytest.fixture(scope="module")
def server(
    settings_environment: dict[str, str], town: Town, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    with WebServer(settings_environment, tmp_path_factory.mktemp("web") / "log", workers=2) as server:
        yield server


@pytest.fixture(scope="module")
def cookies(server: WebServer) -> dict[str, str]:
    with closing(server.person("intake", PASSWORD)) as person:
        return dict(person.cookies)


@pytest.fixture
def ask(server: WebServer, cookies: dict[str, str]) -> Callable[..., list[httpx.Response]]:
    """Ask for a tile several times over, each on a new connection."""

    def ask(layer: str, address: tiles.Address, times: int = ASKED, **headers: str) -> list[httpx.Response]:
        path = f"{server.url}/tiles/{layer}/{address.z}/{address.x}/{address.y}"
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return [httpx.get(path, verify=False, cookies=cookies, headers=names).raise_for_status() for _ in range(times)]

    return ask


def at(place: tuple[float, float], z: int = 17) -> tiles.Address:
    columns, rows = tiles_of(tiles.address.Box(*place, *place), z)
    return tiles.Address(z, columns[0], rows[0])


def add(db: Connection, ref: str, kind: str, wkt: str, name: str = "") -> None:
    row = assets.AssetRow(ref, kind, None, name, "", shapely.from_wkt(wkt).wkb_hex, "{}")
    assets.upsert(db, "tiles-test", [row])


def point(place: tuple[float, float]) -> str:
    return f"POINT ({place[0]} {place[1]})"


UPDATE = "update gis.asset set {} where source = 'tiles-test' and source_ref = 'stop'"
EDITS: list[tuple[str, str, str, tuple[float, float], bytes | None, bytes | None]] = [
    # what, layer, statement, where the tile is asked for, what it then says, what it then no longer says
    ("renamed", "asset", UPDATE.format("name = 'Second'"), HERE, b"Second", b"First"),
    ("moved away", "asset", UPDATE.format(f"geom = st_setsrid('{point(THERE)}'::geometry, 4326)"), HERE, None, b"Second"),
    ("arrived", "asset", UPDATE.format("name = 'Third'"), THERE, b"Third", b"Second"),
    ("attribute", "asset", UPDATE.format("status = 'damaged'"), THERE, b"damaged", b"intact"),
    ("another kind", "asset", UPDATE.format("kind = 'litter_bin'"), THERE, b"litter_bin", b"bus_stop"),
    ("removed", "asset", UPDATE.format("status = 'removed'"), THERE, None, b"Third"),
    ("area renamed", "label", "update gis.area set name = '新社区' where code = '990101001001'", HERE, None, "一社区".encode()),
    ("grid renumbered", "grid", "update gis.unit_grid set code = '990101001001903' where code = '990101001001003'", HERE,
     b"990101001001903", b"990101001001003"),
    ("street renamed", "road", "update gis.asset set name = '新路' where name = '试验路'", (WEST + 0.0005, SOUTH + 0.0005),
     "新路".encode(), "试验路".encode()),
]  # fmt: skip


def test_after_a_commit_every_process_shows_what_was_committed(
    engine: Engine, town: Town, ask: Callable[..., list[httpx.Response]]
) -> None:
    with engine.begin() as db:
        add(db, "stop", "bus_stop", point(HERE), "First")
    for what, layer, statement, place, new, old in EDITS:
        watched = [(layer, at(place, z)) for z in (16, 17)] + [("asset", at(HERE)), ("asset", at(THERE))]
        for shown in watched:
            ask(*shown)  # now both processes have it
        with engine.begin() as db:
            db.execute(text(statement))
        for shown in watched:
            with engine.connect() as db:
                true = tiles.tile(db, shown[0], *shown[1])
            assert {answer.content for answer in ask(*shown)} == {true}, (what, shown)
        content = ask(layer, at(place), times=1)[0].content
        assert old is None or old not in content, what
        assert new is None or new in content, what


def test_bulk_loads_and_deletions_are_seen(
    engine: Engine, town: Town, ask: Callable[..., list[httpx.Response]]
) -> None:
    many = [
        assets.AssetRow(f"b{n}", "valve", None, f"bulk {n}", "", shapely.Point(WEST + n * 1e-5, SOUTH).wkb_hex, "{}")
        for n in range(1000)
    ]
    address = at((WEST + 0.001, SOUTH))
    ask("asset", address)
    with engine.begin() as db:
        assets.upsert(db, "bulk", many)
        noted = db.execute(text("select count(*) from gis.tile_change where kind = 'valve'")).scalar_one()
    assert noted < 10
    assert all(b"bulk 100" in answer.content for answer in ask("asset", address))
    with engine.begin() as db:
        db.execute(text("delete from gis.asset where source = 'bulk'"))
    assert not any(b"bulk 100" in answer.content for answer in ask("asset", address))


def test_a_transaction_that_began_first_and_ends_last_is_seen(
    engine: Engine, town: Town, ask: Callable[..., list[httpx.Response]]
) -> None:
    with engine.begin() as db:
        add(db, "early", "camera", point(HERE), "Early 1")
        add(db, "late", "camera", point(HERE), "Late 1")
    rename = text("update gis.asset set name = :name where source = 'tiles-test' and source_ref = :ref")
    with engine.connect() as first:
        first.execute(rename, {"name": "Early 2", "ref": "early"})
        with engine.begin() as second:
            second.execute(rename, {"name": "Late 2", "ref": "late"})
        between = ask("asset", at(HERE))
        assert all(b"Late 2" in answer.content and b"Early 1" in answer.content for answer in between)
        first.commit()
    assert all(b"Early 2" in answer.content for answer in ask("asset", at(HERE)))


def test_what_is_undone_changes_nothing(engine: Engine, town: Town, ask: Callable[..., list[httpx.Response]]) -> None:
    before = ask("road", at(HERE), times=1)[0]
    with engine.connect() as db:
        db.execute(text("delete from gis.asset where kind = 'road'"))
        assert {answer.content for answer in ask("road", at(HERE))} == {before.content}
        db.rollback()
    assert {answer.content for answer in ask("road", at(HERE))} == {before.content}


def test_a_request_made_after_a_commit_never_sees_the_time_before_it(
    engine: Engine, town: Town, ask: Callable[..., list[httpx.Response]]
) -> None:
    """Four readers without pause while one place is edited 150 times: what a reader gets is no older than its own question."""
    with engine.begin() as db:
        add(db, "counter", "camera", point(THERE), "count 000")
    committed, stop = [0], threading.Event()

    def read(_: int) -> tuple[int, int]:
        asked = stale = 0
        while not stop.is_set():
            known = committed[0]
            content = ask("asset", at(THERE, 16), times=1)[0].content
            place = content.index(b"count ")
            stale += int(content[place + 6 : place + 9]) < known
            asked += 1
        return asked, stale

    with ThreadPoolExecutor(4) as readers:
        running = [readers.submit(read, n) for n in range(4)]
        try:
            for number in range(1, 151):
                with engine.begin() as db:
                    name = {"name": f"count {number:03d}"}
                    db.execute(text("update gis.asset set name = :name where source_ref = 'counter'"), name)
                committed[0] = number
        finally:
            stop.set()
        outcomes = [future.result() for future in running]
    assert sum(stale for _, stale in outcomes) == 0
    assert all(asked > 5 for asked, _ in outcomes)


def test_a_lost_connection_forgets_what_it_may_have_missed(
    engine: Engine, database: Database, town: Town, ask: Callable[..., list[httpx.Response]]
) -> None:
    with engine.begin() as db:
        add(db, "watched", "camera", point(HERE), "Seen 1")
    ask("asset", at(HERE))
    owner = make_engine(database.owner_url)
    with owner.begin() as db:
        cut = db.execute(
            text(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where datname = current_database() and application_name = 'citycommand tiles'"
            )
        ).scalar_one()
    owner.dispose()
    assert cut >= 1
    with engine.begin() as db:
        db.execute(text("update gis.asset set name = 'Seen 2' where source_ref = 'watched'"))
    assert all(b"Seen 2" in answer.content for answer in ask("asset", at(HERE)))


def test_a_browser_that_has_the_tile_is_told_so(
    engine: Engine, town: Town, ask: Callable[..., list[httpx.Response]], server: WebServer, cookies: dict[str, str]
) -> None:
    path = f"{server.url}/tiles/asset/17/{at(HERE).x}/{at(HERE).y}"
    tag = ask("asset", at(HERE), times=1)[0].headers["etag"]
    held = [httpx.get(path, verify=False, cookies=cookies, headers={"If-None-Match": tag}) for _ in range(ASKED)]
    assert {answer.status_code for answer in held} == {304}
    assert {answer.headers["cache-control"] for answer in held} == {"private, no-cache"}
    with engine.begin() as db:
        db.execute(text("update gis.asset set name = name || '!' where kind = 'camera'"))
    again = [httpx.get(path, verify=False, cookies=cookies, headers={"If-None-Match": tag}) for _ in range(ASKED)]
    assert {answer.status_code for answer in again} == {200}
    plain = httpx.get(path, verify=False, cookies=cookies, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == again[0].content


def test_signing_out_closes_the_door_at_once(server: WebServer, town: Town) -> None:
    person = server.person("intake", PASSWORD)
    path = f"/tiles/road/17/{at(HERE).x}/{at(HERE).y}"
    assert person.get(path).status_code == 200
    kept = dict(person.cookies)
    person.post("/logout")
    assert httpx.get(server.url + path, cookies=kept).status_code == 401
    person.close()


def test_door_and_route_say_the_same(server: WebServer, engine: Engine, town: Town) -> None:
    with closing(server.person("intake", PASSWORD)) as person:
        for path, status in (
            ("/tiles/secret/1/1/1", 404),
            ("/tiles/road/1/5/1", 422),
            ("/tiles/road/x/5/1", 422),
            ("/tiles/road/99999999999/5/1", 422),
            ("/tiles/building/3/1/1", 200),
        ):
            assert person.get(path).status_code == status, path


def test_names_stand_once_and_streets_are_joined(engine: Engine, town: Town) -> None:
    """An area over many tiles is named in one of them; two pieces of a street make one line with one name."""
    z = 16
    with engine.begin() as db:
        for number, (first, last) in enumerate(((0.0, 0.0004), (0.0004, 0.0008))):
            south = SOUTH + 0.0011
            add(db, f"piece {number}", "road", f"LINESTRING ({WEST + first} {south}, {WEST + last} {south})", "联合路")
        columns, rows = tiles_of(tiles.address.Box(WEST, SOUTH, WEST + 2 * STEP, SOUTH + 2 * STEP), z)
        named = [tiles.tile(db, "label", z, x, y).count("社区".encode()) for x in columns for y in rows]
        assert sum(named) == 1
        street = tiles.tile(db, "street_label", *at((WEST + 0.0004, SOUTH + 0.0011)))
    assert street.count("联合路".encode()) == 1
    assert LAYERS["label"].first_zoom == 0


def test_noting_many_changes_reads_what_is_noted_once(engine: Engine, town: Town, database: Database) -> None:
    """Also where the statistics say that nothing is noted: they were taken after a preview, which is rolled back."""
    many = 3_000
    grids = text("""
        insert into gis.unit_grid (code, area_id, geom)
        select 'far-' || n, (select min(area_id) from gis.unit_grid), st_multi(st_makeenvelope(x, y, x + 0.005, y + 0.005, 4326))
        from generate_series(1, :many) n, lateral (select 10 + (n % 60) * 0.01 as x, 10 + (n / 60) * 0.01 as y) as west_south
    """)
    read = text("select seq_tup_read from pg_stat_xact_user_tables where relid = 'gis.tile_change'::regclass")
    owner = create_engine(url_of(database.owner_url), isolation_level="AUTOCOMMIT")
    with owner.connect() as db:
        db.execute(text("delete from gis.tile_change"))
    with engine.connect() as db, db.begin() as preview:
        db.execute(grids, {"many": many})
        preview.rollback()
    with owner.connect() as db:
        db.execute(text("analyze gis.tile_change"))
    with engine.connect() as db, db.begin() as applied:
        before = db.execute(read).scalar() or 0
        db.execute(grids, {"many": many})
        noted = db.execute(text("select count(*) from gis.tile_change")).scalar_one()
        assert db.execute(read).scalar_one() - before <= 4 * noted
        applied.rollback()
    owner.dispose()
    assert noted > many / 2
