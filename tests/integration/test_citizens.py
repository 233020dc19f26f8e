"""The citizens' page over HTTP: taken once, found by its code, nothing private shown, limits in honest words (S5, D2)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from sqlalchemy import Engine, text

from config.settings import Settings
from dispatch.public import services
from dispatch.public.services import Attribute, Service, Value
from dispatch.service import act_on_next
from tests.support import smalltown
from tests.support.http_cases import jpeg, to_dispatched
from tests.support.server import Person, WebServer
from tests.support.smalltown import Town

SERVICES = (
    Service("lamp", "路灯", "Street lamp", smalltown.LAMP_CLASS, description="灯", attributes=(
        Attribute("WHAT", "singlevaluelist", "怎么了？", "What is wrong?", required=True, values=(Value("dark", "不亮", "Dark"),)),
        Attribute("SINCE", "datetime", "何时？", "Since?"),
    )),
    Service("litter", "垃圾", "Litter", smalltown.LITTER_CLASS, rounding_m=200, ordinal=1),
)  # fmt: skip
ATOM = "{http://www.w3.org/2005/Atom}"
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
def client(server: WebServer, engine: Engine) -> Iterator[httpx.Client]:
    with engine.begin() as db:
        services.publish(db, SERVICES, date(2026, 1, 1))
    with httpx.Client(base_url=server.url, timeout=30, headers={"Accept-Language": "en"}) as client:
        yield client


@pytest.fixture(autouse=True)
def fresh_limits(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("delete from dispatch.door_use"))


@pytest.fixture
def send(client: httpx.Client, town: Town) -> Any:
    """Send the form as a browser would; fields can be changed, None leaves one out."""

    def post(
        photos: list[bytes] | None = None, headers: dict[str, str] | None = None, **changes: Any
    ) -> httpx.Response:
        lon, lat = town.lamp
        fields = {
            "key": secrets.token_urlsafe(24), "lat": lat, "long": lon, "service_code": "lamp",
            "attribute[lamp.WHAT]": "dark", "website": "",
        } | changes  # fmt: skip
        data = {name: (None, str(value)) for name, value in fields.items() if value is not None}
        files = [
            *data.items(),
            *(("photos", (f"{n}.jpg", photo, "image/jpeg")) for n, photo in enumerate(photos or [])),
        ]
        return client.post("/en/report", files=files, headers=JSON if headers is None else headers)  # type: ignore[arg-type]

    return post


def case_of(people: dict[str, Person], number: str) -> dict[str, Any]:
    found = people["intake"].get("/api/cases", params={"q": number}).json()["items"][0]
    return dict(people["intake"].get(f"/api/cases/{found['id']}").json())


def test_the_form_stands_in_both_languages_without_a_login(client: httpx.Client) -> None:
    chinese, english = client.get("/zh/report"), client.get("/en/report")
    assert 'lang="zh-CN"' in chinese.text
    assert "路灯" in chinese.text
    assert "What is wrong?" in english.text
    assert "tel:12345" in english.text
    assert 'lang="en"' in client.get("/report").text, "the browser's language where the address names none"


def test_a_report_is_a_case_with_photo_answers_and_contact(send: Any, people: dict[str, Person]) -> None:
    answer = send(
        [jpeg()], description="灯不亮", first_name="张晓明", phone="13812345678", **{"attribute[lamp.SINCE]": "2026-11-20T19:30"}
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){2}", told["code"])
    case = case_of(people, told["number"])
    assert (case["source"], case["class_code"], case["grid_code"]) == (
        "citizen",
        smalltown.LAMP_CLASS,
        "990101001001003",
    )
    assert case["reports"][0]["description"] == "灯不亮\n怎么了？ 不亮\n何时？ 2026-11-20T19:30:00+08:00"
    assert case["reports"][0]["reporter"] == {"name": "张晓明", "phone": "13812345678"}
    assert len(case["evidence"]) == 1


def test_sent_again_it_is_there_once_and_has_the_same_code(send: Any, engine: Engine) -> None:
    key = secrets.token_urlsafe(24)
    first, again = (send([jpeg("red")], key=key, description="再发一次").json() for _ in range(2))
    assert again == first
    with engine.connect() as db:
        count = text("select count(*) from dispatch.report where raw ->> 'words' = '再发一次'")
        assert db.execute(count).scalar_one() == 1
        stored = db.execute(text("select code_hash, nonce from dispatch.submission")).all()
    assert all(first["code"].replace("-", "").encode() not in bytes(each) for row in stored for each in row)
    other = send(key=key, description="另一件")
    assert (other.status_code, other.json()["detail"]) == (422, "This form has been sent before.")


def test_the_code_shows_the_publics_stages_and_nothing_else(
    send: Any, client: httpx.Client, people: dict[str, Person]
) -> None:
    told = send(description="看进度", first_name="李某").json()
    to_dispatched(people, case_of(people, told["number"]))
    typed = told["code"].lower().replace("-", " ")
    shown = client.post("/en/report/status", data={"code": typed})
    assert shown.status_code == 200
    assert re.findall(r'data-stage="(\w+)"', shown.text) == ["received", "examined", "with_unit"]
    assert told["number"] in shown.text
    assert "照明所" in shown.text
    assert not re.search("李某|看进度|dispatcher|inspector", shown.text)
    assert client.post("/en/report/status", data={"code": "AAAA-AAAA-AAAA"}).status_code == 404
    assert "没有这个查询码" in client.post("/zh/report/status", data={"code": ""}).text


def test_open_cases_nearby_are_shown_and_joined(
    send: Any, client: httpx.Client, people: dict[str, Person], town: Town
) -> None:
    lon, lat = town.lamp
    first = send(description="路口的灯，电话 13900001111", share="1", first_name="王某").json()
    quiet = send(description="不想公开").json()
    send(service_code="litter", description="垃圾", **{"attribute[lamp.WHAT]": None})
    near = client.get("/report/near.json", params={"lon": lon, "lat": lat, "service": "lamp"})
    cards = {each["number"]: each for each in near.json()}
    assert cards[first["number"]]["words"] == "路口的灯，电话 ●●●"
    assert cards[quiet["number"]]["words"] == "", "shown only where its sender agreed"
    assert {each["service_code"] for each in near.json()} == {"lamp"}, "what is shown roughly has no distance"
    assert "王某" not in near.text
    assert client.get("/report/near.json", params={"lon": lon + 0.01, "lat": lat}).json() == []
    mine = send(join=first["number"], lat=None, long=None, service_code=None, phone="13700002222").json()
    assert (mine["number"], mine["joined"]) == (first["number"], True)
    assert mine["code"] != first["code"]
    case = case_of(people, first["number"])
    assert [each["reporter"].get("phone") for each in case["reports"]] == [None, "13700002222"]
    people["intake"].move(case["id"], "refuse", note="内部")
    ended = send(join=first["number"])
    assert (ended.status_code, "not open" in ended.json()["detail"]) == (404, True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lat": None, "long": None}, "The place is missing"),
        ({"service_code": "", "attribute[lamp.WHAT]": None}, "Say what it is"),
        ({"attribute[lamp.WHAT]": None}, "attribute[WHAT] is missing"),
        ({"service_code": "unicorn"}, "no service"),
        ({"key": "short"}, "not complete"),
        ({"website": "https://spam.example"}, "hidden field"),
        ({"description": "x" * 4001}, "4000"),
    ],
)
def test_what_is_missing_is_said(send: Any, changes: dict[str, Any], said: str) -> None:
    for_script = send(**changes)
    assert for_script.status_code in (404, 422)
    page = send(**changes, headers={"Accept": "text/html"})
    assert page.status_code == for_script.status_code
    assert said in page.text
    assert 'name="long"' in page.text, "the form again, with what was entered"


def test_without_scripts_the_form_keeps_what_was_entered_and_says_thanks(send: Any) -> None:
    plain = {"Accept": "text/html"}
    again = send(headers=plain, lat=None, long=None, description="三号楼前 <b>")
    assert (again.status_code, "三号楼前 &lt;b&gt;" in again.text) == (422, True)
    done = send(
        [jpeg("blue")],
        headers=plain,
        lat=None,
        long=None,
        address_string="试验路旁",
        service_code="",
        description="",
        **{"attribute[lamp.WHAT]": None},
    )
    assert done.status_code == 201
    assert re.search(r"<strong>[A-HJ-NP-Z2-9]{4}(-[A-HJ-NP-Z2-9]{4}){2}</strong>", done.text)


def test_a_form_of_another_site_is_refused(send: Any) -> None:
    answer = send(headers={"Origin": "https://elsewhere.example", **JSON})
    assert answer.status_code == 403


def test_too_many_are_told_honestly_whom_to_call(send: Any, client: httpx.Client, engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(
            text("insert into gis.setting (name, value) values ('hotline', to_jsonb(cast('0359-12345' as text)))")
        )
    statuses = [send(description=f"viele {n}").status_code for n in range(11)]
    assert statuses == [201] * 10 + [429]
    full = send(headers={"Accept": "text/html"})
    assert full.status_code == 429
    assert "call 0359-12345" in full.text
    assert 'name="long"' in full.text, "with what was entered"
    large = send([jpeg() + b"0" * 2_000_000], headers={"Accept": "text/html"})
    assert (large.status_code, 'name="long"' in large.text) == (429, False), "refused before it is read"
    with engine.begin() as db:
        assert "127.0.0.1" not in str(db.execute(text("select sender from dispatch.door_use")).all())
        db.execute(text("delete from dispatch.door_use"))
        db.execute(
            text(
                "insert into dispatch.door_use (door, sender, at) select 'page', '\\x00', now() from generate_series(1, 1200)"
            )
        )
    assert "takes no more" in send().json()["detail"]
    codes = [client.post("/en/report/status", data={"code": "x"}).status_code for _ in range(61)]
    assert codes == [404] * 60 + [429]
    with engine.begin() as db:
        db.execute(text("delete from gis.setting where name = 'hotline'"))


def test_the_public_map_shows_the_ground_only(client: httpx.Client, town: Town) -> None:
    lon, lat = town.lamp
    assert client.get("/report/tiles/road/14/13453/6303").status_code == 200
    for layer in ("pipe", "asset", "grid", "nothing"):
        assert client.get(f"/report/tiles/{layer}/14/13453/6303").status_code == 404, layer
    place = client.get("/report/place.json", params={"lon": lon, "lat": lat}).json()
    assert place["inside"]
    assert "试验路" in place["text"]
    assert not client.get("/report/place.json", params={"lon": lon + 1, "lat": lat}).json()["inside"]
    found = client.get("/report/search.json", params={"q": "试验路"}).json()
    assert found[0]["name"] == "试验路"
    meant = client.get("/report/suggest.json", params={"words": "the street lamp is dark"}).json()
    assert meant[0] == {"code": "lamp", "name": "Street lamp"}
    assert client.get("/report/suggest.json", params={"words": "qwertz"}).json() == []
    assert client.get("/report/search.json", params={"q": "C-LAMP-1"}).json() == [], (
        "components are not looked up by strangers"
    )


def test_reported_and_mended_is_a_map_a_page_and_a_feed_without_anything_private(
    send: Any, client: httpx.Client, people: dict[str, Person], town: Town
) -> None:
    lon, lat = town.lamp
    told = send(description="朱女士家门口，13512345678", share="1", first_name="朱女士", phone="13512345678").json()
    rough = send(service_code="litter", description="垃圾", **{"attribute[lamp.WHAT]": None}).json()
    window = f"{lon - 0.002},{lat - 0.002},{lon + 0.002},{lat + 0.002}"
    answer = client.get("/report/cases.json", params={"bbox": window, "state": "open"})
    shown = {each["properties"]["number"]: each for each in answer.json()["features"]}
    assert shown[told["number"]]["geometry"]["coordinates"] == [lon, lat]
    assert shown[told["number"]]["properties"]["words"] == "●●●家门口，●●●"
    assert shown[rough["number"]]["properties"]["rounded"]
    assert shown[rough["number"]]["geometry"]["coordinates"] != [lon, lat]
    ended = client.get("/report/cases.json", params={"state": "ended"}).json()["features"]
    assert told["number"] not in {each["properties"]["number"] for each in ended}
    assert client.get("/report/cases.json", params={"bbox": "1,2,3"}).status_code == 422
    page = client.get(f"/en/report/cases/{told['number']}")
    assert "●●●家门口" in page.text
    assert "照明所" in page.text
    assert f"/en/report?join={told['number']}" in page.text
    assert "You join the report of Street lamp" in client.get(f"/en/report?join={told['number']}").text
    feed = client.get("/zh/report/feed/990101001.atom")
    root = ET.fromstring(feed.content)
    entries = {each.findtext(f"{ATOM}id", "").rsplit("/", 1)[-1]: each for each in root.findall(f"{ATOM}entry")}
    mine = entries[told["number"]]
    assert mine.findtext(f"{ATOM}title") == "路灯: 已收到"
    assert mine.findtext("{http://www.georss.org/georss}point") == f"{lat} {lon}"
    assert [each.tag.removeprefix(ATOM) for each in root][:6] == ["id", "title", "updated", "link", "link", "author"]
    assert (
        client.get("/zh/report/feed/990101001.atom", headers={"If-None-Match": feed.headers["etag"]}).status_code == 304
    )
    assert client.get("/zh/report/feed/110105.atom").status_code == 404
    listed = client.get("/zh/report/map")
    assert told["number"] in listed.text
    for text_of in (answer.text, page.text, feed.text, listed.text):
        assert not re.search("朱女士|13512345678", text_of)
    case = case_of(people, told["number"])
    people["leader"].put(f"/api/cases/{case['id']}/publication", json={"reason": "涉及个人"}).raise_for_status()
    assert client.get(f"/en/report/cases/{told['number']}").status_code == 404
    assert told["number"] not in client.get("/report/cases.json").text + client.get("/en/report/feed.atom").text
    assert client.post("/en/report/status", data={"code": told["code"]}).status_code == 200, (
        "its sender still sees where it stands"
    )


def test_the_code_of_a_joined_case_follows_the_other_one(
    send: Any, client: httpx.Client, people: dict[str, Person]
) -> None:
    first, second = send(description="先报").json(), send(description="后报").json()
    cases = [case_of(people, told["number"]) for told in (first, second)]
    merged = people["intake"].move(cases[1]["id"], "merge", into_case_id=cases[0]["id"])
    assert merged.status_code == 200, merged.text
    people["intake"].move(cases[0]["id"], "accept")
    shown = client.post("/en/report/status", data={"code": second["code"]}).text
    assert re.findall(r'data-stage="(\w+)"', shown) == ["received", "examined"]
    assert (first["number"] in shown, second["number"] in shown) == (True, True)
    page = client.get(f"/en/report/cases/{second['number']}").text
    assert f"/en/report/cases/{first['number']}" in page
    record = client.get(f"/open311/v2/requests/{first['number']}.json?extensions=true").json()[0]
    assert record["extended_attributes"]["reports"] == 2
    assert send(join=second["number"]).status_code == 404


def test_a_photo_is_seen_by_the_public_only_when_somebody_let_it_out(
    send: Any, client: httpx.Client, people: dict[str, Person], engine: Engine, settings: Settings
) -> None:
    told = send([jpeg("red"), jpeg("green")], description="有照片").json()
    while act_on_next(engine, settings, "pictures"):
        pass
    case = case_of(people, told["number"])
    first, second = (each["id"] for each in case["evidence"])
    path = f"/api/cases/{case['id']}/publication"
    assert client.get(f"/report/photos/{first}.jpg").status_code == 404
    assert people["dispatcher"].put(f"{path}/photos", json={"photos": [first]}).status_code == 403
    assert people["intake"].put(f"{path}/photos", json={"photos": [first]}).json()["photos"] == [first]
    shown = client.get(f"/report/photos/{first}.jpg")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert client.get(f"/report/photos/{second}.jpg").status_code == 404
    record = client.get(f"/open311/v2/requests/{told['number']}.json?extensions=true").json()[0]
    assert record["media_url"].endswith(f"/report/photos/{first}.jpg")
    assert record["extended_attributes"]["media_urls"] == [record["media_url"]]
    assert f"/report/photos/{first}.jpg" in client.get(f"/en/report/cases/{told['number']}").text
    other = case_of(people, send([jpeg("blue")], description="别的").json()["number"])
    assert people["intake"].put(f"{path}/photos", json={"photos": [other["evidence"][0]["id"]]}).status_code == 422
    people["intake"].put(path, json={"reason": "车牌"})
    assert client.get(f"/report/photos/{first}.jpg").status_code == 404, "withheld with its case"
