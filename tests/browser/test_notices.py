"""Notices as people meet them: the bell rings by itself, a notice leads to its case, choices stay, the administrator tries a channel."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from playwright.sync_api import expect

from tests.browser.conftest import City, Person
from tests.support.gateways import gateway


def urged(city: City) -> str:
    """A new report whose case the shift leader urges: the intake operator gets a notice. Returns the case's number."""
    lamp = city.next_lamp()
    report = {
        "source": "inspector",
        "description": "路灯不亮",
        "occurred_at": datetime.now(UTC).isoformat(),
        "position": {"lon": lamp.lon, "lat": lamp.lat, "system": "wgs84", "accuracy_m": 8},
    }
    with closing(city.server.person("inspector", "demo-inspector")) as inspector:
        answer = inspector.hand_in("/api/reports", report)
    assert answer.status_code == 201, answer.text
    case = answer.json()["case"]
    with closing(city.server.person("leader_shift", "demo-leader_shift")) as leader:
        moved = leader.move(case["id"], "urge", note="请尽快受理")
    assert moved.status_code == 200, moved.text
    return str(case["number"])


def test_the_bell_rings_by_itself_and_a_notice_leads_to_its_case_and_is_read(
    city: City, sit_down: Callable[..., Person]
) -> None:
    intake = sit_down("intake")
    page = intake.at("/notices")
    expect(page.locator("#connection")).to_have_attribute("data-status", "live")
    page.locator("#read-all:not([disabled])").or_(page.locator("#empty p")).first.wait_for()
    if page.locator("#read-all").is_enabled():
        page.locator("#read-all").click()
    expect(page.locator("#empty p")).to_have_text("没有未读提醒。")
    expect(page.locator("#bell b")).to_be_hidden()
    number = urged(city)
    expect(page.locator("#bell b")).to_have_text("1")
    row = page.locator(".notice-row", has_text=number)
    expect(row).to_contain_text("催办")
    another = urged(city)
    expect(page.locator("#newer")).to_be_visible()
    expect(page.locator(".notice-row", has_text=another)).to_have_count(0)
    page.locator("#newer button").click()
    expect(page.locator(".notice-row").first).to_contain_text(another)
    page.locator(".notice-row", has_text=another).get_by_role("button", name="标为已读").click()
    expect(page.locator("#bell b")).to_have_text("1")
    row.get_by_role("link").click()
    expect(page.locator("#panel .number")).to_have_text(number)
    expect(page.locator("#bell b")).to_be_hidden()
    intake.at("/notices")
    page.locator("#views [data-view=all]").click()
    expect(page.locator(".notice-row[data-read=true]", has_text=number)).to_be_visible()


def test_a_person_chooses_what_comes_by_which_channel(sit_down: Callable[..., Person]) -> None:
    person = sit_down("dispatcher")
    person.watcher.expected.append("422")
    page = person.at("/notices/choices")
    turn = page.locator("#kinds tr[data-kind=turn] select").first
    expect(turn).to_have_value("")
    turn.select_option("daily")
    page.locator("#mail").fill("dispatcher@example.org")
    page.locator("#quiet-from").fill("22:00")
    page.locator("#quiet-until").fill("22:00")
    page.locator("#save").click()
    expect(page.locator("#notes")).to_contain_text("免打扰时段须有")
    page.locator("#quiet-until").fill("07:00")
    page.locator("#save").click()
    expect(page.locator("#notes")).to_contain_text("已保存")
    expect(page.locator("#state")).to_have_text("")
    person.at("/notices/choices")
    expect(turn).to_have_value("daily")
    expect(page.locator("#quiet-until")).to_have_value("07:00")
    expect(page.locator("#kinds tr[data-kind=pressed] select").first.locator("option[value=daily]")).to_have_count(0)


def test_the_administrator_sets_a_channel_up_tries_it_and_writes_a_template(sit_down: Callable[..., Person]) -> None:
    person = sit_down("administrator")
    person.watcher.expected += ["422", "502"]
    page = person.at("/notices/settings")
    with gateway() as other:
        page.locator("#add-channel").click()
        page.locator("#c-kind").select_option("webhook")
        page.locator("#c-name").fill("大屏")
        page.locator("#c-address").fill(other.url + "/in")
        page.locator("#c-kinds").get_by_label("领导督办").check()
        page.locator("#channel-dialog [value=save]").click()
        expect(page.locator("#secret code")).to_have_text(re.compile(r"\S{40,}"))
        row = page.locator("#channels tbody tr", has_text="大屏")
        row.get_by_role("button", name="测试").click()
        expect(page.locator("#notes")).to_contain_text("测试消息已通过")
        assert "此渠道可用" in other.arrived[0].json["test"]
        other.status = 500
        row.get_by_role("button", name="测试").click()
        expect(page.locator("#notes .problem")).to_contain_text("500")
        page.on("dialog", lambda dialog: dialog.accept())
        row.get_by_role("button", name="停用").click()
        expect(row).to_have_count(0)
    page.locator("#tab-templates").click()
    page.locator("#templates tr[data-kind=handed_back] td").first.get_by_role("button").click()
    expect(page.locator("#t-preview")).to_contain_text("20261124-0007")
    page.locator("#t-words").fill("{number} {gone}")
    expect(page.locator("#template-dialog .problem")).to_contain_text("gone")
    page.locator("#t-words").fill("退回：{number}")
    expect(page.locator("#t-preview")).to_have_text("退回：20261124-0007")
    page.locator("#template-dialog [value=save]").click()
    expect(page.locator("#templates tr[data-kind=handed_back]")).to_contain_text("退回：{number}")
    page.locator("#tab-letters").click()
    expect(page.locator("#no-letters")).to_be_visible()
