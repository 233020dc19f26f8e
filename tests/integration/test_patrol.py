"""Inspectors at work: shifts, attendance, tracks on shift only, coverage, missed reports, surveys, bulletins (D2, D6, D9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from dispatch.patrol import coverage
from gis import clock
from tests.support.server import Person
from tests.support.smalltown import SOUTH, STEP, WEST, Town

HERE = {"position": {"lon": WEST + 0.0005, "lat": SOUTH + 0.0005, "system": "wgs84", "accuracy_m": 8}}


@pytest.fixture(scope="module")
def ground(engine: Engine, town: Town) -> str:
    """The first inspector's ground: all four unit grids."""
    with engine.begin() as db:
        grid = db.execute(
            text(
                "insert into gis.responsibility_grid (code, name, inspector_id) values ('W1', '一组', :id) returning id"
            ),
            {"id": town.accounts["inspector"]},
        ).scalar_one()
        db.execute(text("update gis.unit_grid set responsibility_grid_id = :id"), {"id": grid})
    return "W1"


@pytest.fixture
def shift(engine: Engine, people: dict[str, Person], town: Town, ground: str) -> Iterator[int]:
    """A shift of the inspector that has just begun; over afterwards."""
    now = now_of(engine)
    yield plan(people, town, now - timedelta(minutes=5), now + timedelta(hours=8)).json()["ids"][0]
    with engine.begin() as db:
        db.execute(
            text(
                "update dispatch.shift set checked_out_at = greatest(checked_in_at, gis.now())"
                " where checked_in_at is not null and checked_out_at is null"
            )
        )
        db.execute(
            text(
                "update dispatch.shift set starts_at = starts_at - interval '1 day', ends_at = ends_at - interval '1 day',"
                " checked_in_at = checked_in_at - interval '1 day', checked_out_at = checked_out_at - interval '1 day'"
            )
        )


def now_of(engine: Engine) -> datetime:
    with engine.connect() as db:
        return clock.now(db)


def plan(people: dict[str, Person], town: Town, since: datetime, until: datetime, who: str = "inspector") -> Any:
    shift = {"account_id": town.accounts[who], "starts_at": since.isoformat(), "ends_at": until.isoformat()}
    return people["assessor"].post("/api/patrol/shifts", json={"shifts": [shift]})


def attendance(people: dict[str, Person], shift_id: int) -> dict[str, Any]:
    found = people["assessor"].get("/api/patrol/shifts").json()
    return next(one for one in found if one["id"] == shift_id)


def fix(now: datetime, east: int, north: int, seconds: float) -> dict[str, Any]:
    position = {
        "lon": WEST + (east + 0.5) * STEP,
        "lat": SOUTH + (north + 0.5) * STEP,
        "system": "wgs84",
        "accuracy_m": 9,
    }
    return {"position": position, "occurred_at": (now + timedelta(seconds=seconds)).isoformat()}


def test_a_shift_is_begun_and_ended_on_the_spot(engine: Engine, people: dict[str, Person], shift: int) -> None:
    assert attendance(people, shift)["attendance"] == "planned"
    assert people["inspector2"].post("/api/patrol/check-in", json=HERE).status_code == 422, "not their shift"
    assert people["inspector"].post("/api/patrol/check-in", json=HERE).json() == {"shift_id": shift}
    assert people["inspector"].get("/api/patrol/my-shifts").json()["on_duty"] == shift
    assert attendance(people, shift)["attendance"] == "on_duty"
    again = people["inspector"].post("/api/patrol/check-in", json=HERE)
    assert (again.status_code, again.json()["detail"]) == (422, "You have no shift now that has not begun.")
    assert people["inspector"].post("/api/patrol/check-out", json=HERE).json() == {"shift_id": shift}
    assert attendance(people, shift)["attendance"] == "done"


def test_shifts_do_not_overlap_and_belong_to_inspectors(
    engine: Engine, people: dict[str, Person], town: Town, shift: int
) -> None:
    now = now_of(engine)
    overlapping = plan(people, town, now, now + timedelta(hours=1))
    assert (overlapping.status_code, "another shift" in overlapping.json()["detail"]) == (422, True)
    assert plan(people, town, now, now + timedelta(hours=1), "dispatcher").status_code == 422
    assert plan(people, town, now, now + timedelta(hours=30), "inspector2").status_code == 422
    assert people["inspector"].post("/api/patrol/shifts", json={"shifts": []}).status_code in (403, 422)
    free = plan(people, town, now, now + timedelta(hours=1), "inspector2").json()["ids"][0]
    assert people["assessor"].delete(f"/api/patrol/shifts/{free}").status_code == 204
    assert people["assessor"].delete(f"/api/patrol/shifts/{free}").status_code == 404


def test_times_without_a_zone_are_the_citys(people: dict[str, Person], town: Town, ground: str) -> None:
    shift = {"account_id": town.accounts["inspector2"], "starts_at": "2026-03-02T22:00", "ends_at": "2026-03-03T06:00"}
    people["assessor"].post("/api/patrol/shifts", json={"shifts": [shift]}).raise_for_status()
    night = people["assessor"].get(
        "/api/patrol/shifts", params={"since": "2026-03-02T00:00", "until": "2026-03-03T00:00"}
    )
    assert [one["starts_at"] for one in night.json()] == ["2026-03-02T14:00:00+00:00"]


def test_who_comes_late_or_not_at_all_is_seen(engine: Engine, people: dict[str, Person], town: Town) -> None:
    now = now_of(engine)
    late = plan(people, town, now - timedelta(hours=2), now + timedelta(minutes=1), "inspector2").json()["ids"][0]
    gone = plan(people, town, now - timedelta(hours=5), now - timedelta(hours=3), "inspector2").json()["ids"][0]
    assert attendance(people, late)["attendance"] == "absent"
    assert attendance(people, gone)["attendance"] == "missed"
    people["inspector2"].post("/api/patrol/check-in", json=HERE).raise_for_status()
    assert attendance(people, late)["attendance"] == "late"
    people["inspector2"].post("/api/patrol/check-out", json=HERE).raise_for_status()


def test_positions_are_kept_on_shift_only_and_read_for_a_purpose(
    engine: Engine, people: dict[str, Person], town: Town, shift: int
) -> None:
    now = now_of(engine)
    off = people["inspector"].post("/api/patrol/track", json={"fixes": [fix(now, 0, 0, -1)]}).json()
    assert off == {"kept": 0, "outside_shift": 1, "known": 0}
    people["inspector"].post("/api/patrol/check-in", json=HERE).raise_for_status()
    begun = now_of(engine)
    fixes = [fix(begun, 0, 0, 0), fix(begun, 1, 0, 0.001), fix(begun, 0, 1, 0.002), fix(now, 0, 0, -60)]
    assert people["inspector"].post("/api/patrol/track", json={"fixes": fixes}).json()["kept"] == 3
    again = people["inspector"].post("/api/patrol/track", json={"fixes": fixes}).json()
    assert again == {"kept": 0, "outside_shift": 1, "known": 3}
    future = people["inspector"].post("/api/patrol/track", json={"fixes": [fix(begun, 0, 0, 3600)]})
    assert future.status_code == 422
    path = f"/api/patrol/tracks/{town.accounts['inspector']}"
    assert people["assessor"].get(path).status_code == 422, "no purpose, no track"
    assert people["dispatcher"].get(path, params={"purpose": "好奇"}).status_code == 403
    until = (begun + timedelta(minutes=5)).isoformat()
    track = people["assessor"].get(path, params={"purpose": "考核巡查", "until": until}).json()
    assert [feature["properties"]["points"] for feature in track["features"]] == [3]
    with engine.connect() as db:
        read = db.execute(text("select reader_id, account_id, purpose, points from dispatch.track_reading")).all()
    assert [tuple(row) for row in read] == [(town.accounts["assessor"], town.accounts["inspector"], "考核巡查", 3)], (
        "only what was really read is written down"
    )
    with engine.connect() as db:
        answer = coverage.of_period(db, begun - timedelta(minutes=1), begun + timedelta(minutes=5), "en")
    assert [(walk["code"], walk["grids"], walk["visited"]) for walk in answer["walks"]] == [("W1", 4, 3)]


def test_a_stroll_along_the_border_is_one_visit_each_and_coming_back_later_another(
    engine: Engine, people: dict[str, Person], town: Town, shift: int
) -> None:
    people["inspector"].post("/api/patrol/check-in", json=HERE).raise_for_status()
    with engine.begin() as db:
        start = clock.now(db) - timedelta(hours=2)
        moved = text("update dispatch.shift set starts_at = :t, checked_in_at = :t where id = :id")
        db.execute(moved, {"t": start, "id": shift})
    fixes = [fix(start, step % 2, 0, step * 10) for step in range(20)] + [fix(start, 0, 0, 1800)]
    people["inspector"].post("/api/patrol/track", json={"fixes": fixes}).raise_for_status()
    with engine.connect() as db:
        found = visits(db, start, start + timedelta(hours=1))
    assert found == {"001": 0, "002": 0, "003": 2, "004": 1}


def visits(db: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Visits by the last three digits of the unit grid."""
    cells = coverage.of_period(db, since, until, "en")["grids"]["features"]
    return {cell["properties"]["code"][-3:]: cell["properties"]["visits"] for cell in cells}


def test_a_survey_goes_through_an_area_grid_by_grid(engine: Engine, people: dict[str, Person], ground: str) -> None:
    now = now_of(engine)
    survey = {
        "title": "井盖普查", "area_code": "990101", "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(days=7)).isoformat(), "class_codes": ["C0101"],
    }  # fmt: skip
    assert people["inspector"].post("/api/patrol/surveys", json=survey).status_code == 403
    unknown = people["assessor"].post("/api/patrol/surveys", json=survey | {"area_code": "77"})
    assert unknown.status_code == 422
    made = people["assessor"].post("/api/patrol/surveys", json=survey).json()["id"]
    visits = f"/api/patrol/surveys/{made}/visits"
    assert people["inspector"].post(visits, json={"grid": "990101001001001", "found": 2}).status_code == 204
    assert people["inspector"].post(visits, json={"grid": "990101001001001", "found": 3}).status_code == 204
    assert people["inspector"].post(visits, json={"grid": "1", "found": 0}).status_code == 404
    shown = next(one for one in people["inspector"].get("/api/patrol/surveys?running=true").json() if one["id"] == made)
    assert (shown["grids"], shown["visited"], shown["found"]) == (4, 1, 3)
    cells = people["assessor"].get(f"/api/patrol/surveys/{made}/ground").json()["features"]
    assert sorted((cell["properties"]["found"] is None) for cell in cells) == [False, True, True, True]
    assert people["assessor"].post(f"/api/patrol/surveys/{made}/close").status_code == 204
    assert people["inspector"].post(visits, json={"grid": "990101001001002", "found": 0}).status_code == 404


def test_a_bulletin_reaches_the_posts_it_is_for_and_is_seen_to_be_read(people: dict[str, Person]) -> None:
    body = {"title": "降温", "text": "注意路面结冰。", "posts": ["inspector"]}
    assert people["inspector"].post("/api/patrol/bulletins", json=body).status_code == 403
    assert people["assessor"].post("/api/patrol/bulletins", json=body | {"posts": ["king"]}).status_code == 422
    made = people["assessor"].post("/api/patrol/bulletins", json=body).json()["id"]
    assert [one["id"] for one in people["dispatcher"].get("/api/patrol/bulletins").json()] == []
    unread = people["inspector"].get("/api/patrol/bulletins").json()[0]
    assert (unread["id"], unread["read_at"]) == (made, None)
    people["inspector"].post(f"/api/patrol/bulletins/{made}/read")
    people["dispatcher"].post(f"/api/patrol/bulletins/{made}/read")
    assert people["assessor"].get("/api/patrol/bulletins").json()[0]["readers"] == 1
    assert people["inspector"].get("/api/patrol/bulletins").json()[0]["read_at"]
    assert people["assessor"].delete(f"/api/patrol/bulletins/{made}").status_code == 204
    assert people["inspector"].get("/api/patrol/bulletins").json() == []
