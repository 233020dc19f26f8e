"""The hotline's desk as an operator who takes eighty calls a day: by keyboard, both languages, small and large screens (C4)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import City, Person

KEY_MS = 110
"""A practised typist of Chinese makes more than nine keys a second; this is slower."""

SCREENS = [({"width": 1366, "height": 768}, "zh"), ({"width": 1920, "height": 1080}, "en")]


def typed(page: Page, words: str) -> None:
    page.keyboard.type(words, delay=KEY_MS)


def to(page: Page, element: str) -> None:
    """Tab until there."""
    for _ in range(12):
        if page.evaluate("selector => document.activeElement.matches(selector)", element):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{element} is not within twelve tabs")


@pytest.fixture(params=SCREENS, ids=["zh-1366", "en-1920"])
def desk(request: pytest.FixtureRequest, sit_down: Callable[..., Person]) -> Iterator[Page]:
    viewport, language = request.param
    page = sit_down("intake", {"viewport": viewport}).at("/hotline")
    if language == "en":
        page.get_by_role("button", name="English").click()
    expect(page.locator("#caller-number")).to_be_focused()
    yield page
    if language == "en":
        page.get_by_role("button", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_a_usual_call_is_entered_by_keyboard_in_less_than_forty_seconds(city: City, desk: Page) -> None:
    lamp = city.next_lamp()
    began = time.monotonic()
    typed(desk, "13912345678")
    to(desk, "#caller-name")
    typed(desk, "刘女士")
    to(desk, "[name=call-kind]")
    typed(desk, "2")
    to(desk, "[id^=class-]")
    typed(desk, "ludeng")
    expect(desk.locator("#call .choices [role=option]").first).to_contain_text(re.compile("路灯|lamp"))
    desk.keyboard.press("Enter")
    to(desk, "[id^=place-]")
    typed(desk, lamp.code)
    expect(desk.get_by_role("option", name=re.compile(lamp.code)).first).to_be_visible()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    to(desk, "#report-description")
    typed(desk, "路灯从昨晚起不亮，路口很黑")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".so-far li")).to_have_count(1)
    expect(desk.locator("#call-end")).to_be_in_viewport()
    desk.keyboard.press("F8")
    expect(desk.locator("#caller-number")).to_have_value("")
    spent = time.monotonic() - began
    assert spent < 40, f"{spent:.1f} s"
    expect(desk.locator("#caller-number")).to_be_focused()
    wider = desk.locator(".side").evaluate("box => box.scrollWidth - box.clientWidth")
    assert wider <= 0, "nothing lies beyond the column"

    typed(desk, "13912345678")
    desk.keyboard.press("Tab")
    expect(desk.locator(".past-calls")).to_be_visible()
    desk.locator(".past-calls button.button").first.click()
    expect(desk.locator(".joined")).to_be_visible()


def test_a_consultation_is_answered_without_a_case(city: City, sit_down: Callable[..., Person]) -> None:
    agent = sit_down("intake").at("/hotline")
    agent.keyboard.press("F4")
    agent.get_by_role("button", name="提议新条目").click()
    agent.locator("#article-title").fill("养犬登记")
    agent.locator("#article-body").fill("携带免疫证明到街道办理。")
    agent.get_by_role("button", name="提交审批").click()
    expect(agent.locator("#notes")).to_contain_text("已提交")

    leader = sit_down("leader_shift").at("/hotline")
    leader.get_by_role("tab", name="知识库").click()
    leader.locator(".proposals li", has_text="养犬登记").get_by_role("button", name="批准", exact=True).click()
    expect(leader.locator(".proposals")).to_be_hidden()

    agent.keyboard.press("F2")
    typed(agent, "13987654321")
    agent.keyboard.press("F4")
    expect(agent.locator("#knowledge-search")).to_be_focused()
    typed(agent, "yqdj")
    expect(agent.locator(".articles summary")).to_have_count(1)
    agent.keyboard.press("Enter")
    expect(agent.locator(".articles .answer")).to_be_focused()
    agent.keyboard.press("Enter")
    expect(agent.locator(".so-far")).to_contain_text("养犬登记")
    agent.keyboard.press("F9")
    agent.keyboard.press("Tab")
    typed(agent, "警情已转")
    agent.keyboard.press("Enter")
    expect(agent.locator(".so-far")).to_contain_text("110")
    agent.keyboard.press("F8")
    expect(agent.locator("#notes")).to_contain_text("来电已结束")
    agent.get_by_role("tab", name="来电记录").click()
    expect(agent.locator(".calls li").first).to_contain_text("咨询")
    expect(agent.locator(".calls li").first).to_contain_text("139****4321")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_view_of_the_desk_has_a_serious_barrier(sit_down: Callable[..., Person], colours: str, city: City) -> None:
    page = sit_down("intake", {"viewport": SCREENS[0][0], "color_scheme": colours}).at("/hotline")
    for view in ("call", "knowledge", "callbacks", "calls"):
        page.locator(f"#views [data-view={view}]").click()
        expect(page.locator(f"#view-{view}")).to_be_visible()
        assert barriers(page) == [], view


def barriers(page: Page) -> list[Any]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{found['id']}: {node['html'][:160]}"
        for found in violations
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
