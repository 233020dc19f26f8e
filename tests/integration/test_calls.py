"""Calls at the hotline: taken, linked to cases, answered, handed over; callers sealed, and opened only on purpose (C4, S6)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from gis import organisation
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.http_cases import lamp_report
from tests.support.server import Person, WebServer
from tests.support.smalltown import PASSWORD, Town

NUMBER = "13900139321"


@pytest.fixture(scope="module")
def colleague(engine: Engine, server: WebServer, town: Town) -> Iterator[Person]:
    """A second intake operator."""
    with engine.begin() as db:
        account = organisation.add_account(db, "intake2", "小周", password=PASSWORD, locale="en")
        organisation.give_post(db, account, "intake_operator")
    with closing(server.person("intake2", PASSWORD)) as person:
        yield person


def begin(who: Person, **caller: Any) -> int:
    answer = who.hand_in("/api/calls", caller)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def reported(who: Person, town: Town, call_id: int, **changes: Any) -> dict[str, Any]:
    answer = who.hand_in("/api/reports", lamp_report(town, source="hotline", call_id=call_id, **changes))
    assert answer.status_code == 201, answer.text
    case: dict[str, Any] = answer.json()["case"]
    return case


def end(who: Person, call_id: int, kind: str = "complaint", **more: Any) -> dict[str, Any]:
    answer = who.post(f"/api/calls/{call_id}/end", json={"kind": kind, **more})
    assert answer.status_code == 200, answer.text
    ended: dict[str, Any] = answer.json()
    return ended


def test_a_call_brings_several_problems_and_ends_with_its_kind(people: dict[str, Person], town: Town) -> None:
    intake = people["intake"]
    call_id = begin(intake, name="刘女士", number="139 0013 9321")
    first = reported(intake, town, call_id)
    second = reported(intake, town, call_id, class_code=smalltown.LITTER_CLASS, description="垃圾")
    ended = end(intake, call_id)
    assert [case["number"] for case in ended["cases"]] == [first["number"], second["number"]]
    assert (ended["kind"], ended["name"], ended["number"]) == ("complaint", "刘**", "139****9321")
    assert end(intake, call_id, "praise")["kind"] == "complaint", "ended twice it stays as it was"
    late = intake.hand_in("/api/reports", lamp_report(town, source="hotline", call_id=call_id))
    assert (late.status_code, late.json()["title"]) == (403, "NotPermitted")


def test_a_call_about_nothing_says_what_it_was(people: dict[str, Person]) -> None:
    call_id = begin(people["intake"], number="13900000001")
    refused = people["intake"].post(f"/api/calls/{call_id}/end", json={"kind": "praise"})
    assert (refused.status_code, refused.json()["facts"]["field"]) == (422, "words")
    assert end(people["intake"], call_id, "praise", words="谢谢环卫工人")["words"] == "谢谢环卫工人"


def test_the_number_tells_what_it_called_about_and_the_look_up_is_written_down(
    people: dict[str, Person], colleague: Person, town: Town
) -> None:
    number = "13700137004"
    for _ in range(3):
        call_id = begin(people["intake"], number=number)
        case = reported(people["intake"], town, call_id, class_code=smalltown.LITTER_CLASS)
        end(people["intake"], call_id)
    wanted = {"number": "+86 137-0013-7004", "purpose": "incoming call"}
    found = colleague.post("/api/callers/history", json=wanted).json()
    assert (found["recent"], found["repeat"], len(found["calls"])) == (3, True, 3)
    assert found["open_cases"][-1] == case["id"]
    assert found["calls"][0]["cases"][0]["number"] == case["number"]
    read = people["leader"].get("/api/caller-readings").json()
    assert (read[0]["reader"], read[0]["what"], read[0]["purpose"], read[0]["found"]) == (
        "小周",
        "history",
        "incoming call",
        3,
    )
    no_purpose = colleague.post("/api/callers/history", json={"number": number, "purpose": " "})
    assert no_purpose.json()["facts"]["field"] == "purpose"


@pytest.mark.parametrize("who", ["dispatcher", "assessor", "mayor", "lighting", "inspector", "leader"])
def test_nobody_else_looks_callers_up(people: dict[str, Person], who: str) -> None:
    wanted = {"number": NUMBER, "purpose": "curiosity"}
    assert people[who].post("/api/callers/history", json=wanted).status_code == 403
    if who != "leader":
        assert people[who].get("/api/calls").status_code == 403
        assert people[who].get("/api/caller-readings").status_code == 403


def test_a_confidential_caller_is_told_to_who_took_the_call_and_the_leader_only(
    people: dict[str, Person], colleague: Person, town: Town
) -> None:
    intake, leader, number = people["intake"], people["leader"], "13700137005"
    call_id = begin(intake, name="王五", number=number, confidential=True)
    case = reported(intake, town, call_id)
    end(intake, call_id)
    assert colleague.post("/api/callers/history", json={"number": number, "purpose": "call"}).json()["calls"] == []
    refused = colleague.post(f"/api/calls/{call_id}/caller", json={"purpose": "call back"})
    assert (refused.status_code, "unknown" in refused.json()["detail"]) == (403, True)
    for knows in (intake, leader):
        answer = knows.post(f"/api/calls/{call_id}/caller", json={"purpose": "call back"})
        assert answer.json() == {"name": "王五", "number": number}
        assert answer.headers["cache-control"] == "no-store"
    read = [one for one in leader.get("/api/caller-readings").json() if one["call_id"] == call_id]
    assert [(one["reader"], one["what"], one["confidential"]) for one in read] == [
        ("leader", "caller", True),
        ("intake", "caller", True),
    ]
    seen = {name: people[name].get(f"/api/cases/{case['id']}").json() for name in ("intake", "leader", "dispatcher")}
    assert [seen[name]["calls"][0]["may_reveal"] for name in ("intake", "leader")] == [True, True]
    assert colleague.get(f"/api/cases/{case['id']}").json()["calls"][0]["may_reveal"] is False
    assert seen["dispatcher"]["calls"] == []
    shown = intake.put(f"/api/calls/{call_id}/caller", json={"name": "王五", "number": number, "confidential": False})
    assert shown.status_code == 403, "who promised it does not take it back"


def test_nothing_of_a_caller_stands_readable_anywhere(
    people: dict[str, Person], town: Town, database: Database, engine: Engine
) -> None:
    number, name = "13711112222", "欧阳无双"
    call_id = begin(people["intake"], name=name, number=number, confidential=True)
    case = reported(people["intake"], town, call_id)
    end(people["intake"], call_id)
    for path in (f"/api/cases/{case['id']}", "/api/cases?limit=100", "/api/cases.geojson", f"/api/calls/{call_id}"):
        said = people["leader"].get(path).text
        assert case["number"] in said or str(call_id) in said
        assert number not in said
        assert name not in said
    address = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    dump = subprocess.run(
        ["pg_dump", "--data-only", address], check=True, capture_output=True, text=True, env={**os.environ}
    ).stdout
    assert case["number"] in dump
    assert number not in dump
    assert name not in dump
    with engine.begin() as db:
        _cannot_be_rewritten(db)


def _cannot_be_rewritten(db: Connection) -> None:
    may = text(
        "select has_table_privilege(current_user, :table, 'update') or has_table_privilege(current_user, :table, 'delete')"
    )
    for table in ("caller_reading", "handover", "call_report", "call_answer", "callback_attempt"):
        assert db.execute(may, {"table": f"dispatch.{table}"}).scalar() is False, table


def test_only_who_took_a_call_goes_on_with_it(people: dict[str, Person], colleague: Person, town: Town) -> None:
    call_id = begin(people["intake"], number="13700137009")
    answer = colleague.hand_in("/api/reports", lamp_report(town, source="hotline", call_id=call_id))
    assert (answer.status_code, "Somebody else" in answer.json()["detail"]) == (403, True)
    assert colleague.get(f"/api/calls/{call_id}").status_code == 404
    assert people["leader"].get(f"/api/calls/{call_id}").json()["operator"] == "intake"


def test_a_call_begun_twice_with_one_key_is_one_call(people: dict[str, Person], engine: Engine) -> None:
    headers = {"Idempotency-Key": "call-once"}
    answers = [people["intake"].post("/api/calls", json={"number": NUMBER}, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    other = people["intake"].post("/api/calls", json={"number": "13900139322"}, headers=headers)
    assert other.json()["title"] == "KeyReused"
    with engine.connect() as db:
        kept = db.execute(text("select answer::text from api.idempotency where key = 'call-once'")).scalar_one()
    assert NUMBER not in kept


def test_a_handover_is_recorded_with_its_words(people: dict[str, Person]) -> None:
    call_id = begin(people["intake"], number="13700137010")
    path = f"/api/calls/{call_id}/handovers"
    assert people["intake"].hand_in(path, {"service": "119", "words": " "}).json()["facts"]["field"] == "words"
    assert people["intake"].hand_in(path, {"service": "119", "words": "厨房起火，三楼有人"}).status_code == 201
    ended = end(people["intake"], call_id, "request")
    assert ended["handed_to"] == ["119"]
    assert ended["handovers"][0]["words"] == "厨房起火，三楼有人"


def test_an_article_answers_once_another_has_approved_it(people: dict[str, Person]) -> None:
    words = {
        "title": "大件垃圾预约清运",
        "title_en": "Bulky waste",
        "body": "拨打社区电话预约。",
        "valid_from": "2020-01-01",
    }
    edition = people["leader"].post("/api/knowledge", json=words).json()["edition_id"]
    assert people["intake"].get("/api/knowledge", params={"q": "djlj"}).json() == []
    own = people["leader"].post(f"/api/knowledge/editions/{edition}/decision", json={"approved": True})
    assert (own.status_code, "their own" in own.json()["detail"]) == (403, True)

    edition = people["intake"].post("/api/knowledge", json=words).json()["edition_id"]
    assert (
        people["intake"].post(f"/api/knowledge/editions/{edition}/decision", json={"approved": True}).status_code == 403
    )
    assert people["leader"].get("/api/knowledge/proposed").json()[-1]["edition_id"] == edition
    assert (
        people["leader"].post(f"/api/knowledge/editions/{edition}/decision", json={"approved": True}).status_code == 204
    )
    for typed in ("djlj", "dajian", "大件 清运", "bulky"):
        found = people["intake"].get("/api/knowledge", params={"q": typed}).json()
        assert [one["edition_id"] for one in found] == [edition], typed

    call_id = begin(people["intake"], number="13700137011")
    assert people["intake"].hand_in(f"/api/calls/{call_id}/answers", {"edition_id": edition}).status_code == 201
    ended = end(people["intake"], call_id, "consultation")
    assert (ended["cases"], ended["answered_from"][0]["title"]) == ([], "Bulky waste")

    later = people["intake"].post(
        "/api/knowledge", json=words | {"article_id": found[0]["article_id"], "valid_from": "2099-01-01"}
    )
    people["leader"].post(f"/api/knowledge/editions/{later.json()['edition_id']}/decision", json={"approved": True})
    assert people["intake"].get("/api/knowledge", params={"q": "djlj"}).json()[0]["edition_id"] == edition, (
        "not yet in force"
    )
    assert people["leader"].delete(f"/api/knowledge/{found[0]['article_id']}").status_code == 204
    assert people["intake"].get("/api/knowledge", params={"q": "djlj"}).json() == []
    gone = people["intake"].hand_in(f"/api/calls/{begin(people['intake'])}/answers", {"edition_id": edition})
    assert gone.status_code == 404
