"""GeoReport v2 apart from any database: fields of a POST, queries, documents in XML and JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from config.errors import InvalidInput
from dispatch.open311 import answers, documents, queries, requests
from dispatch.open311.keys import Key
from dispatch.public.services import Attribute, Service, Value

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
SERVICE = Service(
    "lamp", "路灯", "Lamp", class_code="C0205",
    attributes=(
        Attribute("WHAT", "singlevaluelist", "怎么了？", "What?", required=True, values=(Value("dark", "不亮", "Dark"),)),
        Attribute("SINCE", "datetime", "何时？", "Since?"),
        Attribute("HEAPS", "number", "几堆？", "How many?"),
        Attribute("KINDS", "multivaluelist", "哪些？", "Which?", values=(Value("a", "甲", "A"), Value("b", "乙", "B"))),
    ),
)  # fmt: skip


def fields(**values: Any) -> dict[str, list[str]]:
    given = {"attribute[WHAT]": "dark", **values}
    return {name: value if isinstance(value, list) else [value] for name, value in given.items()}


def test_a_post_becomes_a_submission() -> None:
    sent = requests.posted(
        fields(lat="38.4", long="115.6", description=" 灯不亮 ", first_name="晓明", last_name="张", email="z@example.cn",
               **{"attribute[KINDS][]": ["a", "b"], "attribute[UNKNOWN]": "kept"}),
        SERVICE,
    )  # fmt: skip
    assert sent.position is not None
    assert (sent.position.lon, sent.position.lat, sent.position.system) == (115.6, 38.4, "wgs84")
    assert sent.reporter == {"name": "张晓明", "email": "z@example.cn"}
    made = requests.submission(
        sent, SERVICE, Key(7, "app", "citizen", 60), repeat_key="", repeat_s=60, position=sent.position
    )
    assert made.description() == "灯不亮\n怎么了？ 不亮\n哪些？ 甲、乙"
    assert made.words == "灯不亮"
    assert made.raw["attributes"]["UNKNOWN"] == ["kept"]
    assert made.new_report(NOW).class_code == "C0205"


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        requests.posted(
            {
                "lat": ["38"],
                "description": ["x" * 4001],
                "media_url": ["javascript:alert(1)"],
                "attribute[HEAPS]": ["many"],
            },
            SERVICE,
        )
    said = [str(each) for each in requests.problems_of(refused.value)]
    assert len(said) == 5, said
    assert any("lat and long" in each for each in said)
    assert any("attribute[WHAT] is missing" in each for each in said)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lat": "91", "long": "0"},
        {"lat": "nan", "long": "1"},
        {"lat": "abc", "long": "1"},
        {"attribute[WHAT]": "purple"},
        {"attribute[WHAT]": ["dark", "dark"]},
        {"attribute[SINCE]": "yesterday"},
        {"attribute[SINCE]": "2026-11-24T08:00:00"},
        {"email": "x" * 201},
    ],
)
def test_a_field_that_cannot_be_used_is_refused(wrong: dict[str, str | list[str]]) -> None:
    with pytest.raises(InvalidInput):
        requests.posted(fields(**wrong), SERVICE)


def test_a_place_is_not_needed() -> None:
    assert requests.posted(fields(), SERVICE).position is None


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        ({}, NOW - timedelta(days=90), NOW),
        ({"start_date": "2026-11-01T00:00:00Z"}, datetime(2026, 11, 1, tzinfo=UTC), NOW),
        ({"start_date": "2026-01-01T00:00:00 08:00"}, datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC)),
        ({"end_date": "2026-05-01T00:00:00Z"}, datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_without_dates_it_is_ninety_days(query: dict[str, str], since: datetime, until: datetime) -> None:
    wanted = queries.wanted(query, NOW)
    assert (wanted.since, wanted.until) == (since, until)


def test_ids_override_the_rest() -> None:
    wanted = queries.wanted({"service_request_id": "1, 2,,3", "status": "nonsense", "start_date": "x"}, NOW)
    assert wanted.numbers == ("1", "2", "3")
    assert wanted.since is None


def test_status_services_and_window() -> None:
    wanted = queries.wanted({"status": "open", "service_code": "a,b", "bbox": "115,38,116,39"}, NOW)
    assert (wanted.open, wanted.services, wanted.bbox) == (True, ("a", "b"), (115.0, 38.0, 116.0, 39.0))
    assert queries.wanted({"status": "open,closed"}, NOW).open is None


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"},
        {"start_date": "2026-04-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"start_date": "2026-04-02"},
        {"start_date": "0001-01-01T00:00:00Z"},
        {"status": "half"},
        {"bbox": "38,115,39"},
        {"bbox": "116,38,115,39"},
        {"bbox": "115,38,116,nan"},
        {"updated_after": "now"},
    ],
)
def test_a_query_that_cannot_be_meant_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        queries.wanted(query, NOW)


@pytest.mark.parametrize(
    ("query", "expected"),
    [({}, (1000, 0)), ({"page": "3"}, (50, 100)), ({"page": "2", "page_size": "10"}, (10, 10)), ({"page_size": "5000"}, (1000, 0))],
)  # fmt: skip
def test_pages(query: dict[str, str], expected: tuple[int, int]) -> None:
    assert queries.page(query) == expected
    for wrong in ("0", "-1", "x", "١"):
        with pytest.raises(InvalidInput):
            queries.page({"page": wrong})


def test_documents_say_the_same_in_both_formats() -> None:
    content = [{"code": "a&b", "at": NOW, "yes": True, "none": None, "words": "a<b\u0000\ud800c", "notes": [{"n": 1}]}]
    plain = json.loads(documents.write("json", "services", content, ZONE))
    assert plain == [
        {
            "code": "a&b",
            "at": "2026-11-24T16:00:00+08:00",
            "yes": True,
            "none": None,
            "words": "a<bc",
            "notes": [{"n": 1}],
        }
    ]
    text = documents.write("xml", "services", content, ZONE)
    assert text.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    root = ET.fromstring(text)
    entry = root[0]
    assert (root.tag, entry.tag) == ("services", "service")
    assert [(child.tag, child.text) for child in entry] == [
        ("code", "a&b"), ("at", "2026-11-24T16:00:00+08:00"), ("yes", "true"), ("none", None), ("words", "a<bc"), ("notes", None),
    ]  # fmt: skip
    assert entry.findtext("notes/note/n") == "1"


def test_a_definition_numbers_its_questions_and_speaks_the_readers_language() -> None:
    english, chinese = answers.definition(SERVICE, "en"), answers.definition(SERVICE, "zh")
    assert [each["order"] for each in english["attributes"]] == [1, 2, 3, 4]
    assert english["attributes"][0]["values"] == [{"key": "dark", "name": "Dark"}]
    assert chinese["attributes"][0]["description"] == "怎么了？"
    assert "values" not in english["attributes"][1]
