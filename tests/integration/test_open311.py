"""Open311 GeoReport v2 over HTTP, element by element against the specification; nothing private gets out (S5, D2)."""

from __future__ import annotations

import concurrent.futures
import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from georeport import GeoReport
from sqlalchemy import Engine, text

from dispatch.open311 import keys
from dispatch.public import services
from dispatch.public.services import Attribute, Service, Value
from tests.support import smalltown
from tests.support.http_cases import jpeg, lamp_report, to_dispatched
from tests.support.server import Person, WebServer
from tests.support.smalltown import Town

QUESTIONS = (
    Attribute("WHAT", "singlevaluelist", "怎么了？", "What is wrong?", required=True, values=(Value("dark", "不亮", "Dark"),)),
    Attribute("POLE", "string", "编号", "Number"),
)  # fmt: skip
SERVICES = (
    Service("lamp", "路灯", "Street lamp", smalltown.LAMP_CLASS, keywords="灯", keywords_en="lamp, light",
            group_name="照明", group_name_en="Lighting", attributes=QUESTIONS),
    Service("litter", "垃圾", "Litter", smalltown.LITTER_CLASS, rounding_m=200, ordinal=1),
    Service("trading", "游商", "Trading", smalltown.LITTER_CLASS, kind="blackbox", ordinal=2),
    Service("other", "其他", "Other", kind="batch", ordinal=3),
)  # fmt: skip
REQUEST = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode", "lat",
    "long", "media_url",
]  # fmt: skip
W3 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


@pytest.fixture(scope="module")
def api_key(engine: Engine, town: Town) -> str:
    with engine.begin() as db:
        assert len(services.publish(db, SERVICES, date(2026, 1, 1))) == 4
        return keys.make(db, town.accounts["steward"], "Test app", "somebody", "citizen", 1000)


@pytest.fixture(scope="module")
def client(server: WebServer, api_key: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/open311/v2", headers={"Accept-Language": "en"}, timeout=30) as client:
        yield client


@pytest.fixture
def post(client: httpx.Client, api_key: str, town: Town) -> Any:
    """Send a lamp as a program would; fields can be changed, None leaves one out."""

    def send(
        form: str = "json", files: Any = None, headers: dict[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        lon, lat = town.lamp
        fields = {
            "api_key": api_key,
            "service_code": "lamp",
            "lat": lat,
            "long": lon,
            "attribute[WHAT]": "dark",
        } | changes
        data = {name: str(value) for name, value in fields.items() if value is not None}
        return client.post(f"/requests.{form}", data=data, files=files, headers=headers)

    return send


def xml(answer: httpx.Response, root: str) -> ET.Element:
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
    element = ET.fromstring(answer.content)
    assert element.tag == root
    return element


def children(element: ET.Element) -> list[str]:
    return [child.tag for child in element]


def test_discovery_says_where_and_how(client: httpx.Client, server: WebServer) -> None:
    root = xml(client.get("/discovery.xml"), "discovery")
    assert children(root) == ["changeset", "contact", "key_service", "endpoints"]
    endpoint = root.find("endpoints/endpoint")
    assert endpoint is not None
    assert children(endpoint) == ["specification", "url", "changeset", "type", "formats"]
    assert endpoint.findtext("specification") == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint.findtext("url") == f"{server.url}/open311/v2"
    assert [each.text for each in endpoint.findall("formats/format")] == ["text/xml", "application/json"]
    assert W3.fullmatch(root.findtext("changeset") or "")
    assert client.get("/discovery.json").json()["endpoints"][0]["formats"] == ["text/xml", "application/json"]


def test_services_and_their_definitions(client: httpx.Client) -> None:
    root = xml(client.get("/services.xml"), "services")
    assert {each.tag for each in root} == {"service"}
    assert children(root[0]) == ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"]
    assert [each.text for each in root[0]] == [
        "lamp",
        "Street lamp",
        None,
        "true",
        "realtime",
        "lamp, light",
        "Lighting",
    ]
    listed = client.get("/services.json", headers={"Accept-Language": "zh"}).json()
    assert [(each["service_code"], each["service_name"], each["metadata"], each["type"]) for each in listed] == [
        ("lamp", "路灯", True, "realtime"), ("litter", "垃圾", False, "realtime"),
        ("trading", "游商", False, "blackbox"), ("other", "其他", False, "batch"),
    ]  # fmt: skip
    definition = xml(client.get("/services/lamp.xml"), "service_definition")
    assert children(definition) == ["service_code", "attributes"]
    first, second = definition.findall("attributes/attribute")
    assert children(first) == [
        "variable",
        "code",
        "datatype",
        "required",
        "datatype_description",
        "order",
        "description",
        "values",
    ]
    assert [first.findtext(name) for name in ("variable", "code", "datatype", "required", "order", "description")] == [
        "true", "WHAT", "singlevaluelist", "true", "1", "What is wrong?",
    ]  # fmt: skip
    assert [(value.findtext("key"), value.findtext("name")) for value in first.findall("values/value")] == [
        ("dark", "Dark")
    ]
    assert second.find("values") is None
    assert client.get("/services/lamp.json").json()["attributes"][0]["values"] == [{"key": "dark", "name": "Dark"}]


def test_a_posted_request_is_a_case_with_everything_that_was_sent(
    post: Any, client: httpx.Client, people: dict[str, Person]
) -> None:
    answer = post(
        "xml", description="灯不亮，电话 13812345678", first_name="晓明", last_name="张", phone="13812345678",
        email="z@example.cn", account_id="u-7", **{"attribute[POLE]": "L-12"},
    )  # fmt: skip
    assert answer.status_code == 201
    root = xml(answer, "service_requests")
    assert children(root[0]) == ["service_request_id", "service_notice", "account_id"]
    number = root.findtext("request/service_request_id") or ""
    assert root.findtext("request/account_id") == "u-7"
    assert "mended by" in (root.findtext("request/service_notice") or "")
    case = people["intake"].get("/api/cases", params={"q": number}).json()["items"][0]
    assert (case["class_code"], case["source"], case["grid_code"]) == (
        smalltown.LAMP_CLASS,
        "citizen",
        "990101001001003",
    )
    seen = people["intake"].get(f"/api/cases/{case['id']}").json()["reports"][0]
    assert seen["description"] == "灯不亮，电话 13812345678\n怎么了？ 不亮\n编号 L-12"
    assert seen["reporter"] == {"name": "张晓明", "phone": "13812345678", "email": "z@example.cn"}
    assert seen["source_system"] == "open311/Test app"
    record = xml(client.get(f"/requests/{number}.xml"), "service_requests")[0]
    assert children(record) == REQUEST
    assert record.findtext("description") == "灯不亮，电话 ●●●"
    assert (record.findtext("status"), record.findtext("status_notes")) == ("open", "Received")
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert W3.fullmatch(record.findtext(name) or ""), name
    for private in ("张晓明", "13812345678", "example.cn", "u-7", "L-12"):
        assert private not in client.get(f"/requests/{number}.xml?extensions=true").text


def test_georeport_reads_it(server: WebServer, post: Any) -> None:
    number = post().json()[0]["service_request_id"]
    for form in ("json", "xml"):
        city = GeoReport(f"{server.url}/open311/v2", output_format=form)
        assert {each["service_code"] for each in city.get_service_list()} == {"lamp", "litter", "trading", "other"}
        assert city.get_service_definition("lamp")["service_code"] == "lamp"
        start = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        listed = city.get_service_requests(service_code="lamp", status="open", start_date=start)
        assert number in {each["service_request_id"] for each in listed}
        found = city.get_service_request(number)
        one = found[0] if isinstance(found, list) else found
        assert one["service_request_id"] == number


def test_photos_come_along(post: Any, people: dict[str, Person]) -> None:
    files = [("media", ("a.jpg", jpeg("red"), "image/jpeg")), ("media[]", ("b.jpg", jpeg("blue"), "image/jpeg"))]
    answer = post(files=files, media_url="https://photos.example/1.jpg")
    assert answer.status_code == 201, answer.text
    number = answer.json()[0]["service_request_id"]
    case = people["intake"].get("/api/cases", params={"q": number}).json()["items"][0]
    assert len(people["intake"].get(f"/api/cases/{case['id']}").json()["evidence"]) == 2
    refused = post(files=[("media", ("a.jpg", b"MZ" * 50, "image/jpeg"))])
    assert refused.status_code == 400
    assert "not a photo" in refused.json()[0]["description"]


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"api_key": None}, 403, "api_key is missing"),
        ({"api_key": "cc311-guess"}, 403, "not valid"),
        ({"service_code": None}, 400, "service_code is missing"),
        ({"service_code": "unicorn"}, 404, "no service 'unicorn'"),
        ({"jurisdiction_id": "elsewhere.gov"}, 404, "jurisdiction_id"),
        ({"attribute[WHAT]": None}, 400, "attribute[WHAT] is missing"),
        ({"lat": "x"}, 400, "lat and long"),
        ({"description": "x" * 4001}, 400, "4000"),
        ({"service_code": "other"}, 400, "description or a class"),
    ],
)
def test_a_post_that_cannot_be_taken_is_answered_as_the_specification_says(
    post: Any, changes: dict[str, Any], status: int, said: str
) -> None:
    answer = post("json", **changes)
    assert answer.status_code == status
    assert [set(each) for each in answer.json()] == [{"code", "description"}]
    assert answer.json()[0]["code"] == status
    assert said in answer.json()[0]["description"]
    root = xml(post("xml", **changes), "errors")
    assert children(root) == ["error"]
    assert children(root[0]) == ["code", "description"]
    assert root.findtext("error/code") == str(status)


def test_several_mistakes_are_several_errors(post: Any) -> None:
    answer = post(lat="x", media_url="ftp://x", **{"attribute[WHAT]": "purple"})
    assert (answer.status_code, len(answer.json())) == (400, 3)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/services/unicorn.xml", 404), ("/requests/0000.xml", 404), ("/tokens/ABCD.xml", 404), ("/nothing.xml", 404),
        ("/services.xml?jurisdiction_id=elsewhere.gov", 404), ("/requests.xml?start_date=yesterday", 400), ("/requests.xml?page=0", 400),
        ("/requests.xml?start_date=2026-01-01T00:00:00Z&end_date=2026-08-01T00:00:00Z", 400), ("/requests.xml?q=%00", 400),
    ],
)  # fmt: skip
def test_errors_of_reading(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert xml(answer, "errors").findtext("error/code") == str(status)


def test_a_place_that_cannot_be_found_or_lies_outside_loses_nothing(
    post: Any, client: httpx.Client, town: Town
) -> None:
    unlocated = post(lat=None, long=None, address_string="somewhere near the river").json()[0]
    assert "could not be found" in unlocated["service_notice"]
    record = client.get(f"/requests/{unlocated['service_request_id']}.json").json()[0]
    assert (record["lat"], record["address"]) == (None, "somewhere near the river")
    outside = post(lat=town.nowhere[1], long=town.nowhere[0]).json()[0]
    assert "outside" in outside["service_notice"]
    assert client.get(f"/requests/{outside['service_request_id']}.json").json()[0]["long"] == town.nowhere[0]
    addressed = post(lat=None, long=None, address_string="nowhere 12", jurisdiction_id="990101")
    assert addressed.status_code == 201, "the city's own area code is a jurisdiction"


def test_a_repetition_has_one_effect(post: Any, engine: Engine) -> None:
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sent = [
            pool.submit(post, description="重复", account_id="u-1", headers={"Idempotency-Key": "k-1"})
            for _ in range(4)
        ]
    assert len({each.result().json()[0]["service_request_id"] for each in sent}) == 1
    same = {post(description="重复", device_id="d-1").json()[0]["service_request_id"] for _ in range(2)}
    assert len(same) == 1, "the same content of the same device within a minute"
    other = post(description="重复", device_id="d-2").json()[0]["service_request_id"]
    assert other not in same
    with engine.connect() as db:
        assert db.execute(text("select count(*) from dispatch.report where raw ->> 'words' = '重复'")).scalar() == 3
    reused = post(description="别的", headers={"Idempotency-Key": "k-1"})
    assert (reused.status_code, reused.json()[0]["code"]) == (400, 400)


def test_what_is_not_shown_at_once_is_found_by_its_token(
    post: Any, client: httpx.Client, people: dict[str, Person]
) -> None:
    sent = post(service_code="other", description="不知道是什么").json()[0]
    assert set(sent) == {"token", "service_notice", "account_id"}
    before = client.get(f"/tokens/{sent['token']}.json").json()
    assert before == [{"service_request_id": None, "token": sent["token"]}]
    case = people["intake"].get("/api/cases", params={"q": "不知道是什么"}).json()["items"][0]
    assert client.get(f"/requests/{case['number']}.json").status_code == 404
    people["intake"].move(case["id"], "accept")
    root = xml(client.get(f"/tokens/{sent['token']}.xml"), "service_requests")
    assert [(child.tag, child.text) for child in root[0]] == [
        ("service_request_id", case["number"]),
        ("token", sent["token"]),
    ]
    assert client.get(f"/requests/{case['number']}.json").json()[0]["service_code"] == "other"


def test_a_closed_box_gives_nothing_back(post: Any, client: httpx.Client, people: dict[str, Person]) -> None:
    sent = post(service_code="trading", description="卖菜的挡路 blackbox").json()[0]
    assert set(sent) == {"service_notice", "account_id"}
    case = people["intake"].get("/api/cases", params={"q": "blackbox"}).json()["items"][0]
    listed = {each["service_request_id"] for each in client.get("/requests.json").json()}
    assert case["number"] not in listed, "although another service of its class is public"


def test_cases_from_other_sources_are_shown_without_what_was_said(
    client: httpx.Client, people: dict[str, Person], town: Town
) -> None:
    report = lamp_report(
        town, source="hotline", description="李女士说灯不亮", reporter={"name": "李女士", "phone": "13900000000"}
    )
    case = people["intake"].hand_in("/api/reports", report).json()["case"]
    to_dispatched(people, case)
    answer = client.get(f"/requests/{case['number']}.json?extensions=true")
    record = answer.json()[0]
    assert record["description"] == ""
    assert record["agency_responsible"] == "照明所"
    assert [note["type"] for note in record["notes"]] == ["received", "examined", "with_unit"]
    assert set(record["notes"][0]) == {"datetime", "type", "status", "summary"}
    assert record["extended_attributes"]["area_code"] == "990101001001"
    assert not re.search("李女士|13900000000|inspector|intake", answer.text)


def test_sensitive_places_are_shown_roughly_and_found_by_what_is_shown(
    post: Any, client: httpx.Client, town: Town
) -> None:
    lon, lat = town.lamp
    number = post(service_code="litter", description="垃圾", address_string="试验路 3 号 201 室").json()[0][
        "service_request_id"
    ]
    record = client.get(f"/requests/{number}.json").json()[0]
    assert (record["long"], record["lat"]) != (lon, lat)
    assert record["address"] == "一社区"
    near = f"{lon - 1e-5},{lat - 1e-5},{lon + 1e-5},{lat + 1e-5}"
    shown = f"{record['long'] - 1e-5},{record['lat'] - 1e-5},{record['long'] + 1e-5},{record['lat'] + 1e-5}"
    found = {
        bbox: {each["service_request_id"] for each in client.get("/requests.json", params={"bbox": bbox}).json()}
        for bbox in (near, shown)
    }
    assert number not in found[near]
    assert number in found[shown]


def test_lists_are_filtered_and_paged(post: Any, client: httpx.Client, people: dict[str, Person], town: Town) -> None:
    numbers = [post(description=f"seite {n}").json()[0]["service_request_id"] for n in range(3)]
    listed = client.get("/requests.json", params={"service_request_id": ",".join(numbers)}).json()
    assert [each["service_request_id"] for each in listed] == numbers[::-1]
    pages = [client.get("/requests.json", params={"page": n, "page_size": 2}).json() for n in (1, 2)]
    assert [len(page) for page in pages] == [2, 2]
    assert not {each["service_request_id"] for each in pages[0]} & {each["service_request_id"] for each in pages[1]}
    case = people["intake"].get("/api/cases", params={"q": numbers[0]}).json()["items"][0]
    people["intake"].move(case["id"], "refuse", note="内部原因：重复 13812345678")
    closed = client.get("/requests.json", params={"status": "closed", "extensions": "true"})
    mine = next(each for each in closed.json() if each["service_request_id"] == numbers[0])
    assert mine["status_notes"] == "Closed without work"
    assert "内部原因" not in closed.text
    assert numbers[0] not in client.get("/requests.json", params={"status": "open"}).text
    assert client.get("/requests.json", params={"end_date": "2020-01-01T00:00:00Z"}).json() == []
    lon, lat = town.lamp
    window = {"bbox": f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}"}
    assert numbers[1] in client.get("/requests.json", params=window).text
    assert numbers[1] not in client.get("/requests.json", params={"bbox": f"{lon + 1},{lat},{lon + 2},{lat + 1}"}).text
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    changes = client.get("/servicerequestupdates.json", params={"start_date": since}).json()
    assert [each["status"] for each in changes if each["service_request_id"] == numbers[0]] == ["open", "closed"]
    assert [each["updated_datetime"] for each in changes] == sorted(each["updated_datetime"] for each in changes)
    update = xml(client.get("/servicerequestupdates.xml", params={"start_date": since}), "service_request_updates")[0]
    assert children(update) == [
        "update_id",
        "service_request_id",
        "status",
        "updated_datetime",
        "description",
        "media_url",
    ]


def test_a_withheld_case_is_not_there(post: Any, client: httpx.Client, people: dict[str, Person], api_key: str) -> None:
    number = post(description="屋里的人名字是赵某").json()[0]["service_request_id"]
    case = people["intake"].get("/api/cases", params={"q": number}).json()["items"][0]
    path = f"/api/cases/{case['id']}/publication"
    assert people["intake"].get(path).json()["public"]["words"] == "屋里的人名字是赵某"
    assert people["roads"].put(path, json={"reason": "x"}).status_code == 403
    withheld = people["leader"].put(path, json={"reason": "涉及个人"}).json()
    assert withheld == {"public": None, "withheld": "涉及个人", "photos": []}
    assert client.get(f"/requests/{number}.json").status_code == 404
    assert number not in client.get("/requests.json").text
    people["leader"].delete(path)
    assert client.get(f"/requests/{number}.json").status_code == 200


def test_services_end_on_a_day_and_their_cases_are_no_longer_shown(engine: Engine, town: Town) -> None:
    with engine.connect() as db, db.begin() as work:
        day = date(2026, 6, 1)
        lines = services.publish(db, SERVICES[1:], day)
        assert lines == ["ends: lamp"]
        assert "lamp" in {each.code for each in services.in_force(db, day - timedelta(days=1))}
        assert "lamp" not in {each.code for each in services.in_force(db, day)}
        assert services.publish(db, SERVICES[1:], day) == []
        work.rollback()


def test_keys_are_made_once_shown_counted_limited_and_ended(
    engine: Engine, server: WebServer, client: httpx.Client, post: Any, town: Town, people: dict[str, Person]
) -> None:
    assert people["leader"].get("/api/reporting-keys").status_code == 403
    with engine.begin() as db:
        db.execute(
            text("insert into gis.post_assignment (account_id, post) values (:id, 'administrator')"),
            {"id": town.accounts["steward"]},
        )
    with closing(server.person("steward", smalltown.PASSWORD)) as admin:
        made = admin.post("/api/reporting-keys", json={"name": "Kiosk", "source": "other", "per_minute": 2}).json()[
            "api_key"
        ]
        listed = admin.get("/api/reporting-keys").json()
        kiosk = next(each for each in listed if each["name"] == "Kiosk")
        assert made not in json.dumps(listed)
        with engine.connect() as db:
            stored = db.execute(
                text("select key_hash from dispatch.reporting_key where id = :id"), {"id": kiosk["id"]}
            ).scalar_one()
            assert made.encode() not in bytes(stored)
        statuses = [post(api_key=made, description=f"kiosk {n}").status_code for n in range(3)]
        assert statuses == [201, 201, 429]
        assert next(each for each in admin.get("/api/reporting-keys").json() if each["name"] == "Kiosk")["reports"] == 2
        assert admin.delete(f"/api/reporting-keys/{kiosk['id']}").status_code == 204
        assert post(api_key=made).status_code == 403
        assert admin.delete(f"/api/reporting-keys/{kiosk['id']}").status_code == 404
