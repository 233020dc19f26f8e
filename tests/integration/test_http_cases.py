"""Reports and moves over HTTP: one effect however often sent, what each may see, refusals in words (C1, D1, D3)."""

from __future__ import annotations

import concurrent.futures
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from config.settings import Settings
from dispatch.evidence import path_of
from tests.support import smalltown
from tests.support.http_cases import jpeg, lamp_report, to_dispatched
from tests.support.recordings import mp4, wav, webm
from tests.support.server import Person, WebServer
from tests.support.smalltown import PASSWORD, Town


def test_a_report_with_a_photo_becomes_a_placed_and_routed_case(people: dict[str, Person], town: Town) -> None:
    answer = people["inspector"].hand_in("/api/reports", lamp_report(town), photos=[jpeg()])
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["placed"]["grid"] == "990101001001003"
    assert body["placed"]["asset"]["code"] == "C-LAMP-1"
    assert body["case"]["unit"]["name"] == "照明所"
    assert body["case"]["class_name"] == "Street lamp"
    assert body["routing"]["reason"] == "asset_unit"
    assert body["trace_id"] == answer.headers["x-trace-id"]
    seen = people["intake"].get(f"/api/cases/{body['case']['id']}").json()
    assert [move["move"] for move in seen["moves"]] == ["accept", "refuse", "declare_emergency", "merge", "urge"]
    assert [move["tone"] for move in seen["moves"]] == ["forward", "backward", "beside", "forward", "beside"]
    original = people["intake"].get(seen["evidence"][0]["url"])
    assert original.content == jpeg()


def test_a_repeated_request_has_one_effect(people: dict[str, Person], town: Town, engine: Engine) -> None:
    report = lamp_report(town, description="送两次")
    headers = {"Idempotency-Key": "once-1"}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: people["inspector"].post("/api/reports", json=report, headers=headers), range(4))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["case"]["id"] for answer in answers}) == 1
    with engine.connect() as db:
        assert db.execute(text("select count(*) from dispatch.report where description = '送两次'")).scalar_one() == 1
    other = people["inspector"].post("/api/reports", json=report | {"description": "别的"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["title"] == "KeyReused"


def test_a_move_repeated_after_its_case_has_left_ones_reach_has_the_same_answer(
    people: dict[str, Person], town: Town
) -> None:
    """The answer was lost on the way, so it is sent again: by then the case is not the unit's any more."""
    case = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]
    to_dispatched(people, case)
    wanted = {"move": "return_order", "note": "不属本单位"}
    path, headers = f"/api/cases/{case['id']}/moves", {"Idempotency-Key": "returned-1"}
    first = people["lighting"].post(path, json=wanted, headers=headers)
    assert (first.status_code, first.json()["state"]) == (200, "filed")
    again = people["lighting"].post(path, json=wanted, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json())
    assert people["lighting"].move(case["id"], "return_order", note="再退").status_code == 404, (
        "a new request reaches nothing"
    )
    other = people["lighting"].post(path, json=wanted | {"note": "别的"}, headers=headers)
    assert other.json()["title"] == "KeyReused"


def test_a_report_added_again_after_its_case_has_left_ones_reach_has_the_same_answer(
    people: dict[str, Person], town: Town
) -> None:
    case = people["intake"].hand_in("/api/reports", lamp_report(town, source="hotline")).json()["case"]
    people["intake"].move(case["id"], "accept")
    people["intake"].move(case["id"], "send_verification")
    more, headers = lamp_report(town, case_id=case["id"]), {"Idempotency-Key": "added-1"}
    first = people["inspector2"].post("/api/reports", json=more, headers=headers)
    assert first.status_code == 201, first.text
    here = {"lon": case["lon"], "lat": case["lat"]}
    assert people["inspector"].move(case["id"], "verify", photos=[jpeg()], position=here).status_code == 200
    again = people["inspector2"].post("/api/reports", json=more, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())


def test_two_operators_at_once_one_effect_and_a_clear_answer(people: dict[str, Person], town: Town) -> None:
    case = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        accept = pool.submit(people["intake"].move, case["id"], "accept", version=case["version"])
        refuse = pool.submit(people["leader"].move, case["id"], "refuse", version=case["version"], note="重复")
        answers = sorted((accept.result(), refuse.result()), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert "Already done" in answers[1].json()["detail"]


def test_nobody_reaches_a_case_by_adding_a_report_to_it(people: dict[str, Person], town: Town) -> None:
    report = lamp_report(town, source="hotline", reporter={"name": "张女士", "phone": "13800000000"})
    case = people["intake"].hand_in("/api/reports", report).json()["case"]
    more = lamp_report(town, source="other", case_id=case["id"])
    assert people["roads"].hand_in("/api/reports", more).status_code == 404
    assert people["roads"].get(f"/api/cases/{case['id']}").status_code == 404
    to_dispatched(people, case)
    seen = people["lighting"].get(f"/api/cases/{case['id']}").json()
    assert seen["reports"][0]["reporter"] == {}, "who called is for the hotline"
    assert people["intake"].get(f"/api/cases/{case['id']}").json()["reports"][0]["reporter"]["phone"] == "13800000000"


def test_a_task_for_all_is_seen_by_inspectors_only(people: dict[str, Person], town: Town) -> None:
    case = people["intake"].hand_in("/api/reports", lamp_report(town, source="hotline")).json()["case"]
    people["intake"].move(case["id"], "accept")
    people["intake"].move(case["id"], "send_verification")
    assert people["inspector2"].get(f"/api/cases/{case['id']}").status_code == 200
    assert people["roads"].get(f"/api/cases/{case['id']}").status_code == 404
    here = {"lon": case["lon"], "lat": case["lat"]}
    people["inspector"].move(case["id"], "verify", photos=[jpeg()], position=here)
    assert people["inspector"].get(f"/api/cases/{case['id']}").status_code == 200, "one's own work stays in sight"
    assert people["inspector2"].get(f"/api/cases/{case['id']}").status_code == 404


def test_an_ended_case_takes_no_further_report(people: dict[str, Person], town: Town) -> None:
    case = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]
    people["intake"].move(case["id"], "refuse", note="重复")
    answer = people["intake"].hand_in("/api/reports", lamp_report(town, source="hotline", case_id=case["id"]))
    assert answer.status_code == 422
    assert "has ended" in answer.json()["detail"]


def test_a_unit_sees_its_own_cases_only_in_lists_counts_maps_and_search(people: dict[str, Person], town: Town) -> None:
    mine = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]
    theirs = people["inspector"].hand_in(
        "/api/reports", lamp_report(town, class_code=smalltown.LITTER_CLASS, description="垃圾 only roads")
    ).json()["case"]  # fmt: skip
    lighting = people["lighting"]
    assert lighting.get(f"/api/cases/{mine['id']}").status_code == 404, "not yet an order of this unit"
    to_dispatched(people, mine)
    assert lighting.get(f"/api/cases/{mine['id']}").status_code == 200
    assert lighting.get("/api/orders").json()[0]["id"] == mine["id"]
    assert lighting.get(f"/api/cases/{theirs['id']}").status_code == 404
    listed = lighting.get("/api/cases?limit=1000").json()
    assert mine["id"] in {case["id"] for case in listed["items"]}
    assert {case["unit"]["name"] for case in listed["items"]} == {"照明所"}
    assert listed["total"] == len(listed["items"])
    drawn = lighting.get("/api/cases.geojson").json()["features"]
    assert theirs["id"] not in {feature["id"] for feature in drawn}
    assert lighting.get("/api/search", params={"q": theirs["number"]}).json() == []
    assert lighting.move(theirs["id"], "accept_order").status_code == 404
    everything = people["intake"].get("/api/counters").json()
    assert lighting.get("/api/counters").json()["open"] < everything["open"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"position": {"lon": 200, "lat": 38}}, "position.lon"),
        ({"position": {"lon": 115.6, "lat": 38.4, "system": "mars"}}, "position.system"),
        ({"occurred_at": "2026-01-01T00:00:00"}, "occurred_at"),
        ({"source": "sensor"}, "source"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_malformed_report_names_the_field(
    people: dict[str, Person], town: Town, change: dict[str, Any], field: str
) -> None:
    answer = people["inspector"].hand_in("/api/reports", lamp_report(town, **change))
    assert answer.status_code == 422
    assert answer.json()["facts"]["field"] == field


def test_a_file_that_is_no_photo_is_refused_and_no_case_is_made(
    people: dict[str, Person], town: Town, engine: Engine
) -> None:
    answer = people["inspector"].hand_in(
        "/api/reports", lamp_report(town, description="no photo"), photos=[b"MZ" + b"0" * 99]
    )
    assert answer.status_code == 422
    assert "is no photo" in answer.json()["detail"]
    with engine.connect() as db:
        assert not db.execute(text("select count(*) from dispatch.report where description = 'no photo'")).scalar_one()


def test_refused_moves_are_explained_in_the_readers_words(
    people: dict[str, Person], town: Town, engine: Engine
) -> None:
    case = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]
    english = people["leader"].move(case["id"], "close").json()
    assert english["detail"] == "'Close' is not possible in state 'Reported'."
    with engine.begin() as db:
        db.execute(text("update gis.account set locale = 'zh' where username = 'leader'"))
    chinese = people["leader"].move(case["id"], "close").json()
    assert "结案" in chinese["detail"]
    assert "已上报" in chinese["detail"]
    assert "受理" in chinese["next_step"]
    malformed = people["leader"].move(case["id"], "close", version="x").json()
    assert malformed["detail"] == '“所见版本”的值无法使用：应为整数；收到的是 "x"。'
    lacking = people["intake"].move(case["id"], "refuse").json()
    assert lacking["detail"] == "The move 'Refuse' needs 'note'."
    assert lacking["facts"]["field"] == "note", "for programs the name of the interface"
    with engine.begin() as db:
        db.execute(text("update gis.account set locale = 'en' where username = 'leader'"))


def test_a_killed_server_loses_nothing_that_was_answered(
    settings_environment: dict[str, str], town: Town, tmp_path: Path, engine: Engine
) -> None:
    with WebServer(settings_environment, tmp_path / "log") as server:
        inspector = server.person("inspector", PASSWORD)
        answered = inspector.hand_in("/api/reports", lamp_report(town), photos=[jpeg("red")]).json()
        server.kill()
        server.start()
        assert inspector.get(f"/api/cases/{answered['case']['id']}").json()["evidence"]
        inspector.close()


def test_a_place_outside_the_city_is_told_with_its_likely_reading(
    people: dict[str, Person], town: Town, engine: Engine
) -> None:
    west, south = smalltown.WEST, smalltown.SOUTH
    with engine.begin() as db:
        db.execute(
            text("insert into gis.setting (name, value) values ('extent', cast(:extent as jsonb))"),
            {"extent": f"[{west}, {south}, {west + 0.01}, {south + 0.01}]"},
        )
    lon, lat = town.lamp
    inspector = people["inspector"]
    fine = inspector.hand_in("/api/reports", lamp_report(town)).json()
    assert fine["reading"] is None
    other = inspector.hand_in("/api/reports", lamp_report(town, position={"lon": -lon, "lat": lat})).json()
    assert other["placed"]["grid"] is None
    assert other["reading"]["kind"] == "minus"
    assert (other["reading"]["lon"], other["reading"]["lat"]) == (lon, lat)
    swapped = inspector.hand_in("/api/reports", lamp_report(town, position={"lon": lat, "lat": lon}))
    assert swapped.status_code == 422
    assert f"{lon:.6f}, {lat:.6f}" in swapped.json()["next_step"]
    metres = inspector.get("/api/readings", params={"x": 38_552_000, "y": 4_252_000}).json()
    assert metres == [], "in zone 38, but not in this city"
    assert inspector.get("/api/readings", params={"x": lat, "y": lon}).json()[0]["kind"] == "swapped"
    nowhere = inspector.hand_in("/api/reports", lamp_report(town, position={"lon": 0, "lat": 0})).json()
    assert nowhere["reading"] is None


def test_who_tries_what_is_not_theirs_is_refused_and_it_is_written_down(
    people: dict[str, Person], town: Town, engine: Engine
) -> None:
    case = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]
    answer = people["dispatcher"].move(case["id"], "accept", version=case["version"])
    assert answer.status_code == 403
    with engine.connect() as db:
        kept = db.execute(
            text("select account_id, kind, path, reason from gis.refusal where trace_id = :trace"),
            {"trace": answer.headers["x-trace-id"]},
        ).one()
    assert (kept.account_id, kept.kind, kept.path) == (
        town.accounts["dispatcher"],
        "NotPermitted",
        f"/api/cases/{case['id']}/moves",
    )
    assert "case.accept" in kept.reason
    assert people["dispatcher"].get("/api/refusals").status_code == 403
    people["assessor"].speaks("zh")
    shown = people["assessor"].get("/api/refusals?who=dispatcher&kind=NotPermitted&path=moves").json()["items"]
    people["assessor"].speaks("en")
    assert (shown[0]["username"], shown[0]["path"], shown[0]["posts"]) == ("dispatcher", kept.path, ["派遣员"])
    assert shown[0]["reason"].startswith("您的岗位"), "said in the reader's language"
    for narrower in ("who=nobody", "kind=SeparationOfDuties", "path=nowhere", "to=2020-01-01T00:00"):
        assert people["assessor"].get(f"/api/refusals?who=dispatcher&{narrower}").json()["items"] == []


def test_the_unit_that_works_on_a_case_enters_what_it_cost_and_takes_mistakes_back(
    people: dict[str, Person], town: Town
) -> None:
    case = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]
    path = f"/api/cases/{case['id']}/costs"
    for who, move in (
        ("intake", "accept"),
        ("leader", "file"),
        ("dispatcher", "dispatch"),
        ("lighting", "accept_order"),
    ):
        case = people[who].move(case["id"], move, version=case["version"]).json()
    line = {"kind": "material", "what": "灯泡", "quantity": "2", "measure": "只", "unit_price": "35.50"}
    first = people["lighting"].post(path, json=line, headers={"Idempotency-Key": "cost-1"})
    again = people["lighting"].post(path, json=line, headers={"Idempotency-Key": "cost-1"})
    assert (first.status_code, first.json()) == (201, again.json())
    assert (first.json()["total"], first.json()["may_enter"]) == (71.0, True)
    assert people["roads"].post(path, json=line).status_code == 404, "another unit does not even see the case"
    assert people["dispatcher"].post(path, json=line).status_code == 403
    answer = people["lighting"].post(path, json=line | {"kind": "contractor"})
    assert (answer.status_code, answer.json()["facts"]["field"]) == (422, "contractor_id")
    contractor = people["lighting"].post("/api/contractors", json={"name": "光明电力工程队"}).json()["id"]
    with_it = {"kind": "contractor", "quantity": "1", "unit_price": "400", "contractor_id": contractor}
    shown = people["lighting"].post(path, json=with_it).json()
    assert (shown["total"], shown["lines"][-1]["contractor"]) == (471.0, "光明电力工程队")
    mistaken = f"{path}/{shown['lines'][0]['id']}"
    back = people["lighting"].delete(mistaken)
    assert (back.status_code, back.json()["total"], len(back.json()["lines"])) == (200, 400.0, 3)
    assert people["lighting"].delete(mistaken).status_code == 404, "taken back once"
    seen = people["dispatcher"].get(f"/api/cases/{case['id']}").json()["costs"]
    assert (seen["total"], seen["may_enter"]) == (400.0, False)


def test_a_suspension_without_a_zone_ends_in_the_citys_time(people: dict[str, Person], town: Town) -> None:
    case = people["inspector"].hand_in("/api/reports", lamp_report(town)).json()["case"]
    for who, move in (
        ("intake", "accept"),
        ("leader", "file"),
        ("dispatcher", "dispatch"),
        ("lighting", "accept_order"),
    ):
        case = people[who].move(case["id"], move, version=case["version"]).json()
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    asked = people["lighting"].move(
        case["id"], "ask_suspension", version=case["version"], note="等待许可", until=f"{day}T09:00"
    )
    assert asked.status_code == 200, asked.text
    assert asked.json()["requests"][0]["until"] == f"{day}T01:00:00+00:00", "09:00 in Shanghai"


def test_films_and_voice_notes_are_evidence_like_photos(
    people: dict[str, Person], town: Town, engine: Engine, settings: Settings
) -> None:
    sent = {"IMG_7.MOV": mp4(b"vide", b"soun", brand=b"qt  "), "照片说明.m4a": wav(), "lamp.jpg": jpeg()}
    files = [("photos", (name, content, "text/html")) for name, content in sent.items()]
    form = {"report": json.dumps(lamp_report(town, description="带录像和录音"))}
    answer = people["inspector"].post("/api/reports", data=form, files=files, headers={"Idempotency-Key": "recordings"})
    assert answer.status_code == 201, answer.text
    shown = people["intake"].get(f"/api/cases/{answer.json()['case']['id']}").json()["evidence"]
    assert [one["mime"] for one in shown] == ["video/quicktime", "audio/wav", "image/jpeg"]
    for one, content in zip(shown, sent.values(), strict=True):
        whole = people["intake"].get(one["url"])
        assert (whole.content, whole.headers["content-type"]) == (content, one["mime"])
        assert whole.headers["x-content-type-options"] == "nosniff"
        part = people["intake"].get(one["url"], headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, content[100:200])
        assert part.headers["content-range"] == f"bytes 100-199/{len(content)}"
        assert (path_of(settings.evidence_directory, bytes.fromhex(one["sha256"]))).read_bytes() == content
    with engine.connect() as db:
        entered = db.execute(
            text("select entry from dispatch.custody where evidence_id = :id"), {"id": shown[0]["id"]}
        ).scalar_one()
    assert "type video/quicktime" in entered
    assert 'name "IMG_7.MOV"' in entered


def test_recordings_have_limits_and_doors_of_their_own(people: dict[str, Person], town: Town) -> None:
    inspector = people["inspector"]
    for photos, words in (
        ([mp4(b"vide")] * 3, "More than 2 videos"),
        ([b"<!doctype html><script>alert(1)</script>"], "is no photo, video or voice note"),
        ([b"ID3" + bytes(20_000_000)], "Record a shorter while"),
    ):
        refused = inspector.hand_in("/api/reports", lamp_report(town), photos=photos)
        assert (refused.status_code, words in refused.text) == (422, True), refused.text
    case = inspector.hand_in("/api/reports", lamp_report(town)).json()["case"]
    for move in ("accept", "send_verification"):
        assert people["intake"].move(case["id"], move).status_code == 200
    here = {"lon": town.lamp[0], "lat": town.lamp[1]}
    unseen = inspector.move(case["id"], "verify", position=here, photos=[wav()])
    assert (unseen.status_code, "photos" in unseen.text) == (422, True), "a voice note shows nothing"
    assert inspector.move(case["id"], "verify", position=here, photos=[webm(b"V_VP9")]).status_code == 200


def test_an_emergency_is_told_by_who_reports_and_decided_by_intake(people: dict[str, Person], town: Town) -> None:
    """It stands first meanwhile, and nobody dispatches at once on the word of who reported it (D7)."""
    ordinary = people["inspector"].hand_in("/api/reports", lamp_report(town, urgency="urgent")).json()["case"]
    assert (ordinary["priority"], ordinary["emergency_claimed"]) == ("urgent", False)
    told = people["inspector"].hand_in("/api/reports", lamp_report(town, urgency="emergency")).json()["case"]
    assert (told["priority"], told["emergency_claimed"]) == ("urgent", True)

    def first_two(before: int | None = None) -> list[int]:
        more = f"&before={before}" if before else ""
        listed = people["dispatcher"].get(f"/api/cases?order=urgent&limit=2{more}").json()["items"]
        return [case["id"] for case in listed]

    def moves(who: str, case: dict[str, Any]) -> set[str]:
        return {move["move"] for move in people[who].get(f"/api/cases/{case['id']}").json()["moves"]}

    assert first_two()[0] == told["id"]
    assert told["id"] not in first_two(before=told["id"])
    assert "dispatch_at_once" not in moves("dispatcher", told)
    assert {"declare_emergency", "decline_emergency"} <= moves("intake", told)
    assert "decline_emergency" not in moves("intake", ordinary)

    for case in (told, ordinary):
        assert people["intake"].move(case["id"], "accept", class_code=smalltown.LAMP_CLASS).status_code == 200
    declined = people["intake"].move(told["id"], "decline_emergency", note="一盏灯不亮").json()
    assert (declined["priority"], declined["emergency_claimed"]) == ("urgent", False)
    assert "decline_emergency" not in moves("intake", told)
    further = lamp_report(town, urgency="emergency", case_id=ordinary["id"], description="电线掉在地上")
    assert people["inspector"].hand_in("/api/reports", further).json()["case"]["emergency_claimed"] is True
    declared = people["intake"].move(ordinary["id"], "declare_emergency", note="有触电危险").json()
    assert (declared["priority"], declared["emergency_claimed"]) == ("emergency", False)
    assert "dispatch_at_once" in moves("dispatcher", ordinary)
    assert [report["urgency"] for report in declared["reports"]] == ["urgent", "emergency"]

    own = (
        people["intake"]
        .hand_in("/api/reports", lamp_report(town, source="hotline", urgency="emergency"))
        .json()["case"]
    )
    assert (own["priority"], own["emergency_claimed"]) == ("emergency", False)
    assert set(first_two()) == {ordinary["id"], own["id"]}
