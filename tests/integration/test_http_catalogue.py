"""The catalogue and exports through HTTP: who sees what, secrets refused, nobody overwritten, what left written down (C3)."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from gis import organisation
from gis.db import make_engine
from tests.support import smalltown
from tests.support.server import Person, WebServer

POSTS = {"steward": "data_steward", "steward2": "data_steward", "planner": "planner", "lighting": "unit_desk"}


@pytest.fixture(scope="module")
def engine(settings_environment: dict[str, str]) -> Iterator[Engine]:
    engine = make_engine(settings_environment["CITYCOMMAND_DATABASE_URL"])
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def people(
    settings_environment: dict[str, str], engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Person]]:
    with engine.begin() as db:
        smalltown.build(db)
        for name, post in POSTS.items():
            account = organisation.add_account(db, name, name, password=smalltown.PASSWORD, locale="en")
            organisation.give_post(db, account, post)
    with ExitStack() as stack:
        web = stack.enter_context(WebServer(settings_environment, tmp_path_factory.mktemp("web") / "log"))
        signed_in = {name: web.person(name, smalltown.PASSWORD) for name in POSTS}
        for person in signed_in.values():
            stack.callback(person.close)
        yield signed_in


def test_the_systems_own_sources_have_names(people: dict[str, Person], engine: Engine) -> None:
    with engine.begin() as db:
        drawn = "insert into gis.asset (kind, geom, source, source_ref) values ('tree', 'srid=4326;point(115.6 38.4)', 'register', 'own')"
        db.execute(text(drawn))
    own = listed(people["steward"])["register"]
    assert (own["name"], own["name_en"], own["described"]) == (
        "在本系统中录入的设施",
        "Assets entered in this system",
        False,
    )


def listed(person: Person) -> dict[str, dict[str, Any]]:
    return {each["source"]: each for each in person.get("/api/data-sets").raise_for_status().json()["items"]}


def described(version: int, **facts: Any) -> dict[str, Any]:
    return {
        "version": version,
        "name": "试验设施",
        "rhythm": "weekly",
        "classification": "internal",
        "owner": "U-LIGHT",
        **facts,
    }


def test_the_catalogue_lists_what_nobody_has_described(people: dict[str, Person]) -> None:
    found = listed(people["steward"])["test"]
    assert found["described"] is False
    assert found["assets"] >= 2
    assert found["freshness"] == "unplanned"
    assert 0 <= found["quality"]["named"] <= 1


def test_only_stewards_describe_and_only_some_posts_look(people: dict[str, Person]) -> None:
    assert people["lighting"].get("/api/data-sets").status_code == 403
    assert people["planner"].put("/api/data-sets/test", json=described(0)).status_code == 403


def test_a_secret_data_set_is_refused_with_the_reason(people: dict[str, Person]) -> None:
    answer = people["steward"].put("/api/data-sets/test", json=described(0, classification="secret"))
    assert answer.status_code == 422
    assert "may not be in this system" in answer.json()["detail"]
    assert listed(people["steward"])["test"]["described"] is False


@pytest.mark.parametrize("wrong", [{"rhythm": "hourly"}, {"visible_to": ["king"]}, {"owner": "U-NONE"}, {"name": "  "}])
def test_a_wrong_description_is_refused(people: dict[str, Person], wrong: dict[str, Any]) -> None:
    assert people["steward"].put("/api/data-sets/test", json=described(0, **wrong)).status_code == 422


def test_an_unknown_source_is_not_found(people: dict[str, Person]) -> None:
    assert people["steward"].put("/api/data-sets/never", json=described(0)).status_code == 404


def test_two_stewards_at_once_do_not_overwrite_each_other(people: dict[str, Person], engine: Engine) -> None:
    first = people["steward"].put("/api/data-sets/test", json=described(0))
    assert first.json() == {"version": 1}
    second = people["steward2"].put("/api/data-sets/test", json=described(0, name="别名"))
    assert second.status_code == 409
    found = listed(people["steward2"])["test"]
    assert (found["name"], found["owner"], found["freshness"]) == ("试验设施", "U-LIGHT", "never")
    with engine.connect() as db:
        kept = db.execute(text("select version, before, after ->> 'name' from gis.data_set_history")).all()
    assert [tuple(row) for row in kept] == [(1, None, "试验设施")]


def test_a_file_is_taken_out_and_written_down(people: dict[str, Person], engine: Engine, tmp_path: Path) -> None:
    answer = people["planner"].get("/api/exports/assets", params={"kind": "street_lamp"}).raise_for_status()
    path = tmp_path / "out.gpkg"
    path.write_bytes(answer.content)
    with sqlite3.connect(path) as file:
        number = file.execute("select count(*) from street_lamp").fetchone()[0]
    assert number == 2
    with engine.connect() as db:
        row = db.execute(text("select selection, counts, sha256 from gis.export_log order by id desc limit 1")).one()
    assert row.selection == {"kinds": ["street_lamp"]}
    assert row.counts == {"street_lamp": 2}
    assert row.sha256 == hashlib.sha256(answer.content).hexdigest()
    assert people["lighting"].get("/api/exports/assets").status_code == 403


def test_what_a_post_may_not_see_is_neither_listed_nor_exported(people: dict[str, Person]) -> None:
    version = listed(people["steward"])["test"]["version"]
    people["steward"].put("/api/data-sets/test", json=described(version, visible_to=["unit_desk"])).raise_for_status()
    assert "test" not in listed(people["planner"])
    assert people["planner"].get("/api/exports/assets", params={"source": "test"}).status_code == 422
    assert people["steward"].get("/api/exports/assets", params={"source": "test"}).status_code == 200
