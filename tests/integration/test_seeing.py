"""A restricted data set is nowhere: every route that reads is asked, as everybody, whatever routes there are (C3)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, text

from api.app import create_app
from api.auth import Permit
from api.ogc_documents import MVT
from config.settings import Settings
from gis.catalogue import data_sets
from gis.catalogue.data_sets import Description
from gis.tiles.address import Address
from tests.integration.test_http import walk
from tests.support import smalltown
from tests.support.http_cases import lamp_report
from tests.support.server import Person, WebServer
from tests.support.smalltown import Town
from tests.support.waiting import wait_until

SECRET = ("秘密泵站", "Hidden works", "QX-7731", "hidden/1")
"""How the restricted things are called; no answer may hold any of it."""

FIRST_ID = 770_001_000
"""Ids that stand in no answer by chance."""

OPEN_MAIN = 880_001_000
READERS = ("intake", "leader", "dispatcher", "inspector", "assessor", "electrician")


@dataclass(frozen=True)
class Hidden:
    """Where the restricted things lie, their ids, and a case about one of them."""

    lon: float
    lat: float
    lamp: int
    main: int
    case: int


@pytest.fixture(scope="module")
def hidden(engine: Engine, town: Town, people: dict[str, Person]) -> Hidden:
    """A lamp, a main with a valve, a named road of a data set that only unit desks may see, and a case about the lamp."""
    lon, lat = town.lamp[0] + 0.0006, town.lamp[1] + 0.0004
    with engine.begin() as db:
        _fill(db, lon, lat)
        _main_beside(db, lon + 0.001, lat)
        data_sets.describe(db, "hidden", Description("保密数据", visible_to=("unit_desk",)), 0, town.accounts["leader"])
        ids = {
            row.source_ref: row.id
            for row in db.execute(text("select id, source_ref from gis.asset where source = 'hidden'"))
        }
    answer = people["inspector"].hand_in(
        "/api/reports", lamp_report(town, position={"lon": lon, "lat": lat, "system": "wgs84"})
    )
    assert answer.status_code < 300, answer.text
    assert told(answer) == [], "who reports is not told what stands there"
    return Hidden(lon, lat, ids["hidden/1/lamp"], ids["hidden/1/main"], answer.json()["case"]["id"])


def _fill(db: Any, lon: float, lat: float) -> None:
    name, english, code, ref = SECRET
    things = [
        ("street_lamp", smalltown.LAMP_CLASS, "lamp", f"POINT({lon} {lat})"),
        ("water_main", None, "main", f"LINESTRING({lon} {lat}, {lon + 0.001} {lat})"),
        ("valve", None, "valve", f"POINT({lon + 0.0005} {lat})"),
        ("road", None, "road", f"LINESTRING({lon} {lat + 0.0001}, {lon + 0.001} {lat + 0.0001})"),
        ("building", None, "house", f"POLYGON(({lon} {lat}, {lon + 0.0001} {lat}, {lon} {lat + 0.0001}, {lon} {lat}))"),
    ]
    for number, (kind, class_code, end, wkt) in enumerate(things):
        db.execute(
            text(
                "with made as (insert into gis.asset (id, kind, class_code, code, name, name_en, geom, source, source_ref, attributes)"
                " values (:id, :kind, :class, :code, :name, :en, st_geomfromtext(:wkt, 4326), 'hidden', :ref,"
                " jsonb_build_object('addr:street', :name, 'addr:housenumber', '7')) returning id)"
                " insert into gis.asset_history (asset_id, version, change, why) select id, 1, 'added', 'test' from made"
            ),
            {
                "id": FIRST_ID + number,
                "kind": kind,
                "class": class_code,
                "code": f"{code}-{number}",
                "name": name,
                "en": english,
                "wkt": wkt,
                "ref": f"{ref}/{end}",
            },
        )


def _main_beside(db: Any, lon: float, lat: float) -> None:
    """A main that everybody may see, on the end of the hidden one."""
    db.execute(
        text(
            "insert into gis.asset (id, kind, name, geom, source, source_ref)"
            " values (:id, 'water_main', '', st_geomfromtext(:wkt, 4326), 'test', 'open/main')"
        ),
        {"id": OPEN_MAIN, "wkt": f"LINESTRING({lon} {lat}, {lon + 0.0004} {lat})"},
    )


@pytest.fixture(scope="module")
def routes(settings: Settings) -> Iterator[list[APIRoute]]:
    app = create_app(settings)
    yield [route for route in walk(app.routes) if isinstance(route, APIRoute)]
    app.state.engine.dispose()


ENDLESS = {"/api/live"}
"""Streams: what they send is tested below."""

ECHOES = {"/api/refusals"}
"""Tell which addresses were tried, as they were typed: nothing of what is there."""


def asked(routes: list[APIRoute], hidden: Hidden) -> list[str]:
    """Every address that reads, filled in so that the restricted things would be the answer. A parameter of another name must be added."""
    z, x, y = 16, *_tile(hidden, 16)
    west, south, east, north = hidden.lon - 0.003, hidden.lat - 0.003, hidden.lon + 0.003, hidden.lat + 0.003
    values: dict[str, list[str]] = {
        "lon": [str(hidden.lon)], "lat": [str(hidden.lat)],
        "from_lon": [str(hidden.lon)], "from_lat": [str(hidden.lat)], "to_lon": [str(hidden.lon + 0.001)], "to_lat": [str(hidden.lat)],
        "asset_id": [str(hidden.lamp), str(hidden.main)], "case_id": [str(hidden.case)],
        "text": [SECRET[0]], "month": ["2026-10"], "area": ["1"], "words": [SECRET[0]],
        "q": [SECRET[0], SECRET[1], SECRET[2], SECRET[0] + "7号"], "bbox": [f"{west},{south},{east},{north}"],
        "level": ["community"], "layer": ["asset", "road", "pipe", "building", "label", "street_label"],
        "name": ["water", "sewer", "street", "WebMercatorQuad"], "matrix": [str(z)], "row": [str(y)], "column": [str(x)],
        "id": ["assets", "roads", "pipes", "buildings", str(hidden.case)], "feature": [str(hidden.lamp), str(hidden.main)],
        "figure": ["filed"], "class_code": [smalltown.LAMP_CLASS],
    }  # fmt: skip
    found: list[str] = []
    for route in routes:
        if route.path in ENDLESS | ECHOES or "GET" not in (route.methods or ()):
            continue
        addresses = [route.path]
        for parameter in route.dependant.path_params:
            given = values.get(parameter.name, ["1"])
            parts = [("{" + parameter.name + "}"), ("{" + parameter.name + ":path}")]
            addresses = [_put(each, parts, value) for each in addresses for value in given]
        known = values | AT_ROUTE.get(route.path, {})
        wanted = [each for each in route.dependant.query_params if each.alias in known]
        missing = [
            each.alias
            for each in route.dependant.query_params
            if each.field_info.is_required() and each.alias not in known
        ]
        assert not missing, f"{route.path} wants {missing}: add them to the walk"
        choices: list[dict[str, str]] = [{}]
        for each in wanted:
            choices = [{**choice, each.alias: value} for choice in choices for value in known[each.alias]]
        found += [str(httpx.URL(address, params=choice)) for address in addresses for choice in choices]
        found += addresses
    layers = ("area", "asset", "road", "pipe", "building", "label", "street_label")
    # Shared tiles are served beside the routes (api/tile_service).
    found += [f"/{door}/{layer}/{z}/{x}/{y}" for door in ("tiles", "seen-tiles") for layer in layers]
    return list(dict.fromkeys(found))


AT_ROUTE: dict[str, dict[str, list[str]]] = {
    "/api/gis/along": {"from": [SECRET[0] + "7号"], "to": [SECRET[0] + "7号"]},
    "/api/readings": {"x": ["115.6011"], "y": ["38.4009"]},
    "/api/exports/assets": {"source": ["hidden"], "format": ["geojson"]},
}
"""Parameters that mean something else at one route."""


def posted(routes: list[APIRoute], hidden: Hidden) -> list[tuple[str, dict[str, Any]]]:
    """Questions that are sent as a body: every POST that only asks for the permission to see. A new one must be added."""
    reach = 0.003
    west, south, east, north = hidden.lon - reach, hidden.lat - reach, hidden.lon + reach, hidden.lat + reach
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    places: list[dict[str, Any]] = [
        {"shape": {"type": "Polygon", "coordinates": [ring]}},
        {"lon": hidden.lon, "lat": hidden.lat, "radius_m": 50},
        {"asset_id": hidden.lamp, "radius_m": 50},
    ]
    bodies = {"/api/gis/within": places, "/api/gis/statistics": [each | {"by": "kind"} for each in places]}
    asking = {
        route.path
        for route in routes
        if "POST" in (route.methods or ()) and _permission(route) in ("asset.see", "map.see")
    }
    silent = {"/api/tokens", "/api/conversions", "/api/notices/read", "/api/notices/read-all"}
    assert asking - silent <= bodies.keys(), "add what they ask to the walk"
    return [(path, body) for path, each in bodies.items() for body in each]


def _permission(route: APIRoute) -> str:
    return next(d.call.permission for d in route.dependant.dependencies if isinstance(d.call, Permit))


def _put(address: str, parts: list[str], value: str) -> str:
    for part in parts:
        address = address.replace(part, value)
    return address


def _tile(hidden: Hidden, z: int) -> tuple[int, int]:
    n = 2**z
    y = (1 - math.log(math.tan(math.radians(hidden.lat)) + 1 / math.cos(math.radians(hidden.lat))) / math.pi) / 2 * n
    assert Address.of(z, int((hidden.lon + 180) / 360 * n), int(y))
    return int((hidden.lon + 180) / 360 * n), int(y)


def told(answer: httpx.Response) -> list[str]:
    """What of the restricted things stands in an answer that is not merely the question said again."""
    if answer.status_code != 200:
        return []
    if answer.headers.get("content-type", "").startswith(MVT):  # a label has twice the id
        ids = [FIRST_ID + number for number in range(10)]
        return [str(id) for id in ids if any(_varint(one) in answer.content for one in (id, 2 * id, 2 * id + 1))]
    words = (*SECRET, str(FIRST_ID // 10))
    return [
        word for word in words if word.encode() in answer.content or word.encode("unicode_escape") in answer.content
    ]


def _varint(number: int) -> bytes:
    """How protobuf writes a number."""
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def test_no_route_tells_of_it_to_who_may_not_see_it(
    people: dict[str, Person], server: WebServer, routes: list[APIRoute], hidden: Hidden
) -> None:
    addresses = asked(routes, hidden)
    assert len(addresses) > 150
    wrong = []
    stranger = httpx.Client(base_url=server.url, timeout=30)
    clients: dict[str, httpx.Client] = {**{name: people[name] for name in READERS}, "nobody": stranger}
    for who, client in clients.items():
        for address in addresses:
            if words := told(client.get(address)):
                wrong.append((who, address, words))
        for path, body in posted(routes, hidden):
            if words := told(client.post(path, json=body)):
                wrong.append((who, path, words))
    stranger.close()
    assert wrong == []


def test_the_same_walk_finds_it_for_who_may_see_it(
    people: dict[str, Person], routes: list[APIRoute], hidden: Hidden
) -> None:
    """So that the test above can fail: the walk does ask for the restricted things."""
    asked_for = asked(routes, hidden)
    desk = next(name for name, (post, _) in smalltown.PEOPLE.items() if post == "unit_desk")
    seen = {httpx.URL(address).path for address in asked_for if told(people[desk].get(address))}
    seen |= {path for path, body in posted(routes, hidden) if told(people[desk].post(path, json=body))}
    for path in ("/api/search", "/api/gis/geocode", "/api/gis/nearest", "/api/gis/identify", "/api/assets", "/api/assets.geojson",
                 f"/api/assets/{hidden.lamp}", "/ogc/collections/assets/items", "/ogc/collections/roads/items",
                 f"/ogc/collections/assets/items/{hidden.lamp}", "/api/networks/water/isolate",
                 "/api/gis/within", "/api/gis/describe"):  # fmt: skip
        assert path in seen, (path, sorted(seen))


def test_a_burst_beside_hidden_mains_says_that_valves_are_withheld(people: dict[str, Person], hidden: Hidden) -> None:
    """What is shut off stays right; the valve that has to be closed is not given away, but that there is one is."""
    address = f"/api/networks/water/isolate?asset_id={OPEN_MAIN}"
    without, with_it = (people[who].get(address).json() for who in ("dispatcher", "lighting"))
    assert [valve["asset_id"] for valve in with_it["valves"]] == [hidden.main + 1]
    assert (without["valves"], without["withheld"], with_it["withheld"]) == ([], 1, 0)
    assert [line["asset_id"] for line in without["list"]] == [OPEN_MAIN]
    assert "data steward" in without["said"]["en"]


def test_tiles_are_made_anew_when_a_data_set_is_restricted_or_open_again(
    people: dict[str, Person], engine: Engine, town: Town, hidden: Hidden
) -> None:
    """Tiles are shared: what is restricted is in none. Who may see it gets tiles of their own, which nobody keeps."""
    x, y = _tile(hidden, 16)
    address = f"/tiles/asset/16/{x}/{y}"
    for layer in ("asset", "pipe", "road", "building", "street_label"):
        assert told(people["lighting"].get(f"/tiles/{layer}/16/{x}/{y}")) == [], "shared: for nobody"
        own = people["lighting"].get(f"/seen-tiles/{layer}/16/{x}/{y}")
        assert told(own), "for who may see it"
        assert own.headers["cache-control"] == "private, no-cache"
        assert told(people["dispatcher"].get(f"/seen-tiles/{layer}/16/{x}/{y}")) == []
    assert own_layers(people["lighting"]) == {"building", "road", "street_label", "pipe", "asset"}
    assert own_layers(people["dispatcher"]) == set(), (
        "whose map is as everybody's takes all of it from the shared cache"
    )
    _describe(engine, town)
    wait_until(lambda: told(people["dispatcher"].get(address)), what="the lamp in the tile")
    _describe(engine, town, "unit_desk")
    wait_until(lambda: not told(people["dispatcher"].get(address)), what="the lamp out of the tile again")


def own_layers(person: Person) -> set[str]:
    """Layers that the pages of this person ask of the door that is not shared."""
    pages = {person.get(path, headers={"Accept": "text/html"}) for path in ("/map", "/unit")}
    shown = next(page.text for page in pages if page.status_code == 200)
    return set(shown.partition('<meta name="own-layers" content="')[2].partition('"')[0].split())


def _describe(engine: Engine, town: Town, *posts: str) -> None:
    with engine.begin() as db:
        version = db.execute(text("select version from gis.data_set where source = 'hidden'")).scalar_one()
        said = Description("保密数据", visible_to=posts)
        data_sets.describe(db, "hidden", said, version, town.accounts["leader"])
