"""Unit grids over HTTP: the report is the steward's, a code is found by everybody who sees the map."""

from __future__ import annotations

from sqlalchemy import Engine

from gis import organisation
from tests.support.server import Person, WebServer
from tests.support.smalltown import PASSWORD, Town


def test_a_unit_grid_is_found_by_code_and_as_of_a_moment(people: dict[str, Person]) -> None:
    inspector = people["inspector"]
    found = inspector.get("/api/grids/990101001001003").json()
    assert found["area_code"] == "990101001001"
    assert found["geometry"]["type"] == "MultiPolygon"
    assert found["until"] is None
    long_ago = inspector.get("/api/grids/990101001001003", params={"at": "2001-01-01T00:00:00Z"})
    assert long_ago.status_code == 404


def test_the_report_is_the_stewards(people: dict[str, Person], server: WebServer, engine: Engine, town: Town) -> None:
    assert people["inspector"].get("/api/grids/report").status_code == 403
    with engine.begin() as db:
        steward = organisation.add_account(db, "steward", "数据", "Steward", password=PASSWORD, unit_id=None)
        organisation.give_post(db, steward, "data_steward")
    person = Person(server.url, "steward", PASSWORD)
    report = person.get("/api/grids/report").json()
    assert report["grids"] == 4
    assert report["editions"] == []
    page = person.get("/grids/report.html", params={"area": "990101001001"})
    assert page.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.text.count("<title>") == 1 + 4
    assert person.get("/grids/report.html", params={"area": "nowhere"}).status_code == 404
    person.close()
