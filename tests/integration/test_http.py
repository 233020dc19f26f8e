"""The HTTP edge against real PostGIS: permissions, sessions, CSRF, bodies and values that are not what they should be (C1)."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, text

from api.app import create_app
from api.auth import PUBLIC, Permit
from config.permissions import PERMISSIONS
from config.settings import Settings
from tests.support import smalltown
from tests.support.http_cases import jpeg, lamp_report
from tests.support.server import Person, WebServer
from tests.support.smalltown import PASSWORD, Town

OF_PARTNERS = "/api/exchange/12345/"
"""Addresses that another hotline's system asks with a key of its own in the stead of a session (docs/guide/exchange-12345.md)."""


def test_every_route_states_the_permission_it_needs(settings: Settings) -> None:
    app = create_app(settings)
    routes = [route for route in walk(app.routes) if isinstance(route, APIRoute)]
    assert len(routes) > 25
    for route in routes:
        stated = [d.call for d in route.dependant.dependencies if isinstance(d.call, Permit)]
        assert len(stated) == 1, f"{route.path} states no permission"
        assert stated[0].permission == PUBLIC or stated[0].permission in PERMISSIONS, route.path
    public = {route.path for route in routes if any(d.call == Permit(PUBLIC) for d in route.dependant.dependencies)}
    assert {path for path in public if path.startswith("/api/") and not path.startswith(OF_PARTNERS)} == set()
    app.state.engine.dispose()


def walk(routes: Any) -> Iterator[Any]:
    """All routes, those of included routers too."""
    for route in routes:
        yield route
        inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
        if inner:
            yield from walk(inner)


def test_without_a_session_nothing_is_told(server: WebServer) -> None:
    for path in (
        "/api/me",
        "/api/cases",
        "/api/cases/1",
        "/tiles/road/12/3363/1567",
        "/evidence/1",
        "/api/live",
        f"{OF_PARTNERS}messages",
    ):
        answer = httpx.get(server.url + path)
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["next_step"]


def test_a_request_from_another_site_is_refused(people: dict[str, Person], town: Town, server: WebServer) -> None:
    stranger = httpx.Client(base_url=server.url, cookies=people["inspector"].cookies)
    answer = stranger.post("/api/reports", json=lamp_report(town))
    assert answer.status_code == 403
    form = stranger.post("/logout", headers={"Origin": "https://elsewhere.example"})
    assert form.status_code == 403
    assert people["inspector"].get("/api/me").status_code == 200
    stranger.close()


def test_guessing_passwords_is_throttled(server: WebServer, engine: Engine) -> None:
    with httpx.Client(base_url=server.url) as client:
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            guesses = [
                pool.submit(client.post, "/login", data={"username": "victim", "password": f"guess {n}"})
                for n in range(12)
            ]
        answers = sorted(guess.result().status_code for guess in guesses)
    assert answers == [401] * 5 + [429] * 7, "guesses sent all at once are counted too"
    with engine.begin() as db:
        db.execute(text("delete from api.login_attempt"))


def test_the_session_cookie_is_out_of_reach_of_scripts_and_the_token_is_not_in_the_database(
    server: WebServer, engine: Engine
) -> None:
    answer = httpx.post(f"{server.url}/login", data={"username": "leader", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = cookie.split("cc_session=")[1].split(";")[0]
    with engine.connect() as db:
        stored = db.execute(text("select token_hash from api.session")).scalars()
        assert token.encode() not in {bytes(value) for value in stored}
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("target", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"])
def test_signing_in_never_leads_away_from_this_server(server: WebServer, target: str) -> None:
    answer = httpx.post(f"{server.url}/login", data={"username": "leader", "password": PASSWORD, "next": target})
    assert answer.headers["location"] == "/"


def test_changing_the_language_never_leads_away_from_this_server(people: dict[str, Person], server: WebServer) -> None:
    for referer, expected in (("//elsewhere.example/x", "/"), ("/map?open=1", "/map?open=1")):
        answer = people["leader"].post("/language", data={"locale": "en"}, headers={"Referer": server.url + referer})
        assert answer.headers["location"] == expected


def test_after_signing_out_the_browser_keeps_nothing_that_was_seen(
    people: dict[str, Person], town: Town, server: WebServer
) -> None:
    case = people["inspector"].hand_in("/api/reports", lamp_report(town), photos=[jpeg("red")]).json()["case"]
    guest = server.person("leader", PASSWORD)
    seen = guest.get(f"/api/cases/{case['id']}")
    assert seen.headers["cache-control"] == "no-store"
    photo = seen.json()["evidence"][0]["url"]
    first = guest.get(photo)
    assert first.headers["cache-control"] == "private, no-cache", "kept, but only shown again when the server agrees"
    asked_again = {"If-None-Match": first.headers["etag"]}
    assert guest.get(photo, headers=asked_again).status_code == 304
    guest.post("/logout")
    assert guest.get(photo, headers=asked_again).status_code == 401
    guest.close()


@pytest.mark.parametrize(
    "path", ["/api/cases/99999999999999999999", "/api/cases?q=%00", "/api/cases?before=0", "/api/cases?from=0001-01-02"]
)
def test_impossible_values_are_refused_not_fallen_over(people: dict[str, Person], path: str) -> None:
    assert people["intake"].get(path).status_code == 422


def test_the_evaluation_refuses_impossible_years_too(people: dict[str, Person]) -> None:
    answer = people["assessor"].get("/api/evaluation?to=0001-01-02")
    assert answer.status_code == 422
    assert "1970" in answer.json()["detail"]


@pytest.mark.parametrize("cookie", ["a,b=1", "user@other.example=2", "(x)=3; cc_locale=en"])
def test_cookies_of_other_programs_on_this_host_do_no_harm(server: WebServer, cookie: str) -> None:
    """Cookies know no ports: what another program of the same host sets comes along, whatever its name."""
    answer = httpx.get(f"{server.url}/login", headers={"Cookie": f"{cookie}; cc_locale=en"})
    assert answer.status_code == 200
    assert 'lang="en"' in answer.text


@pytest.mark.parametrize("charset", ["unicode_escape", "punycode", "utf-16"])
@pytest.mark.parametrize("path", ["/api/reports", "/login"])
def test_a_form_in_another_encoding_is_refused(people: dict[str, Person], path: str, charset: str) -> None:
    parts = [("username", "\\ud800"), ("password", "\\ud800"), ("report", "{}"), ("photos", "")]
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parts)
    headers = {"Content-Type": f"multipart/form-data; boundary=b; charset={charset}"}
    answer = people["intake"].post(path, content=f"{body}--b--\r\n".encode(), headers=headers)
    assert answer.status_code == 422, answer.text
    assert "UTF-8" in answer.json()["detail"]


def test_a_body_too_long_for_its_route_is_not_read(people: dict[str, Person], server: WebServer) -> None:
    for path in ("/api/reports", "/login", "/language"):
        answer = people["intake"].post(path, content=b"x" * 1_200_000, headers={"content-type": "application/json"})
        assert answer.status_code == 422, path
        assert answer.json()["facts"] == {"limit": 1}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":' * 5000, b"\xff\xfe"])
def test_a_body_that_is_no_json_object_is_refused(people: dict[str, Person], body: bytes) -> None:
    answer = people["inspector"].post("/api/reports", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert "JSON" in answer.json()["detail"]


def test_errors_speak_the_readers_language(server: WebServer) -> None:
    chinese = httpx.get(f"{server.url}/api/me", headers={"Accept-Language": "zh-CN"}).json()
    english = httpx.get(f"{server.url}/api/me", headers={"Accept-Language": "en-GB"}).json()
    assert english["detail"] == "Nobody is signed in, or the session has ended."
    assert chinese["detail"] != english["detail"]


def test_tiles_carry_the_citys_things(people: dict[str, Person]) -> None:
    z, x, y = tile_of(smalltown.WEST + 0.0005, smalltown.SOUTH + 0.0005, 17)
    road = people["intake"].get(f"/tiles/road/{z}/{x}/{y}")
    assert road.status_code == 200
    assert "试验路".encode() in road.content
    assert b"C-LAMP-1" in people["intake"].get(f"/tiles/asset/{z}/{x}/{y}").content
    again = people["intake"].get(f"/tiles/road/{z}/{x}/{y}", headers={"If-None-Match": road.headers["etag"]})
    assert again.status_code == 304
    assert people["intake"].get("/tiles/secret/1/1/1").status_code == 404
    assert people["intake"].get("/tiles/road/1/5/1").status_code == 422


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    import math

    n = 2**z
    y = math.asinh(math.tan(math.radians(lat)))
    return z, int((lon + 180) / 360 * n), int((1 - y / math.pi) / 2 * n)


def test_metrics_and_health_answer(server: WebServer) -> None:
    assert httpx.get(f"{server.url}/healthz").json()["status"] == "ok"
    assert "citycommand_requests_total" in httpx.get(f"{server.url}/metrics").text


@pytest.mark.parametrize(
    ("body", "field", "english", "chinese"),
    [
        ({"days": 7}, "name", "'name or title' is missing", "名称"),
        ({"name": "QGIS", "days": "soon"}, "days", 'a whole number was expected; what came was "soon"', "整数"),
        ({"name": "QGIS", "days": 0}, "days", "at least 1; what came was 0", "不小于 1"),
        ({"name": "", "days": 1}, "name", "at least 1 characters", "至少 1 个字符"),
        ([], "?", "an object with named values was expected", "对象"),
    ],
)
def test_a_refused_value_says_which_what_was_expected_and_what_came(
    server: WebServer, body: Any, field: str, english: str, chinese: str
) -> None:
    me, said = server.person("assessor", PASSWORD), {}
    for locale in ("en", "zh"):
        me.speaks(locale)
        said[locale] = me.post("/api/tokens", json=body)
    me.close()
    assert {answer.status_code for answer in said.values()} == {422}
    assert english in said["en"].json()["detail"]
    assert chinese in said["zh"].json()["detail"]
    assert "姓名" not in said["zh"].json()["detail"], "nobody's own name is asked for"
    assert field in said["en"].json()["facts"]["fields"]


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(server: WebServer) -> None:
    browser = {"Accept": "text/html,*/*;q=0.8"}
    for locale, words in (("zh", "此地址没有内容"), ("en", "nothing at this address")):
        page = httpx.get(f"{server.url}/nowhere", headers=browser | {"Accept-Language": locale})
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert words in page.text
        assert 'href="/"' in page.text, "a way on"
        program = httpx.get(f"{server.url}/api/nowhere", headers=browser | {"Accept-Language": locale})
        assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")
        assert words in program.json()["detail"]
        assert program.json()["next_step"]
    assert httpx.post(f"{server.url}/map", headers={"Accept-Language": "zh"}).json()["title"] == "MethodNotAllowed"
