"""Working time through HTTP: who keeps it, what a change leaves behind, and that lists know what is due soon (D5)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, text

from tests.support.http_cases import lamp_report
from tests.support.server import Person
from tests.support.smalltown import Town

PATH = "/api/working-time"


def a_year(person: Person, year: int = 2026) -> dict[str, Any]:
    return dict(person.get(PATH, params={"year": year}).raise_for_status().json())


def test_only_those_who_keep_it_see_and_change_it(people: dict[str, Person]) -> None:
    for name in ("dispatcher", "lighting", "mayor"):
        assert people[name].get(PATH).status_code == 403
        assert people[name].put(f"{PATH}/days/2026-11-27", json={"working": False}).status_code == 403


def test_a_day_is_changed_and_changed_back_and_both_are_written_down(steward: Person) -> None:
    before = a_year(steward)
    said = {"working": False, "name": "运动会", "name_en": "Games", "note": "by decision"}
    assert steward.put(f"{PATH}/days/2026-11-27", json=said).status_code == 204
    after = a_year(steward)
    assert after["days"] == [{"day": "2026-11-27", "working": False, "name": "Games", "own": True, "published": None}]
    assert after["months"][10]["days"] == before["months"][10]["days"] - 1
    assert after["months"][10]["hours"] == before["months"][10]["hours"] - 8
    assert steward.put(f"{PATH}/days/2026-11-27", json={"working": None}).status_code == 204
    latest = a_year(steward)
    assert latest["days"] == []
    assert [(c["by_name"], c["note"], c["first_days"][0]["working"]) for c in latest["changes"][:2]] == [
        ("steward", "", None),
        ("steward", "by decision", False),
    ]


def test_a_year_is_declared_complete(steward: Person) -> None:
    assert not a_year(steward, 2027)["known"]
    assert steward.put(f"{PATH}/years/2027", json={"known": True}).status_code == 204
    assert a_year(steward, 2027)["known_by"] == "city"
    assert steward.put(f"{PATH}/years/2027", json={"known": False}).status_code == 204
    assert not a_year(steward, 2027)["known"]


def test_hours_of_a_season_are_added_and_ended(steward: Person) -> None:
    summer = {"name": "夏", "begins": "2026-06-01", "yearly": True, "shifts": [["07:00", "12:00"], ["15:00", "18:00"]]}
    wrong = steward.post(f"{PATH}/hours", json=summer | {"shifts": [["07:00", "12:00"], ["11:00", "18:00"]]})
    assert (wrong.status_code, "overlap" in wrong.text) == (422, True)
    made = steward.post(f"{PATH}/hours", json=summer)
    assert made.status_code == 201
    assert [hours["begins"] for hours in a_year(steward)["hours"]] == ["2026-06-01"]
    assert steward.post(f"{PATH}/hours/{made.json()['id']}/end", json={"ends": "2026-06-01"}).status_code == 204
    shown = a_year(steward)
    assert shown["hours"] == []
    assert [shown["changes"][n]["hours_ended" if n == 0 else "hours_added"] for n in (0, 1)] == [["夏"], ["夏"]]
    assert steward.post(f"{PATH}/hours/{made.json()['id']}/end", json={"ends": "2026-06-01"}).status_code == 404


def test_a_rung_is_added_and_ended(steward: Person) -> None:
    rung = {"name": "过半", "basis": "share", "amount": 0.5, "whom": "post", "post": "leader", "level": "city"}
    assert steward.post(f"{PATH}/ladder", json=rung | {"amount": 2}).status_code == 422
    made = steward.post(f"{PATH}/ladder", json=rung).json()["id"]
    shown = steward.get(f"{PATH}/ladder").json()
    assert [(one["name"], one["entered_by"], one["valid_to"]) for one in shown["rungs"]] == [("过半", "steward", None)]
    assert shown["stages"]["handling"] == "Handling"
    assert steward.post(f"{PATH}/ladder/{made}/end", json={}).status_code == 204
    assert steward.get(f"{PATH}/ladder").json()["rungs"][0]["valid_to"] == shown["today"]


def test_lists_of_what_is_due_soon_and_most_urgent_first(people: dict[str, Person], engine: Engine, town: Town) -> None:
    numbers = {}
    for hours in (5, -1, 1, None):
        case_id = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]["id"]
        numbers[hours] = case_id
        with engine.begin() as db:
            statement = (
                "update dispatch.cases set stage_due_at = gis.now() + make_interval(hours => :hours) where id = :id"
            )
            db.execute(text(statement), {"hours": hours, "id": case_id})
    reader = people["dispatcher"]

    def listed(**wanted: Any) -> list[int]:
        items = reader.get("/api/cases", params=wanted).raise_for_status().json()["items"]
        return [item["id"] for item in items if item["id"] in numbers.values()]

    assert listed(due_within=2) == [numbers[1]]
    assert listed(due_within=6, order="urgent") == [numbers[1], numbers[5]]
    assert listed(order="urgent") == [numbers[-1], numbers[1], numbers[5], numbers[None]]
    first = reader.get("/api/cases", params={"order": "urgent", "limit": 1}).json()
    second = reader.get("/api/cases", params={"order": "urgent", "limit": 1, "before": first["next"]}).json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [numbers[-1], numbers[1]]
    assert reader.get("/api/cases", params={"due_within": -1}).status_code == 422
