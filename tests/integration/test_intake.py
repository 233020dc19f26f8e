"""What helps whoever takes a report: classes suggested from its words, learnt from what people chose (C4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from api import cli
from config.settings import Settings
from dispatch import reports
from dispatch.reports import NewReport, Position
from gis import clock
from tests.support import smalltown
from tests.support.http_cases import lamp_report
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
    shown: list[dict[str, object]] = [
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
    bad = lamp_report(town, suggestions=[shown[0] | {"confidence": 2}])
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
