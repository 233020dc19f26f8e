"""The standard doors with GDAL as client, pages while the data changes, filters that cannot break out, rights and tokens."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from config.errors import InvalidInput
from gis import assets
from gis.db import make_engine
from gis.features import items
from gis.features.collections import COLLECTIONS
from gis.features.systems import system
from gis.tiles.address import Box, tiles_of
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.server import WebServer
from tests.support.smalltown import PASSWORD, SOUTH, WEST, Town

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def town(engine: Engine) -> Town:
    rows = [
        assets.AssetRow(
            f"g{n}",
            "green",
            None,
            f"Park {n % 7}",
            "",
            shapely.Point(WEST + n * 1e-4, SOUTH).buffer(4e-5).wkb_hex,
            "{}",
        )
        for n in range(250)
    ]
    with engine.begin() as db:
        town = smalltown.build(db)
        assets.upsert(db, "ogc-test", rows)
        pipe = assets.AssetRow(
            "p1", "water_main", None, "", "", shapely.LineString([(WEST, SOUTH), (WEST, SOUTH + 1e-3)]).wkb_hex, "{}"
        )
        assets.upsert(db, "ogc-pipes", [pipe])
        return town


@pytest.fixture(scope="module")
def server(
    settings_environment: dict[str, str], town: Town, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    with WebServer(settings_environment, tmp_path_factory.mktemp("web") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def door(server: WebServer) -> str:
    return f"{server.url}/ogc"


@pytest.fixture(scope="module")
def token(server: WebServer) -> str:
    with closing(server.person("leader", PASSWORD)) as person:
        answer = person.post("/api/tokens", json={"name": "QGIS", "days": 30})
        assert answer.status_code == 201
        assert [row["name"] for row in person.get("/api/tokens").json()] == ["QGIS"]
        return str(answer.json()["token"])


def get(address: str, **parameters: Any) -> dict[str, Any]:
    answer = httpx.get(address, params=parameters or None, verify=False)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_gdal_lists_and_reads(door: str) -> None:
    names = {name for name, _ in pyogrio.list_layers(f"OAPIF:{door}")}
    assert {"areas", "roads", "greens"} <= names
    assert "pipes" not in names
    greens = pyogrio.read_dataframe(f"OAPIF:{door}", layer="greens", use_arrow=False)
    assert len(greens) == 250
    assert greens.crs.to_epsg() in (4326, None)
    assert greens.geometry.iloc[0].bounds[0] == pytest.approx(WEST - 4e-5, abs=1e-7)
    near = pyogrio.read_dataframe(f"OAPIF:{door}", layer="greens", bbox=(WEST, SOUTH, WEST + 10.5e-4, SOUTH + 1e-5))
    assert len(near) == 11


def test_gdal_filters_on_the_server(door: str) -> None:
    some = pyogrio.read_dataframe(f"OAPIF:{door}", layer="greens", where="name = 'Park 3'")
    assert set(some.name) == {"Park 3"}
    assert len(some) == 36


def test_gdal_with_a_token_sees_the_citys_own(door: str, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": f"qgis:{token}"})
    try:
        pipes = pyogrio.read_dataframe(f"OAPIF:{door}", layer="pipes")
    finally:
        pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": None})
    assert list(pipes.kind) == ["water_main"]


def test_pipes_are_never_public_and_tokens_end(server: WebServer, door: str, token: str) -> None:
    tile = tiles_of(Box(WEST, SOUTH, WEST, SOUTH), 17)
    paths = ("", "/items", "/items/1", "/queryables", "/tiles", f"/tiles/WebMercatorQuad/17/{tile[1][0]}/{tile[0][0]}")
    bearer = {"Authorization": f"Bearer {token}"}
    basic = {"Authorization": "Basic " + base64.b64encode(f"x:{token}".encode()).decode()}
    for path in paths:
        assert httpx.get(f"{door}/collections/pipes{path}").status_code == 404, path
    for headers in (bearer, basic):
        assert httpx.get(f"{door}/collections/pipes/items", headers=headers).json()["numberMatched"] == 1
    assert httpx.get(f"{door}/collections", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert httpx.get(f"{door}/collections", headers={"Authorization": "Basic ?"}).status_code == 401
    assert httpx.get(f"{server.url}/api/cases", headers=bearer).status_code == 401  # the doors only
    with closing(server.person("leader", PASSWORD)) as person:
        own = person.get("/api/tokens").json()[0]["id"]
        with closing(server.person("intake", PASSWORD)) as other:
            assert other.delete(f"/api/tokens/{own}").status_code == 404
        assert person.delete(f"/api/tokens/{own}").status_code == 204
    assert httpx.get(f"{door}/collections", headers=bearer).status_code == 401


def test_pages_are_stable_while_the_data_changes(door: str, engine: Engine) -> None:
    address, seen = f"{door}/collections/greens/items?limit=40", []
    with engine.begin() as db:
        last = db.execute(text("select max(id) from gis.asset where source = 'ogc-test'")).scalar_one()
    number = 0
    while address:
        page = get(address)
        seen += [feature["id"] for feature in page["features"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        with engine.begin() as db:  # rows that were read go, new ones come
            db.execute(text("update gis.asset set status = 'removed' where id = :id"), {"id": seen[number]})
            row = assets.AssetRow(
                f"n{number}", "green", None, "New", "", shapely.Point(WEST, SOUTH).buffer(1e-5).wkb_hex, "{}"
            )
            assets.upsert(db, "ogc-later", [row])
        number += 1
    assert len([id for id in seen if id <= last]) == 250
    assert len(set(seen)) == len(seen)
    with engine.begin() as db:
        db.execute(text("update gis.asset set status = 'intact' where source = 'ogc-test'"))
        db.execute(text("delete from gis.asset where source = 'ogc-later'"))


def test_systems_boxes_and_times(door: str) -> None:
    here = f"{door}/collections/greens/items"
    plain = get(here, limit=1)["features"][0]["geometry"]["coordinates"][0][0]
    swapped = get(here, limit=1, crs=f"{EPSG}4326")["features"][0]["geometry"]["coordinates"][0][0]
    assert swapped == [plain[1], plain[0]]
    metres = get(here, limit=1, crs=f"{EPSG}3857")["features"][0]["geometry"]["coordinates"][0][0]
    assert metres[0] == pytest.approx(plain[0] / 180 * 20037508.342789244)
    gauss = get(here, limit=1, crs=f"{EPSG}4548")["features"][0]["geometry"]["coordinates"][0][
        0
    ]  # 117°, northing first
    assert 4_200_000 < gauss[0] < 4_300_000
    answer = httpx.get(here, params={"limit": 1, "crs": f"{EPSG}3857"})
    assert answer.headers["content-crs"] == f"<{EPSG}3857>"
    box = f"{WEST},{SOUTH},{WEST + 1e-5},{SOUTH + 1e-5}"
    assert get(here, bbox=box)["numberMatched"] == 1
    assert (
        get(here, **{"bbox": f"{SOUTH},{WEST},{SOUTH + 1e-5},{WEST + 1e-5}", "bbox-crs": f"{EPSG}4326"})[
            "numberMatched"
        ]
        == 1
    )
    assert get(here, datetime="../2000-01-01T00:00:00Z")["numberMatched"] == 0
    assert get(here, datetime="2000-01-01T00:00:00Z/..")["numberMatched"] == 250


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("name = 'Park 3'", 36),
        ("name LIKE 'Park%' AND NOT name IN ('Park 3', 'Park 4')", 178),
        ("CASEI(name) = CASEI('PARK 3')", 36),
        ("name IS NULL", 0),
        (f"S_INTERSECTS(geometry, BBOX({WEST}, {SOUTH}, {WEST + 10.5e-4}, {SOUTH + 1e-5}))", 11),
        (
            f"S_WITHIN(geometry, POLYGON(({WEST} 30, {WEST + 1} 30, {WEST + 1} 40, {WEST} 40, {WEST} 30)))",
            249,
        ),
        ("recorded_at > TIMESTAMP('2000-01-01T00:00:00Z')", 250),
        ("id BETWEEN 0 AND 0", 0),
        ("name = 'x'' OR ''1''=''1'", 0),
    ],
)
def test_filters_choose(door: str, written: str, count: int) -> None:
    assert get(f"{door}/collections/greens/items", filter=written)["numberMatched"] == count


@pytest.mark.parametrize(
    "parameters",
    [
        {"filter": "secret = 1"},
        {"filter": "name = 5"},
        {"filter": "S_INTERSECTS(name, POINT(0 0))"},
        {"filter": "name = "},
        {"filter": "pg_sleep(10) = 1"},
        {"filter": "(" * 500 + "name = 'a'" + ")" * 500},
        {"filter": "NOT " * 500 + "name = 'a'"},
        {"filter": "id / 0 = 1"},
        {"filter": "name = 'a'", "filter-lang": "cql2-json"},
        {"bbox": "1,2,3"},
        {"bbox": "1,2,nan,4"},
        {"bbox": "3,2,1,4"},
        {"crs": f"{EPSG}1"},
        {"datetime": "yesterday"},
        {"limit": "0"},
        {"unknown": "1"},
        {"sortby": "geometry"},
        {"sortby": "secret"},
        {"sortby": "id,name,kind,status,code"},
        {"cursor": "x"},
        {"sortby": "name", "cursor": "12"},
        {"sortby": "name", "cursor": "WzEsMV0"},
        {"recorded_at": "yesterday"},
        {"f": "xml"},
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(door: str, parameters: dict[str, str]) -> None:
    answer = httpx.get(f"{door}/collections/greens/items", params=parameters)
    assert answer.status_code == 400, answer.text
    assert answer.json()["next_step"]


FRAGMENTS = st.sampled_from(
    ["name", "id", "geometry", "status", "'", "''", '"', "\\", ";", "--", "/*", "*/", "(", ")", " AND ", " OR ", "NOT ",
     "=", "<>", " LIKE ",
     " IN ", " BETWEEN ",
     "1", "1e308", "'a'", "$1", ":f0", "%s", "%", "||", "::text", "pg_sleep(1)", "POINT(0 0)", "S_INTERSECTS(", ",",
     "BBOX(0,0,1,1)", "TIMESTAMP('2020-01-01T00:00:00Z')", " IS NULL", "drop table gis.asset", "union select", "CASEI(", "+", "-", "*"]
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(FRAGMENTS | st.text(max_size=6), min_size=1, max_size=12))
def test_no_filter_breaks_out(engine: Engine, town: Town, parts: list[str]) -> None:
    """Whatever is written: a page of this collection, or InvalidInput. No other error, nothing changed."""
    wanted = items.Wanted(limit=5, filter="".join(parts))
    with engine.connect() as db:
        try:
            found, _ = items.page(db, wanted, COLLECTIONS["greens"])
        except InvalidInput:
            return
        assert all(feature["properties"]["kind"] == "green" for feature in found)


def test_documents_say_where_to_go(door: str) -> None:
    landing = get(f"{door}/")
    rels = {link["rel"]: link["href"] for link in landing["links"]}
    for rel in ("conformance", "data", "service-desc"):
        get(rels[rel])
    assert any("cql2-text" in name for name in get(f"{door}/conformance")["conformsTo"])
    assert get(f"{door}/collections/roads/queryables")["properties"]["class"] == {"type": "string"}
    page = httpx.get(f"{door}/collections/roads/items", headers={"Accept": "text/html,*/*"})
    assert page.headers["content-type"].startswith("text/html")
    assert "试验路" in page.text
    assert httpx.get(f"{door}/collections/nothing").status_code == 404


def test_tiles_by_their_standard(door: str) -> None:
    sets = get(f"{door}/collections/roads/tiles")["tilesets"]
    template = next(link["href"] for link in sets[0]["links"] if link["rel"] == "item")
    columns, rows = tiles_of(Box(WEST, SOUTH + 5e-4, WEST, SOUTH + 5e-4), 17)
    address = template.format(tileMatrix=17, tileRow=rows[0], tileCol=columns[0])
    tile = httpx.get(address)
    assert "试验路".encode() in tile.content
    assert httpx.get(address, headers={"If-None-Match": tile.headers["etag"]}).status_code == 304
    described = get(f"{door}/collections/roads/tiles/WebMercatorQuad/tilejson")
    assert httpx.get(described["tiles"][0].format(z=17, x=columns[0], y=rows[0])).content == tile.content
    assert len(get(f"{door}/tileMatrixSets/WebMercatorQuad")["tileMatrices"]) == 21
    assert httpx.get(f"{door}/tileMatrixSets/Other").status_code == 404


def test_systems_are_known_by_name() -> None:
    assert system(f"{EPSG}4490").north_first
    with pytest.raises(InvalidInput):
        system(f"{EPSG}99999")


def test_strangers_are_not_told_whose_things_are(door: str, server: WebServer) -> None:
    """Owner and authority may name persons; they are neither shown, nor to be filtered by, nor named as queryable."""
    items = f"{door}/collections/greens/items"
    with closing(server.person("leader", PASSWORD)) as person:
        made = person.post("/api/tokens", json={"name": "owners"}).json()["token"]
    bearer = {"Authorization": f"Bearer {made}"}
    for headers, told in (({}, False), (bearer, True)):
        shown = httpx.get(items, params={"limit": 1}, headers=headers).json()["features"][0]["properties"]
        named = httpx.get(f"{door}/collections/greens/queryables", headers=headers).json()["properties"]
        asked = httpx.get(items, params={"filter": "owner = 'somebody'"}, headers=headers)
        assert ("owner" in shown, "authority" in shown, "owner" in named) == (told, told, told)
        assert asked.status_code == (200 if told else 400)


def _all(address: str) -> list[dict[str, Any]]:
    found = []
    while address:
        page = get(address)
        found += page["features"]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    return found


@pytest.mark.parametrize(
    "sortby", ["name", "-name", "name,-id", "name_en,-name", "-status,recorded_at", "-recorded_at", "code,-name"]
)
def test_sorted_pages_are_the_sorted_whole(door: str, engine: Engine, sortby: str) -> None:
    """Page by page, with equal and missing values, in the order that the database gives the whole."""
    order = ", ".join(
        f"{part.strip('-')} {'desc' if part.startswith('-') else 'asc'} nulls last" for part in sortby.split(",")
    )
    with engine.connect() as db:
        wanted = [
            row.id for row in db.execute(text(f"select id from gis.asset where kind = 'green' order by {order}, id"))
        ]
    assert [each["id"] for each in _all(f"{door}/collections/greens/items?limit=37&sortby={sortby}")] == wanted


def test_every_queryable_can_be_asked_and_sorted_by(door: str, server: WebServer) -> None:
    with closing(server.person("leader", PASSWORD)) as person:
        token = person.post("/api/tokens", json={"name": "all"}).json()["token"]
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        for one in client.get(f"{door}/collections").json()["collections"]:
            here = f"{door}/collections/{one['id']}"
            named = client.get(f"{here}/queryables").json()["properties"]
            assert client.get(f"{here}/sortables").json()["properties"].keys() == named.keys() - {"geometry"}
            shown = client.get(f"{here}/items", params={"limit": 1}).json()["features"]
            assert not shown or shown[0]["properties"].keys() == named.keys() - {"geometry", "id"}
            for name, schema in named.items():
                if name == "geometry":
                    continue
                value = {"number": "5", "boolean": "true", "string": "'x'"}[schema["type"]]
                value = "TIMESTAMP('2020-01-01T00:00:00Z')" if schema.get("format") == "date-time" else value
                asked = client.get(
                    f"{here}/items", params={"filter": f"{name} = {value} OR {name} IS NULL", "sortby": name}
                )
                assert asked.status_code == 200, (one["id"], name, asked.text)
                given = {"5": "5", "true": "true", "'x'": "x"}.get(value, "2020-01-01T00:00:00Z")
                if name != "id":
                    assert client.get(f"{here}/items", params={name: given}).status_code == 200, (one["id"], name)
