"""Aid through HTTP: every door asks for its post, stays in its area, logs what was read, and gives nobody away (W2, W7, W9, W16)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from gis import clock
from gis.db import make_engine
from tests.support import aid, smalltown
from tests.support.aid import HERE, POOR, THERE
from tests.support.server import Person, WebServer
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def city(settings_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Person]]:
    engine = make_engine(settings_environment["CITYCOMMAND_DATABASE_URL"])
    with engine.begin() as db:
        aid.build(db)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        web = stack.enter_context(WebServer(settings_environment, tmp_path_factory.mktemp("web") / "web.log"))
        people = {name: web.person(name, smalltown.PASSWORD) for name in (*aid.WORKERS, "intake", "leader")}
        for person in people.values():
            stack.callback(person.close)
        yield people


def body(sequence: int, area_code: str = HERE, **facts: Any) -> dict[str, Any]:
    people = [{"name": "王秀兰", "relation": "head", "id_number": aid.id_number(date(1958, 3, 2), sequence)}]
    return {"area_code": area_code, "people": people, "facts": {**POOR, **facts}, "address": "试验路1号"}


def register(person: Person, content: dict[str, Any]) -> int:
    answer = person.hand_in("/api/aid/households", content)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


OPEN = {"purpose": "visit", "reason": ""}


def test_a_household_is_entered_opened_and_applied_for(city: dict[str, Person]) -> None:
    here = city["here"]
    id = register(here, body(100))
    record = here.post(f"/api/aid/households/{id}/open", json=OPEN).json()
    assert [found["outcome"] for found in record["assessments"] if found["programme"] == "mla"] == ["not_eligible"]
    here.post(
        f"/api/aid/households/{id}/facts", json={"facts": {"income_month": 500}, "source": "visit"}
    ).raise_for_status()
    record = here.post(f"/api/aid/households/{id}/open", json=OPEN).json()
    mla = next(found for found in record["assessments"] if found["programme"] == "mla")
    assert (mla["outcome"], mla["amount"], mla["every"]) == ("eligible", 680, "month")
    number = aid.id_number(date(1958, 3, 2), 100)
    assert number not in json.dumps(record)
    wanted = {
        "household_id": id,
        "programme": "mla",
        "applicant_id": record["members"][0]["person_id"],
        "authorised": True,
    }
    made = here.hand_in("/api/aid/applications", wanted)
    assert made.status_code == 201, made.text
    assert here.hand_in("/api/aid/applications", wanted).status_code == 409
    moved = here.hand_in(f"/api/aid/applications/{made.json()['id']}/moves", {"move": "forward", "version": 1})
    assert moved.json()["state"] == "investigating"
    desk = city["street"].get("/api/aid/desk").json()
    assert made.json()["id"] in [row["id"] for row in desk["own"]]
    assert "王秀兰" not in json.dumps(desk)


def test_what_was_applied_for_after_midnight_was_applied_for_on_that_day(
    city: dict[str, Person], settings_environment: dict[str, str]
) -> None:
    """Until eight in the morning the city's day is another one than that of UTC, in which moments are kept."""
    engine = make_engine(settings_environment["CITYCOMMAND_DATABASE_URL"])
    with engine.begin() as db:
        clock.set_virtual(db, datetime(2026, 12, 1, 0, 30, tzinfo=ZoneInfo("Asia/Shanghai")))
    try:
        here = city["here"]
        id = register(here, body(190, income_month=500))
        applicant = here.post(f"/api/aid/households/{id}/open", json=OPEN).json()["members"][0]["person_id"]
        wanted = {"household_id": id, "programme": "mla", "applicant_id": applicant, "authorised": True}
        made = here.hand_in("/api/aid/applications", wanted).json()["id"]
        here.hand_in(f"/api/aid/applications/{made}/moves", {"move": "forward", "version": 1}).raise_for_status()
        posted = {"move": "post_notice", "version": 2, "visitors": ["孟广平", "方锦"]}
        city["street"].hand_in(f"/api/aid/applications/{made}/moves", posted).raise_for_status()
        sheet = city["street"].get(f"/aid/applications/{made}/notice")
    finally:
        with engine.begin() as db:
            clock.set_real(db)
        engine.dispose()
    assert sheet.status_code == 200
    size = re.search(r"<th[^>]*>(?:Members|家庭成员)</th>\s*<td[^>]*>(\d+)", sheet.text)
    assert size is not None, sheet.text
    assert size[1] == "1"


def test_a_retried_registration_has_one_effect_and_leaves_no_number_behind(
    city: dict[str, Person], settings_environment: dict[str, str]
) -> None:
    content = body(102)
    headers = {"Idempotency-Key": "one-household"}
    first, again = (city["here"].post("/api/aid/households", json=content, headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    changed = city["here"].post("/api/aid/households", json=body(104), headers=headers)
    assert changed.status_code == 422
    engine = make_engine(settings_environment["CITYCOMMAND_DATABASE_URL"])
    with engine.begin() as db:
        kept = db.execute(text("select answer::text from api.idempotency where key = 'one-household'")).scalar_one()
    engine.dispose()
    assert content["people"][0]["id_number"] not in kept


@pytest.mark.parametrize(
    "path", ["/api/aid/desk", "/api/aid/households?q=", "/api/aid/catalogue", "/api/coverage", "/api/aid/access"]
)
def test_doors_are_shut_to_other_posts(city: dict[str, Person], path: str) -> None:
    for name in ("intake", "leader"):
        assert city[name].get(path).status_code == 403
    if "coverage" not in path:
        assert city["planner"].get(path).status_code == 403


def test_nobody_reaches_over_the_border_of_an_area(city: dict[str, Person]) -> None:
    there = register(city["there"], body(106, THERE))
    here = city["here"]
    assert here.post(f"/api/aid/households/{there}/open", json=OPEN).status_code == 404
    assert there not in [row["id"] for row in here.get("/api/aid/households", params={"q": ""}).json()]
    number = aid.id_number(date(1958, 3, 2), 106)
    assert here.get("/api/aid/households", params={"q": number}).json() == []
    refused = here.hand_in("/api/aid/households", body(106))
    assert refused.status_code == 409
    assert "东社区" not in refused.text
    assert number not in refused.text
    assert here.hand_in("/api/aid/households", body(108, THERE)).status_code == 422


def test_a_number_is_shown_to_whom_it_may_and_written_down(city: dict[str, Person]) -> None:
    id = register(city["here"], body(110))
    person = city["here"].post(f"/api/aid/households/{id}/open", json=OPEN).json()["members"][0]["person_id"]
    assert city["here"].post(f"/api/aid/people/{person}/id-number", json=OPEN).status_code == 403
    shown = city["district"].post(f"/api/aid/people/{person}/id-number", json={"purpose": "audit", "reason": "抽查"})
    assert shown.json() == {"id_number": aid.id_number(date(1958, 3, 2), 110)}
    entries = city["auditor"].get("/api/aid/access").json()["entries"]
    assert (entries[0]["what"], entries[0]["reason"], entries[0]["person_id"]) == ("id_number", "抽查", person)
    assert city["here"].post(f"/api/aid/households/{id}/open", json={"purpose": "curious"}).status_code == 422


@pytest.mark.parametrize(
    "content",
    [
        '{"area_code": "990101001001", "people": []}',
        '{"area_code": "990101001001", "people": [{"name": "甲", "relation": "head", "id_number": "1"}]}',
        '{"area_code": "nowhere", "people": [{"name": "甲", "relation": "head", "birth_date": "1990-01-01", "sex": "male"}]}',
        '{"area_code": "990101001001", "people": [{"name": "甲\\u0000", "relation": "head", "birth_date": "1990-01-01", "sex": "male"}]}',
        (
            '{"area_code": "990101001001", "people": [{"name": "甲", "relation": "head", "birth_date": "1990-01-01", "sex": "male"}],'
            ' "facts": {"income_month": NaN}}'
        ),
        (
            '{"area_code": "990101001001", "people": [{"name": "甲", "relation": "head", "birth_date": "1990-01-01", "sex": "male"}],'
            ' "facts": {"income_month": {"a": 1}}}'
        ),
        '{"wealth": 1}',
    ],
)
def test_what_cannot_be_right_gets_a_sentence_never_a_crash(city: dict[str, Person], content: str) -> None:
    answer = city["here"].post(
        "/api/aid/households",
        content=content,
        headers={"Content-Type": "application/json", "X-CSRF-Token": city["here"].headers["X-CSRF-Token"]},
    )
    assert answer.status_code in (403, 404, 422), answer.text
    assert answer.json()["next_step"]


def test_published_figures_hide_small_ones_and_the_map_asks_for_nothing(city: dict[str, Person]) -> None:
    figures = city["planner"].get("/api/coverage", params={"programme": "mla"}).json()
    for row in figures["rows"]:
        for column in figures["columns"]:
            assert row[column] is None or row[column] == 0 or row[column] >= figures["least"]
    answer = wait_until(
        lambda: city["planner"].get("/coverage/map.html", params={"programme": "mla", "download": True})
    )
    assert "attachment" in answer.headers["content-disposition"]
    assert "sandbox" in answer.headers["content-security-policy"]
    page = answer.text
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", page)
    assert "王" not in page.split("<script>", 1)[0]
    assert city["planner"].get("/coverage/map.html", params={"measure": "income"}).status_code == 422
    assert city["planner"].get("/api/coverage", params={"programme": "none"}).status_code == 404
