"""A planner drafts a rule, sees who would get what and which cases would have moved; a leader brings it into force (D4)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import City, Person


def draw_zone(page: Page) -> None:
    """A square over the middle of the map."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-200, -200), (200, -200), (200, 200), (-200, 200), (-200, 200)):
        page.mouse.click(x + dx, y + dy)


def test_a_rule_is_drafted_tried_and_brought_into_force_by_another(city: City, sit_down: Callable[..., Person]) -> None:
    keeper = sit_down("leader_shift").at("/routing")
    expect(keeper.locator("#map")).to_have_attribute("data-map", "idle", timeout=30_000)
    keeper.get_by_role("button", name="以此新建草案").click()
    keeper.locator("#ask-why").fill("公厕试行")
    keeper.locator("#ask-do").click()
    keeper.locator("#new-rule").click()
    draft = keeper.locator("#set").input_value()
    keeper.get_by_label("规则名称").fill("视频发现的公厕问题")
    keeper.locator(".rule-form select").nth(1).select_option(label="环境卫生管理处")
    add = keeper.get_by_label("添加条件")
    add.select_option("classes")
    keeper.locator("[data-condition=classes] input").fill("公共厕所")
    keeper.keyboard.press("Enter")
    add.select_option("sources")
    keeper.locator("[data-condition=sources]").get_by_label("视频").check()
    add.select_option("ground")
    keeper.get_by_role("button", name="绘制地段").click()
    draw_zone(keeper)
    expect(keeper.get_by_text("地段已绘制。")).to_be_visible()
    keeper.get_by_role("button", name="存入草案").click()
    made = keeper.locator(".rules li", has_text="视频发现的公厕问题")
    expect(made).to_contain_text("地段“视频发现的公厕问题”")
    expect(made).to_contain_text("环境卫生管理处")

    keeper.get_by_role("tab", name="派给谁").click()
    keeper.locator("#map").click()
    keeper.locator("input[name=class]").fill("公共厕所")
    keeper.keyboard.press("Enter")
    keeper.get_by_label("来源", exact=True).select_option("camera")
    expect(keeper.locator(".considered [data-outcome=chosen]")).to_contain_text("视频发现的公厕问题")
    keeper.get_by_label("来源", exact=True).select_option("hotline")
    expect(keeper.locator(".considered li", has_text="视频发现的公厕问题")).to_contain_text("不符合：来源不是")

    keeper.get_by_role("tab", name="历史试算").click()
    keeper.get_by_role("button", name="试算").click()
    expect(keeper.locator(".study .sum")).to_contain_text("件")
    keeper.get_by_role("tab", name="空白与冲突").click()
    expect(keeper.locator(".chip[data-kind=gap]")).to_have_text("空白 0")
    keeper.get_by_role("button", name="提交审批").click()
    keeper.locator("#ask-do").click()
    expect(keeper.locator("#standing .chip")).to_have_text("待批准")

    approver = sit_down("leader").at("/routing")
    approver.locator("#set").select_option(value=draft)
    approver.get_by_role("button", name="批准", exact=True).click()
    approver.locator("#ask-why").fill("同意试行")
    approver.locator("#ask-do").click()
    expect(approver.locator("#standing .chip")).to_have_text("现行")
