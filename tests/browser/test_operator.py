"""The operator's screen and the hotline: live without reload, others being faster, repeats seen, keys, refusals in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import City, Lamp, Person
from tests.browser.steps import choose_class, make_move, number_in, open_case
from tests.support.server import Person as Client

LAMP_CLASS = "C0137"


def report(city: City, lamp: Lamp, username: str = "intake", **changes: Any) -> dict[str, Any]:
    """A case made through the API, for tests about what comes after."""
    content = {
        "source": "hotline",
        "class_code": LAMP_CLASS,
        "description": "路灯不亮",
        "occurred_at": datetime.now(UTC).isoformat(),
        "position": {"lon": lamp.lon, "lat": lamp.lat, "system": "wgs84"},
    }
    with closing(Client(city.url, username, f"demo-{username}")) as client:
        answer = client.hand_in("/api/reports", content | changes)
        assert answer.status_code == 201, answer.text
        case: dict[str, Any] = answer.json()["case"]
        return case


def test_a_call_becomes_a_case_and_the_next_call_sees_it(city: City, sit_down: Callable[..., Person]) -> None:
    lamp = city.next_lamp()
    watcher, agent = sit_down("leader_shift"), sit_down("intake")
    watcher.at("/map")
    page = agent.at("/hotline")

    page.locator("#caller-number").fill("13000000000")
    page.locator("#caller-name").fill("刘女士")
    choose_class(page, "路灯")
    page.locator(".conditions label", has_text="夜间单灯不亮").click()
    place = page.locator("input[type=search][id^=place-]")
    place.fill(lamp.code)
    page.get_by_role("option", name=re.compile(lamp.code)).first.click()
    page.locator("#report-description").fill("路灯从昨晚起不亮")
    page.keyboard.press("Control+Enter")
    number = number_in(page.locator("#notes .note").first)
    expect(page.locator("#taken")).to_contain_text(number)
    expect(page.locator("#taken")).to_contain_text(lamp.unit)
    expect(watcher.page.locator(f"#cases .row[title^='{number}']")).to_be_visible()

    page.keyboard.press("F8")
    expect(page.locator("#call .error:visible")).to_contain_text("请选择来电类型")
    page.keyboard.press("2")
    page.keyboard.press("F8")
    expect(page.locator("#notes")).to_contain_text("来电已结束")

    # The next caller means the same lamp: it is suggested, and taken as one more report of it.
    expect(page.locator("#caller-number")).to_be_focused()
    expect(page.locator("#report-description")).to_have_value("")
    choose_class(page, "路灯")
    place.fill(lamp.code)
    page.get_by_role("option", name=re.compile(lamp.code)).first.click()
    expect(page.locator(".duplicates")).to_be_visible()
    page.locator(".duplicates li").first.get_by_role("button", name="就是这件").click()
    expect(page.locator(".joined")).to_contain_text(number)
    page.locator("#report-description").fill("又有人来电")
    page.get_by_role("button", name="提交上报").click()
    expect(page.locator("#notes")).to_contain_text(f"已并入案件 {number}")


def test_a_class_is_found_by_pinyin_code_or_english(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("intake").at("/hotline")
    picker = page.locator("#call input[role=combobox]").first
    for typed in ("ludeng", "ld", LAMP_CLASS, "street lamp"):
        picker.fill(typed)
        expect(page.locator("#call .choices [role=option]").first).to_contain_text("路灯")
        expect(page.locator("#call .choices [role=option]").first).to_contain_text(LAMP_CLASS)


def test_somebody_else_was_faster(city: City, sit_down: Callable[..., Person]) -> None:
    case = report(city, city.next_lamp())
    slow = sit_down("intake")
    slow.watcher.expected.append("409")
    page = open_case(slow, case["number"])
    page.locator("#panel .moves button[data-move=refuse]").click()
    page.locator("#panel form textarea").fill("重复")
    with closing(Client(city.url, "intake", "demo-intake")) as fast:
        assert fast.move(case["id"], "accept", version=case["version"]).status_code == 200

    # The page heard of it and says so, without throwing away what was typed.
    expect(page.locator("#panel .meanwhile")).to_contain_text("刚被他人更改")
    expect(page.locator("#panel form textarea")).to_have_value("重复")
    page.locator("#panel form button[type=submit]").click()
    expect(page.locator("#notes .problem")).to_contain_text("受理")
    expect(page.locator("#notes .problem .next")).to_contain_text("请查看案件现状")
    expect(page.locator("#panel .chip").first).to_have_text("已受理")


def test_a_missing_reason_is_asked_for(city: City, sit_down: Callable[..., Person]) -> None:
    case = report(city, city.next_lamp())
    page = open_case(sit_down("intake"), case["number"])
    page.locator("#panel .moves button[data-move=refuse]").click()
    page.locator("#panel form button[type=submit]").click()
    expect(page.locator("#panel form .wrong")).to_contain_text("缺少“说明”")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    make_move(page, "refuse", note="已自行恢复")
    expect(page.locator("#panel .moves")).to_contain_text("此案件已办结")
    expect(page.locator(f"#cases .row[title^='{case['number']}']")).to_have_count(0)


def test_filters_narrow_list_and_counters_set_them(city: City, sit_down: Callable[..., Person]) -> None:
    case = report(city, city.next_lamp())
    page = sit_down("leader_shift").at("/map")
    rows = page.locator("#cases .row")
    expect(page.locator(f"#cases .row[title^='{case['number']}']")).to_be_visible()
    page.locator("#filters [name=q]").fill(case["number"])
    expect(rows).to_have_count(1)
    page.locator("#filters [name=state]").select_option("closed")
    expect(page.locator("#cases .empty")).to_contain_text("没有符合筛选条件的案件")
    page.locator("[data-counter=open]").click()
    expect(page.locator("#filters [name=q]")).to_have_value("")
    expect(rows.nth(1)).to_be_visible()
    page.locator("[data-counter=overdue]").click()
    expect(page.locator("#cases .row:not([data-timing=overdue])")).to_have_count(0)


def test_keys_walk_the_list_and_explain_themselves(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("leader_shift").at("/map")
    rows = page.locator("#cases .row")
    expect(rows.nth(1)).to_be_visible()
    page.keyboard.press("j")
    expect(rows.nth(0)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#panel .number")).to_be_visible()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("k")
    expect(rows.nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("路灯")
    expect(page.locator("#search-list [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#search-list")).to_be_hidden()


def test_a_case_is_found_by_its_number(city: City, sit_down: Callable[..., Person]) -> None:
    case = report(city, city.next_lamp())
    page = sit_down("leader_shift").at("/map")
    page.locator("#search").fill(case["number"])
    page.locator("#search-list [role=option]").first.click()
    expect(page.locator("#panel .number")).to_have_text(case["number"])


def test_the_map_is_drawn_from_our_own_tiles_and_says_whose_it_is(city: City, sit_down: Callable[..., Person]) -> None:
    leader = sit_down("leader_shift")
    page = leader.at("/map")
    expect(page.locator("#map")).to_have_attribute("data-map", "idle", timeout=30_000)
    expect(page.locator(".maplibregl-ctrl-attrib")).to_contain_text("Yunlan")
    for layer in ("road", "building", "water", "area"):
        assert any(f"/tiles/{layer}/" in address for address in leader.watcher.asked), layer


def test_bus_lines_are_shown_on_demand(city: City, sit_down: Callable[..., Person]) -> None:
    """Off at first, so that they do not cover the cases; once chosen they are drawn and stay chosen."""
    leader = sit_down("leader_shift")
    page = leader.at("/map")
    expect(page.locator("#map")).to_have_attribute("data-map", "idle", timeout=30_000)
    assert not any("/tiles/bus_line/" in address for address in leader.watcher.asked)
    page.get_by_text("图层", exact=True).click()
    with page.expect_response(lambda response: "/tiles/bus_line/" in response.url) as answer:
        page.get_by_label("公交线路").check()
    assert answer.value.ok
    assert len(answer.value.body()) > 100
    leader.at("/map")
    page.get_by_text("图层", exact=True).click()
    expect(page.get_by_label("公交线路")).to_be_checked()


def test_a_desk_without_a_position_chooses_it_on_the_map(
    city: City, sit_down: Callable[..., Person], photo: Path
) -> None:
    lamp = city.next_lamp()
    case = report(city, lamp)
    with closing(Client(city.url, "intake", "demo-intake")) as intake:
        intake.move(case["id"], "accept").raise_for_status()
        walker = next(one["id"] for one in intake.get("/api/inspectors").json() if one["name"] == "李春燕")
        intake.move(case["id"], "send_verification", inspector_id=walker).raise_for_status()
    position = {"lon": lamp.lon, "lat": lamp.lat, "system": "wgs84"}
    with closing(Client(city.url, "inspector", "demo-inspector")) as inspector:
        inspector.move(case["id"], "verify", [photo.read_bytes()], position=position).raise_for_status()
    for username, move in (("leader_shift", "file"), ("dispatcher", "dispatch"), ("unit_lighting", "accept_order")):
        with closing(Client(city.url, username, f"demo-{username}")) as person:
            person.move(case["id"], move).raise_for_status()

    page = sit_down("unit_lighting").at("/unit")
    page.locator("#orders .card", has_text=case["number"]).click()
    page.locator("#panel .moves button[data-move=feed_back]").click()
    form = page.locator("#panel form[data-move=feed_back]")
    expect(form.locator(".position")).to_contain_text("在地图上选点")
    form.get_by_role("button", name="在地图上选点").click()
    expect(form.locator(".maplibregl-canvas")).to_be_visible()
    expect(form.locator(".map-sheet")).to_have_attribute("data-map", "idle", timeout=30_000)
    form.locator(".maplibregl-canvas").click()
    expect(form.locator(".position")).to_contain_text("距案发点")
    form.locator("input[type=file]").set_input_files(photo)
    form.locator("button[type=submit]").click()
    expect(page.locator("[data-column=done] .card", has_text=case["number"])).to_be_visible()


def test_a_restarted_server_finds_its_screens_again(city: City, sit_down: Callable[..., Person]) -> None:
    leader = sit_down("leader_shift")
    leader.watcher.expected += ["ERR_", "Failed to load resource"]
    page = leader.at("/map")
    expect(page.locator("#connection")).to_have_attribute("data-status", "live")
    city.server.kill()
    try:
        expect(page.locator("#connection")).to_have_attribute("data-status", "lost")
        expect(page.locator("#connection")).to_contain_text("正在重连")
    finally:
        city.server.start()
    case = report(city, city.next_lamp())
    expect(page.locator(f"#cases .row[title^='{case['number']}']")).to_be_visible(timeout=40_000)
    expect(page.locator("#connection")).to_have_attribute("data-status", "live")
