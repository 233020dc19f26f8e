"""Networks through HTTP: isolate, trace, path, their files, the work list, and who may (C3, S5)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from config.settings import from_environment
from gis.db import make_engine
from gis.networks import tracing
from tests.support.cities import demonstration_city
from tests.support.databases import Database
from tests.support.server import Person, WebServer


@pytest.fixture(scope="module")
def engine(database: Database, settings_environment: dict[str, str]) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    with engine.begin() as db:
        demonstration_city(db, from_environment(settings_environment))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def server(
    settings_environment: dict[str, str], engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    with WebServer(settings_environment, tmp_path_factory.mktemp("web") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def people(server: WebServer) -> Iterator[dict[str, Person]]:
    names = ("intake", "inspector", "steward")
    signed_in = {name: server.person(name, f"demo-{name}") for name in names}
    yield signed_in
    for person in signed_in.values():
        person.close()


def one(engine: Engine, kind: str) -> dict[str, Any]:
    """A long line of this kind: its id and a place on it."""
    with engine.begin() as db:
        row = db.execute(
            text(
                "select id, st_x(p) as lon, st_y(p) as lat from gis.asset, st_lineinterpolatepoint(geom, 0.5) p"
                " where kind = :kind order by st_length(geom) desc, id limit 1"
            ),
            {"kind": kind},
        ).one()
    return dict(row._mapping)


def test_a_burst_is_isolated_by_asset_or_by_place(people: dict[str, Person], engine: Engine) -> None:
    main = one(engine, "water_main")
    answer = people["intake"].get("/api/networks/water/isolate", params={"asset_id": main["id"]})
    assert answer.status_code == 200, answer.text
    plan = answer.json()
    assert plan["asset_id"] == main["id"]
    assert {feature["properties"]["part"] for feature in plan["shapes"]["features"]} >= {"drained", "valve"}
    near = people["intake"].get("/api/networks/water/isolate", params={"lon": main["lon"], "lat": main["lat"]}).json()
    assert near["asset_id"] == main["id"]
    stuck = [valve["asset_id"] for valve in plan["valves"] if valve["do"] == "close"][:1]
    other = people["intake"].get("/api/networks/water/isolate", params={"asset_id": main["id"], "stuck": stuck}).json()
    assert {valve["asset_id"]: valve["do"] for valve in other["valves"]}[stuck[0]] == "stuck"


def test_the_list_comes_as_a_file_too(people: dict[str, Person], engine: Engine) -> None:
    main = one(engine, "water_main")
    answer = people["intake"].get("/api/networks/water/isolate", params={"asset_id": main["id"], "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert next(row["number"] for row in rows if row["do"] == "close") == "1"
    assert str(main["id"]) in [row["asset_id"] for row in rows if not row["do"]]
    drawn = people["intake"].get("/api/networks/water/isolate", params={"asset_id": main["id"], "format": "geojson"})
    assert drawn.headers["content-type"].startswith("application/geo+json")
    assert drawn.json()["type"] == "FeatureCollection"


def test_a_sewer_is_followed_both_ways(people: dict[str, Person], engine: Engine) -> None:
    sewer = one(engine, "sewer")
    down = (
        people["intake"].get("/api/networks/sewer/trace", params={"asset_id": sewer["id"], "direction": "down"}).json()
    )
    assert down["ends"], "every sewer of the demonstration drains to an outfall"
    last = down["ends"][0]["name"]
    assert last in down["said"]["zh"]
    up = people["intake"].get("/api/networks/sewer/trace", params={"asset_id": sewer["id"], "direction": "up"}).json()
    assert sewer["id"] in [line["asset_id"] for line in up["list"]]


def test_a_way_along_the_streets(people: dict[str, Person], engine: Engine) -> None:
    with engine.begin() as db:
        row = db.execute(
            text(
                "select min(st_x(p)) as west, min(st_y(p)) as south, max(st_x(p)) as east, max(st_y(p)) as north"
                " from gis.asset, st_startpoint(geom) p where kind = 'road'"
            )
        ).one()
    middle = ((row.west + row.east) / 2, (row.south + row.north) / 2)
    road = one(engine, "road")
    params = {"from_lon": road["lon"], "from_lat": road["lat"], "to_lon": middle[0], "to_lat": middle[1]}
    answer = people["intake"].get("/api/networks/street/path", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.json()["length_m"] > 0
    with engine.begin() as db:
        ways = tracing.distances(db, "street", (road["lon"], road["lat"]), [middle, (0.0, 0.0)])
    assert ways == [pytest.approx(answer.json()["length_m"]), None]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/networks/gas/trace?asset_id=1", 404),
        ("/api/networks/water/isolate", 422),
        ("/api/networks/water/isolate?asset_id=1", 404),
        ("/api/networks/water/isolate?lon=0&lat=0", 404),
        ("/api/networks/sewer/trace?asset_id=999999999", 404),
        ("/api/findings?network=water&limit=0", 422),
    ],
)
def test_what_cannot_be_answered_says_why(people: dict[str, Person], path: str, status: int) -> None:
    answer = people["intake"].get(path)
    assert answer.status_code == status
    assert answer.json()["next_step"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/networks/street/path?from_lon=0&from_lat=0&to_lon=0&to_lat=0",
        "/api/networks/street/trace?lon=0&lat=0&direction=part",
        "/api/networks/street/trace?asset_id=999999999&direction=part",
    ],
)
def test_who_asks_for_streets_hears_of_streets(people: dict[str, Person], path: str) -> None:
    for locale, street, pipe in (("en", "street", "pipe"), ("zh", "道路", "管")):
        people["intake"].speaks(locale)
        answer = people["intake"].get(path)
        said = answer.json()["detail"] + answer.json()["next_step"]
        assert answer.status_code == 404
        assert street in said
        assert pipe not in said


def test_pipes_are_for_those_who_work_with_them(people: dict[str, Person]) -> None:
    assert people["inspector"].get("/api/networks").status_code == 403


def test_a_steward_decides_about_findings(people: dict[str, Person], engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(
            text(
                "insert into gis.asset (kind, geom, source, source_ref)"
                " select 'valve', st_translate(geom, 0.5, 0), 'test', 'lost valve' from gis.asset where kind = 'valve' limit 1"
            )
        )
    people["steward"].get("/api/networks/water/isolate", params={"asset_id": one(engine, "water_main")["id"]})
    found = people["steward"].get("/api/findings", params={"check": "loose_point"}).json()
    lost = next(item for item in found["items"] if item["ref"] == "lost valve")
    path = f"/api/findings/{lost['id']}"
    assert people["intake"].post(path, json={"state": "done"}).status_code == 403
    refused = people["steward"].post(path, json={"state": "ignored"})
    assert refused.status_code == 422
    assert people["steward"].post(path, json={"state": "ignored", "note": "stored here"}).status_code == 204
    again = people["steward"].get("/api/findings", params={"state": "ignored"}).json()["items"]
    assert [item["note"] for item in again if item["id"] == lost["id"]] == ["stored here"]


def test_a_finding_is_given_to_somebody_and_found_by_kind_area_and_person(people: dict[str, Person]) -> None:
    steward = people["steward"]
    everything = steward.get("/api/findings").json()
    item = everything["items"][0]
    me = next(person for person in everything["people"] if person["id"])
    path = f"/api/findings/{item['id']}/assignee"
    assert people["intake"].post(path, json={"account_id": me["id"]}).status_code == 403
    assert steward.post(path, json={"account_id": 10**9}).status_code == 422
    assert steward.post(path, json={"account_id": me["id"]}).status_code == 204
    mine = steward.get("/api/findings", params={"assignee": me["id"]}).json()["items"]
    assert [(each["id"], each["assignee"]) for each in mine] == [(item["id"], me["name"])]
    assert steward.post(path, json={"account_id": None}).status_code == 204
    assert steward.get("/api/findings", params={"assignee": me["id"]}).json()["items"] == []
    assert {each["name"] for each in steward.get("/api/findings", params={"network": "water"}).json()["items"]} <= {
        "water"
    }
    assert steward.get("/api/findings", params={"area": "no such area"}).json()["items"] == []


def test_a_way_is_told_from_street_to_street(people: dict[str, Person], engine: Engine) -> None:
    with engine.begin() as db:
        ends = db.execute(
            text(
                "select st_x(p) as lon, st_y(p) as lat from gis.asset, st_startpoint(geom) p where kind = 'road'"
                " order by st_x(p), id"
            )
        ).all()
    here, there = ends[0], ends[-1]
    query = {"from_lon": here.lon, "from_lat": here.lat, "to_lon": there.lon, "to_lat": there.lat}
    answer = people["intake"].get("/api/networks/street/path", params=query).json()
    assert answer["steps"][0]["turn"] == "start"
    assert sum(step["length_m"] for step in answer["steps"]) == pytest.approx(
        answer["length_m"], abs=len(answer["steps"])
    )
    assert answer["length_m"] / 60 * 3.6 - 1 <= answer["seconds"] <= answer["length_m"] / 20 * 3.6 + 1
    assert not answer["renewing"]


def test_a_bus_line_that_goes_there_and_back_is_asked_for_places_and_stretches(
    people: dict[str, Person], engine: Engine
) -> None:
    """The demonstration's lines are drawn there and back: a place on the street lies on them twice."""
    inspector = people["inspector"]
    with engine.begin() as db:
        row = db.execute(
            text("select id, attributes from gis.asset where kind = 'bus_line' order by source_ref limit 1")
        ).one()
    line = f"/api/lines/{row.id}"
    whole = inspector.get(f"{line}/along").json()
    assert [stop["name"] for stop in whole["stops"]] == [call["name"] for call in row.attributes["stops"]]
    assert [stop["at_m"] for stop in whole["stops"]] == pytest.approx(
        [call["at_m"] for call in row.attributes["stops"]], rel=0.01, abs=10
    )
    second, third = whole["stops"][1], whole["stops"][2]
    part = inspector.get(f"{line}/along", params={"from_m": second["at_m"], "to_m": third["at_m"]}).json()
    assert [stop["asset_id"] for stop in part["stops"]] == [second["asset_id"], third["asset_id"]]
    assert part["length_m"] == pytest.approx(third["at_m"] - second["at_m"], abs=0.5)

    middle = (second["at_m"] + third["at_m"]) / 2
    place = inspector.get(f"{line}/along", params={"from_m": middle}).json()["shape"]["coordinates"][0]
    here = {"lon": place[0], "lat": place[1]}
    answer = inspector.get(f"{line}/where", params=here).json()
    assert [each["way"] for each in answer["positions"]] == ["out", "back"]
    out, back = answer["positions"]
    assert out["at_m"] == pytest.approx(middle, abs=1)
    assert (out["before"]["name"], out["after"]["name"]) == (second["name"], third["name"])
    assert second["name"] in answer["said"]["zh"]
    later = inspector.get(f"{line}/where", params=here | {"after_m": out["at_m"] + 1}).json()
    assert [each["at_m"] for each in later["positions"]] == [back["at_m"]]
    rows = list(
        csv.DictReader(
            inspector.get(f"{line}/where", params=here | {"format": "csv"}).content.decode("utf-8-sig").splitlines()
        )
    )
    assert [each["before"] for each in rows] == [second["name"], back["before"]["name"]]
    far = inspector.get(f"{line}/where", params={"lon": here["lon"] + 1, "lat": here["lat"]}).json()
    assert (far["positions"], "km" in far["said"]["en"]) == ([], True)


def test_what_is_no_line_or_no_stretch_says_so(people: dict[str, Person], engine: Engine) -> None:
    inspector, main = people["inspector"], one(engine, "water_main")["id"]
    line = one(engine, "bus_line")["id"]
    assert inspector.get(f"/api/lines/{main}/along").status_code == 422
    assert inspector.get("/api/lines/999999999/where", params={"lon": 0, "lat": 0}).status_code == 404
    refused = inspector.get(f"/api/lines/{line}/along", params={"from_m": 900, "to_m": 300})
    assert (refused.status_code, bool(refused.json()["next_step"])) == (422, True)


def test_roads_that_do_not_meet_are_said_not_to(people: dict[str, Person], engine: Engine) -> None:
    with engine.begin() as db:
        row = db.execute(
            text(
                "select a.name as road, b.name as other, round(st_distance(a.geom::geography, b.geom::geography)) as metres"
                " from (select name, st_collect(geom) as geom from gis.asset where kind = 'road' and name like '%路' group by name) a"
                " join (select name, st_collect(geom) as geom from gis.asset where kind = 'road' and name like '%街' group by name) b"
                " on not exists (select from gis.crossing where road = a.name and other = b.name)"
                " where st_distance(a.geom, b.geom) > 0.001 order by a.name, b.name limit 1"
            )
        ).one()
    found = people["inspector"].get("/api/search", params={"q": f"{row.road}与{row.other}交叉口"}).json()
    assert [(hit["precision"], hit["apart_m"]) for hit in found[:1]] == [("apart", pytest.approx(row.metres, abs=2))]


def test_the_name_of_a_kind_finds_the_kind(people: dict[str, Person]) -> None:
    for words in ("消火栓", "hydrant", "Hydrants", "xiaohuoshuan"):
        found = people["inspector"].get("/api/search", params={"q": words, "with_kinds": True}).json()
        assert (found[0]["kind"], found[0]["code"]) == ("kind", "hydrant"), words
    plain = people["inspector"].get("/api/search", params={"q": "消火栓"}).json()
    assert "kind" not in [hit["kind"] for hit in plain]
