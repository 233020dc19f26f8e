"""What helps whoever takes a report: classes suggested from its words, repeats found, added, merged and split (C4, D2)."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, text

from api import cli
from config.settings import Settings
from dispatch import reports, service
from dispatch.reports import NewReport, Position
from gis import clock
from tests.support import smalltown
from tests.support.http_cases import lamp_report, to_dispatched
from tests.support.real_data import real
from tests.support.server import Person, WebServer
from tests.support.smalltown import LAMP_CLASS, LITTER_CLASS, PASSWORD, Town


@pytest.fixture(autouse=True)
def command(settings_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line runs with the variables of this module's instance, as under systemd."""
    for name, value in settings_environment.items():
        monkeypatch.setenv(name, value)


def suggested(person: Person, words: str) -> list[tuple[str, str]]:
    """(class, basis) of each suggestion."""
    answer = person.get("/api/classify", params={"text": words, "source": "hotline"})
    assert answer.status_code == 200, answer.text
    return [(each["class_code"], each["basis"]) for each in answer.json()["suggestions"]]


def test_without_history_classes_are_suggested_from_the_words_of_the_standards(people: dict[str, Person]) -> None:
    answer = people["intake"].get("/api/classify", params={"text": "Street lamp broken"}).json()
    assert answer["learnt"] is None
    (first,) = answer["suggestions"]
    assert (first["class_code"], first["name_en"], first["basis"]) == (LAMP_CLASS, "Street lamp", "standards")
    assert 0 < first["confidence"] <= 0.6
    assert suggested(people["intake"], "垃圾没人管")[0] == (LITTER_CLASS, "standards")
    assert suggested(people["intake"], "110") == []


def test_what_was_shown_and_what_was_chosen_is_kept(
    people: dict[str, Person], town: Town, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[dict[str, Any]] = [
        {"class_code": LAMP_CLASS, "condition_id": None, "confidence": 0.41, "basis": "standards"},
        {
            "class_code": LITTER_CLASS,
            "condition_id": town.conditions["litter"],
            "confidence": 0.2,
            "basis": "standards",
        },
    ]
    for code in (LAMP_CLASS, LITTER_CLASS, LITTER_CLASS, None):
        sent = lamp_report(town, source="hotline", class_code=code, description="说不清的事", suggestions=shown)
        assert people["intake"].hand_in("/api/reports", sent).status_code == 201
    with engine.connect() as db:
        ranks = db.execute(text("select rank from dispatch.suggestion order by report_id")).scalars().all()
    assert ranks == [1, 2, 2, None]
    assert cli.main(["classify", "report", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["people"]["suggested"] == {"shown": 4, "first": 1, "another": 2, "none": 0, "no_class": 1}
    assert told["people"]["put_right"] == [{"said": LAMP_CLASS, "chosen": LITTER_CLASS, "times": 2}]
    assert told["decides_alone_from"] == "never"
    assert "classify train" in told["model"]
    bad = lamp_report(town, suggestions=[{**shown[0], "confidence": 2}])
    assert people["inspector"].hand_in("/api/reports", bad).status_code == 422


@pytest.fixture(scope="module")
def history(engine: Engine, settings: Settings, town: Town, people: dict[str, Person]) -> int:
    """Sixty past reports in words that the standards do not have; the city calls loose paper litter."""
    said = {LAMP_CLASS: "晚上漆黑一片看不清", LITTER_CLASS: "loose paper blowing about"}
    for n in range(60):
        code = list(said)[n % 2]
        with engine.begin() as db:
            now = clock.now(db)
            new = NewReport(
                "hotline", f"{said[code]} {'abcdef'[n % 6]}", now - timedelta(hours=60 - n), Position(*town.lamp), code
            )
            reports.receive(db, settings, new, now=now)
    return 60


def test_too_little_history_is_said_to_be_too_little(
    capsys: pytest.CaptureFixture[str], people: dict[str, Person]
) -> None:
    assert cli.main(["classify", "train"]) == 1
    assert "too few to learn from" in capsys.readouterr().err


def test_pages_take_up_what_was_learnt_and_survive_a_file_that_is_none(
    people: dict[str, Person], history: int, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suggested(people["intake"], "loose paper in the wind") == []
    assert cli.main(["classify", "train", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["model"]
    assert facts["examples"] >= history
    figures = facts["measured"]["accuracy"]["class_not_named"]
    assert figures["top_1"] > figures["commonest_class"]
    assert suggested(people["intake"], "loose paper in the wind")[0] == (LITTER_CLASS, "history")
    assert suggested(people["intake"], "漆黑一片")[0] == (LAMP_CLASS, "history")
    learnt = people["intake"].get("/api/classify", params={"text": "x"}).json()["learnt"]
    assert learnt["cases"] == facts["examples"]

    whole = settings.classifier_file.read_bytes()
    settings.classifier_file.write_bytes(whole[:999])
    assert suggested(people["intake"], "路灯")[0] == (LAMP_CLASS, "standards")
    settings.classifier_file.unlink()
    assert suggested(people["intake"], "loose paper in the wind") == []
    settings.classifier_file.write_bytes(whole)
    assert suggested(people["intake"], "漆黑一片")[0] == (LAMP_CLASS, "history")


@pytest.fixture(scope="module")
def bold(
    settings_environment: dict[str, str], town: Town, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    """The intake operator of a city that lets the classifier decide from 90 % on."""
    bolder = settings_environment | {"CITYCOMMAND_CLASSIFY_ALONE": "0.9"}
    with WebServer(bolder, tmp_path_factory.mktemp("bold") / "log") as server:
        person = server.person("intake", PASSWORD)
        yield person
        person.close()


def test_only_a_city_that_says_so_lets_what_was_learnt_decide_and_never_over_a_person(
    people: dict[str, Person], bold: Person, town: Town, history: int, settings: Settings
) -> None:
    assert settings.classifier_file.exists(), "trained by the test before"
    sure = lamp_report(town, source="hotline", description="晚上漆黑一片看不清", class_code=None, condition_id=None)
    usual = people["intake"].hand_in("/api/reports", sure).json()
    assert (usual["classified"], usual["case"]["class_code"]) == (None, None)

    alone = bold.hand_in("/api/reports", sure).json()
    assert alone["case"]["class_code"] == alone["classified"]["class_code"] == LAMP_CLASS
    unsure = bold.hand_in("/api/reports", sure | {"description": "路灯"}).json()
    assert (unsure["classified"], unsure["case"]["class_code"]) == (None, None)
    chosen = bold.hand_in("/api/reports", sure | {"class_code": LITTER_CLASS}).json()
    assert (chosen["classified"], chosen["case"]["class_code"]) == (None, LITTER_CLASS)


def test_the_words_of_real_requests_tell_more_than_the_commonest_type(capsys: pytest.CaptureFixture[str]) -> None:
    """Four types that are hard to tell apart, by words that hold no type, note or department, on the newest fifth of 2015."""
    names = ("Street Light Outages", "General Lighting Request", "Knockdown Replacement", "Highway Maintenance")
    files = [str(real(f"boston-311/{name}.csv")) for name in names]
    assert cli.main(["classify", "try", *files, "--mapping", "boston-311", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["types"] == 4
    for way in ("words", "words_and_source"):
        figures = told[way]["accuracy"]["class_not_named_but_words_there"]
        assert figures["reports"] > 300
        assert figures["top_1"] > figures["commonest_class"] + 0.05
    assert smalltown.LAMP_CLASS not in json.dumps(told)


def test_what_a_real_city_called_a_duplicate_is_pointed_out_more_often_than_other_requests(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = [str(real(f"boston-311/{name}.csv")) for name in ("Missing Sign", "Street Light Knock Downs")]
    assert cli.main(["classify", "repeats", *files, "--mapping", "boston-311", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    duplicates, others = told["called_duplicates"], told["others"]
    assert duplicates["requests"] > 20
    assert duplicates["shown"] > duplicates["plain_rule"]
    assert duplicates["likely"] > 2 * others["likely"]


def found(person: Person, town: Town, **query: Any) -> list[dict[str, Any]]:
    lon, lat = town.lamp
    answer = person.get("/api/duplicates", params={"lon": lon, "lat": lat} | query)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def opened(person: Person, town: Town, photos: list[bytes] | None = None, **changes: Any) -> dict[str, Any]:
    answer = person.hand_in("/api/reports", lamp_report(town, **changes), photos=photos)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["case"])


def pattern(turned: bool = False) -> bytes:
    """A picture with something in it, which a perceptual hash can tell from others."""
    image = (
        Image.radial_gradient("L").rotate(90 if turned else 0).crop((0, 0, 200, 128) if turned else (56, 30, 256, 256))
    )
    content = io.BytesIO()
    image.convert("RGB").save(content, "JPEG")
    return content.getvalue()


@pytest.fixture
def quiet_town(engine: Engine, town: Town) -> Town:
    """The town with a lamp of its own for each test: no report of another test is near."""
    return replace(town, lamp=(town.lamp[0] + random.uniform(0.2, 0.8), town.lamp[1] + random.uniform(0.2, 0.8)))


def located(engine: Engine, *case_ids: int) -> None:
    """Places far out of town are marked as outside; here they count as exact."""
    with engine.begin() as db:
        db.execute(
            text("update dispatch.cases set location_quality = 'exact' where id = any(:ids)"), {"ids": list(case_ids)}
        )


def test_repeats_are_ranked_by_words_where_place_and_class_do_not_decide(
    people: dict[str, Person], quiet_town: Town, engine: Engine
) -> None:
    lamp = opened(people["inspector"], quiet_town, description="路灯不亮", class_code=None)
    litter = opened(people["inspector"], quiet_town, description="垃圾成堆没人管", class_code=None)
    located(engine, lamp["id"], litter["id"])
    ranked = found(people["intake"], quiet_town, text="这里的路灯不亮好几天了")
    assert ranked[0]["case_id"] == lamp["id"]
    assert (ranked[0]["likely"], ranked[0]["reports"], ranked[0]["title"]) == (True, 1, "路灯不亮")
    assert ranked[0]["parts"].keys() == {"place", "time", "words"}
    assert found(people["intake"], quiet_town, text="垃圾没人管")[0]["case_id"] == litter["id"]


def test_what_a_case_says_counts_only_for_whom_it_is_open(
    people: dict[str, Person], quiet_town: Town, engine: Engine
) -> None:
    case = opened(people["intake"], quiet_town, source="hotline", description="邻居家的秘密")
    located(engine, case["id"])
    (seen,) = found(people["intake"], quiet_town, class_code=LAMP_CLASS, text="邻居家的秘密")
    assert (seen["may_open"], seen["parts"]["words"], seen["title"]) == (True, 1, "邻居家的秘密")
    for words in ("邻居家的秘密", "完全不同"):
        (hidden,) = found(people["roads"], quiet_town, class_code=LAMP_CLASS, text=words)
        assert (hidden["may_open"], hidden["title"], hidden["lon"], hidden["reports"]) == (False, "", None, None)
        assert "words" not in hidden["parts"]
        assert hidden["score"] == found(people["roads"], quiet_town, class_code=LAMP_CLASS)[0]["score"]


def test_the_same_photo_makes_two_cases_alike(
    people: dict[str, Person], quiet_town: Town, engine: Engine, settings: Settings
) -> None:
    lon, lat = quiet_town.lamp
    first = opened(people["inspector"], quiet_town, [pattern()], description="甲")
    aside = {"position": {"lon": lon + 0.0002, "lat": lat}, "class_code": LITTER_CLASS}
    again = opened(people["inspector"], quiet_town, [pattern()], description="乙", **aside)
    other = opened(people["inspector"], quiet_town, [pattern(turned=True)], description="丙", **aside)
    located(engine, first["id"], again["id"], other["id"])
    while service.act_on_next(engine, settings, "pictures"):
        pass
    ranked = people["leader"].get(f"/api/cases/{first['id']}/duplicates").json()
    assert [(each["case_id"], each["parts"]["photo"]) for each in ranked if "photo" in each["parts"]] == [
        (again["id"], 1)
    ]
    assert other["id"] not in [each["case_id"] for each in ranked]
    assert people["roads"].get(f"/api/cases/{first['id']}/duplicates").status_code == 403


def test_a_merged_case_goes_on_in_the_other_its_evidence_counts_and_its_reporter_is_told(
    people: dict[str, Person], quiet_town: Town, engine: Engine, settings: Settings
) -> None:
    litter: dict[str, Any] = {"class_code": LITTER_CLASS}
    first = opened(people["inspector"], quiet_town, description="先报的", **litter)
    second = opened(people["inspector2"], quiet_town, [pattern()], description="后报的", **litter)
    third = opened(
        people["intake"], quiet_town, source="hotline", description="又来电", reporter={"name": "王", "phone": "1"}
    )
    for one, into in ((third, second), (second, first)):
        answer = people["intake"].move(one["id"], "merge", into_case_id=into["id"])
        assert (answer.status_code, answer.json()["state"]) == (200, "merged"), answer.text
    seen = people["intake"].get(f"/api/cases/{first['id']}").json()
    assert [(report["description"], report["merged_case"]) for report in seen["reports"]] == [
        ("先报的", None), ("后报的", second["number"]), ("又来电", third["number"]),
    ]  # fmt: skip
    assert [each["merged_case"] for each in seen["evidence"]] == [second["number"]]
    located(engine, first["id"])
    assert found(people["intake"], quiet_town, **litter)[0]["reports"] == 3

    plus = opened(people["intake"], quiet_town, source="hotline", description="再报一次", case_id=third["id"])
    assert plus["id"] == first["id"], "a +1 on a merged case goes to where it goes on"

    to_dispatched(people, first)
    photo = people["roads"].get(seen["evidence"][0]["url"])
    assert photo.content == pattern(), "the unit sees the photo of the case that was merged"
    assert people["roads"].get(f"/api/cases/{second['id']}").status_code == 404
    assert people["lighting"].get(seen["evidence"][0]["url"]).status_code == 404

    assert people["dispatcher"].move(first["id"], "revoke", note="x").status_code == 200
    assert people["dispatcher"].move(first["id"], "return_case", note="x").status_code == 200
    assert people["intake"].move(first["id"], "refuse", note="无此问题").status_code == 200
    while service.act_on_next(engine, settings, "notices"):
        pass
    with engine.connect() as db:
        told = db.execute(
            text("""
                select n.kind, a.username, n.case_id from dispatch.notice n join gis.account a on a.id = n.account_id
                where n.case_id = any(:ids) and n.kind like 'report%' order by n.id
            """),
            {"ids": [first["id"], second["id"], third["id"]]},
        ).all()
    assert [tuple(row) for row in told] == [
        ("report_merged", "inspector2", second["id"]),
        ("report_ended", "inspector", first["id"]),
        ("report_ended", "inspector2", first["id"]),
    ]  # fmt: skip


def test_a_case_that_was_merged_by_mistake_is_split_off_with_what_is_its_own(
    people: dict[str, Person], quiet_town: Town
) -> None:
    first = opened(people["inspector"], quiet_town, description="先报的")
    second = opened(people["inspector2"], quiet_town, [pattern()], description="后报的")
    assert people["intake"].move(second["id"], "merge", into_case_id=first["id"]).status_code == 200
    assert people["intake"].move(first["id"], "merge", into_case_id=second["id"]).status_code == 422, "no circles"
    split = people["intake"].move(second["id"], "split", note="不是同一件事")
    assert (split.status_code, split.json()["state"]) == (200, "accepted")
    assert len(split.json()["evidence"]) == 1
    alone = people["intake"].get(f"/api/cases/{first['id']}").json()
    assert (len(alone["reports"]), alone["evidence"], alone["merged"]) == (1, [], [])
