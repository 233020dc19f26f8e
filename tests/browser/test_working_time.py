"""The year at a glance: a day is changed and changed back; hours of a season and a rung of the ladder come and go (D5)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import City, Person


def test_a_year_its_hours_and_the_ladder(city: City, sit_down: Callable[..., Person]) -> None:
    steward = sit_down("steward")
    steward.watcher.expected.append("422")
    page = steward.at("/working-time")
    expect(page.locator("#months .month")).to_have_count(12)
    year = str(int(page.locator("#year").inner_text()) + 1)
    page.locator("#later").click()
    expect(page.locator("#year")).to_have_text(year)
    before = page.locator("#sum").inner_text()
    day = page.locator(".month").nth(2).locator('.day[data-kind="work"]').first
    date = day.get_attribute("data-day")
    day.click()
    page.get_by_label("节假日：不上班").check()
    page.locator("#day-name").fill("建城日")
    page.locator("#day-note").fill("市政府通知")
    page.locator("#day-dialog").get_by_role("button", name="保存").click()
    changed = page.locator(f'.day[data-day="{date}"]')
    expect(changed).to_have_attribute("data-kind", "off")
    expect(changed).to_have_attribute("data-own", "true")
    expect(page.locator("#sum")).not_to_have_text(before)
    expect(page.locator("#changes li").first).to_contain_text("建城日")
    expect(page.locator("#changes li").first).to_contain_text("市政府通知")
    changed.click()
    page.get_by_label("按星期").check()
    page.locator("#day-dialog").get_by_role("button", name="保存").click()
    expect(changed).to_have_attribute("data-kind", "work")
    expect(page.locator("#year")).to_have_text(year)

    page.get_by_role("tab", name="作息时间").click()
    rows = page.locator("#hours tbody tr")
    count = rows.count()
    page.locator("#add-hours").click()
    page.locator("#h-name").fill("值守作息")
    page.locator("#h-begins").fill(f"{year}-12-01")
    page.locator("#shifts .shift").nth(1).get_by_label("上班").fill("11:00")
    page.locator("#hours-dialog").get_by_role("button", name="保存").click()
    expect(page.locator("#hours-dialog .problem")).to_contain_text("班次有重叠")
    page.locator("#shifts .shift").nth(1).get_by_label("上班").fill("12:30")
    page.locator("#hours-dialog").get_by_role("button", name="保存").click()
    expect(rows).to_have_count(count + 1)
    page.locator("tr", has_text="值守作息").get_by_role("button", name="移除").click()
    expect(rows).to_have_count(count)

    page.get_by_role("tab", name="逐级升级").click()
    page.locator("#add-rung").click()
    page.locator("#r-name").fill("九成提醒")
    page.locator("#r-whom").select_option("post:leader")
    page.locator("#r-level").select_option("city")
    page.locator("#rung-dialog").get_by_role("button", name="保存").click()
    added = page.locator("#rungs tr", has_text="九成提醒")
    expect(added).to_contain_text("90 %")
    added.get_by_role("button", name="今天结束").click()
    expect(added).to_have_attribute("data-over", "true")
