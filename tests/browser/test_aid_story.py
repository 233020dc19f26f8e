"""The welfare side in a real browser: registered, applied for, decided at three levels; a gap on the map (W2, W3, W7, W16)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import text

from tests.browser.conftest import City, Person
from tests.support import aid
from tests.support.server import Person as Client
from tests.support.waiting import wait_until


def open_application(person: Person, number: str, view: str = "own") -> Page:
    """Choose an application by its number in one of the desk's lists."""
    page = person.at("/aid")
    page.locator(f"#views [data-view={view}]").click()
    page.locator("#list .row", has_text=number).click()
    expect(page.locator("#detail .number")).to_have_text(number)
    return page


def make_move(page: Page, move: str, note: str = "", visitors: tuple[str, ...] = ()) -> None:
    """Choose a move of the open application, fill in its form and send it."""
    page.locator(f"#detail button[data-move={move}]").click()
    form = page.locator(f"#detail form[data-move={move}]")
    for place, name in enumerate(visitors):
        form.locator("[name=visitors]").nth(place).fill(name)
    if note:
        form.locator("textarea").fill(note)
    form.get_by_role("button", name="确定").click()
    expect(form).to_have_count(0)


def let_the_notice_end(city: City, number: str) -> None:
    """Seven days later, for one application: its notice is moved into the past, as the owner of the tables may."""
    with city.engine.begin() as db:
        db.execute(text("select set_config('welfare.area_from', '', true), set_config('welfare.area_to', '~', true)"))
        db.execute(
            text(
                "update welfare.application set notice_until = notice_until - interval '8 days' where number = :number"
            ),
            {"number": number},
        )


def test_from_registration_to_a_written_decision(city: City, sit_down: Callable[..., Person]) -> None:
    worker, street, district = sit_down("aid_community"), sit_down("aid_street"), sit_down("aid_district")
    worker.watcher.expected.append("422")
    page = worker.at("/aid")

    # Registered once, at the community; what is missing is asked for, never counted as zero.
    page.locator("#views [data-view=households]").click()
    page.locator("#register").click()
    page.locator("#detail [name=address]").fill("试验路1号")
    page.locator(".member [name=name]").fill("齐桂兰")
    page.locator(".member [name=id_number]").fill(aid.id_number(date(1960, 2, 3), 778))
    page.locator("[name=fact-settlement]").select_option("urban")
    for name, value in (("income_month", "600"), ("vehicles", "0"), ("houses", "1"), ("medical_paid_year", "4000")):
        page.locator(f"[name=fact-{name}]").fill(value)
    page.get_by_role("button", name="登记", exact=True).click()
    page.locator("#purpose-name").select_option("application")
    page.get_by_role("button", name="查看档案").click()
    allowance = page.locator("[data-programme=mla]")
    expect(allowance).to_have_attribute("data-outcome", "undetermined")
    expect(allowance).to_contain_text("缺：人均金融财产")
    page.get_by_text("填报情况项").click()
    page.get_by_label("情况项", exact=True).select_option("property_total")
    page.get_by_label("家庭金融财产").fill("5000")
    page.get_by_label("来源").fill("银行流水")
    page.get_by_role("button", name="填报", exact=True).click()
    expect(allowance).to_have_attribute("data-outcome", "eligible")
    expect(allowance.locator(".amount")).to_contain_text("580 元/月")
    expect(page.locator("[data-programme=medical]")).to_have_attribute("data-outcome", "eligible")

    # Without signatures no application; with them one, and not a second.
    page.locator("button[data-apply=mla]").click()
    page.get_by_role("button", name="登记申请").click()
    expect(allowance.locator("[data-fault]")).to_contain_text("签署")
    page.get_by_label("全体成年").check()
    page.get_by_role("button", name="登记申请").click()
    expect(page.locator("#detail .steps")).to_be_visible()
    number = page.locator("#detail .number").inner_text()
    make_move(page, "forward")

    page = open_application(street, number)
    make_move(page, "post_notice", visitors=("孟广平", "方锦"))
    expect(page.locator("button[data-move=submit]")).to_be_disabled()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="公示单").click()
    sheet = opened.value.locator("main")
    expect(sheet).to_contain_text("齐*")
    expect(sheet).not_to_contain_text("齐桂兰")
    expect(sheet).not_to_contain_text("1960")
    let_the_notice_end(city, number)
    make_move(open_application(street, number), "submit")

    page = open_application(district, number)
    make_move(page, "approve", "符合条件。")
    expect(page.locator("#detail .chip").first).to_have_text("已确认")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="审核确认通知书").click()
    letter = opened.value.locator("main")
    expect(letter).to_contain_text("齐桂兰")
    expect(letter).to_contain_text("实际 600，要求 < 1180")
    expect(letter).to_contain_text(re.compile(r"580\.00 元"))


def test_who_opened_a_record_stands_on_the_auditors_page(city: City, sit_down: Callable[..., Person]) -> None:
    worker, auditor = sit_down("aid_community2"), sit_down("aid_auditor")
    page = worker.at("/aid")
    page.locator("#views [data-view=households]").click()
    row = page.locator("#list .row").first
    row.click()
    page.locator("#purpose-name").select_option("visit")
    page.get_by_role("button", name="查看档案").click()
    expect(page.locator("#detail .people tbody tr").first).to_be_visible()
    household = page.locator("#detail .sheet").get_attribute("data-household") or ""
    members = page.locator("#detail .people tbody tr").count()
    entries = auditor.at("/aid/access")
    entries.locator("#household").fill(household)
    entries.get_by_role("button", name="显示").click()
    rows = entries.locator("#entries tbody tr")
    expect(rows).to_have_count(members)
    expect(rows.first).to_contain_text("白桦")
    expect(rows.first).to_contain_text("入户调查")


def test_a_planner_sees_where_coverage_fails(city: City, sit_down: Callable[..., Person], tmp_path: Path) -> None:
    planner = sit_down("planner")
    page = planner.at("/coverage")
    expect(page.locator("#table tbody tr").first).to_be_visible()
    assert int(page.locator(".tile[data-measure=gap] strong").inner_text()) > 0
    expect(page.frame_locator("#map").locator(".area-name").first).to_be_visible()
    expect(page.frame_locator("#map").locator(".legend")).to_contain_text("应享未享")
    page.locator("#programme").select_option("esp")
    expect(page.frame_locator("#map").locator(".legend h1")).to_have_text("特困人员救助供养")
    with page.expect_download() as saved:
        page.locator("#download").click()
    file = tmp_path / saved.value.suggested_filename
    saved.value.save_as(file)
    assert file.name.startswith("coverage-esp-gap-")
    assert file.stat().st_size > 100_000


def test_the_saved_map_opens_without_any_network(city: City, chromium: Browser, tmp_path: Path) -> None:
    """Opened from a disk, in a browser that reaches nothing: areas, names, legend, figures under the pointer, not one request."""
    planner = Client(city.url, "planner", "demo-planner")
    file = tmp_path / "map.html"
    file.write_text(planner.get("/coverage/map.html", params={"programme": "mla"}).text, encoding="utf-8")
    planner.close()
    asked: list[str] = []
    page = chromium.new_page()

    def only_the_file(route: Route) -> None:
        asked.append(route.request.url)
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", only_the_file)
    page.goto(f"file://{file}")
    expect(page.locator(".area-name").first).to_be_visible()
    shapes = page.locator("path.leaflet-interactive")
    wait_until(lambda: shapes.count() > 3, what="the communities")
    shapes.first.hover(force=True)
    told = page.locator(".leaflet-tooltip", has_text="符合条件户数")
    expect(told).to_be_visible()
    box = told.bounding_box()
    assert box is not None
    assert box["width"] > box["height"] / 3, "one figure a line, not three characters"
    assert asked == [f"file://{file}"]
    page.close()
