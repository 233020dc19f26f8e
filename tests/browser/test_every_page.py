"""What holds for every page: its own language, no barrier, a login in front, refusals that read as sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from gis import organisation
from tests.browser.conftest import DESK, PHONE, City, Person

PAGES = [
    ("/map", "leader_shift", DESK, "#cases .row"),
    ("/hotline", "intake", DESK, "#call form"),
    ("/inspector", "inspector", PHONE, "#tasks > *"),
    ("/unit", "unit_lighting", DESK, "#orders .column"),
    ("/evaluation", "assessor", DESK, "#figures tbody tr"),
    ("/routing", "leader_shift", DESK, ".rules li"),
    ("/walks", "steward", DESK, "#list li[data-walk]"),
    ("/working-time", "steward", DESK, "#months .month"),
    ("/notices", "leader_shift", DESK, "#list .notice-row, #empty p"),
    ("/notices/choices", "leader_shift", DESK, "#kinds tbody tr"),
    ("/notices/settings", "administrator", DESK, "#no-channels p, #channels tbody tr"),
    ("/aid", "aid_district", DESK, "#list .row"),
    ("/city", "planner", DESK, "#count-here"),
    ("/coverage", "planner", DESK, "#table tbody tr"),
    ("/exchange", "leader_shift", DESK, "#empty"),
    ("/refusals", "leader", DESK, "#which"),
    ("/aid/access", "aid_auditor", DESK, "#entries"),
    ("/zh/report", None, PHONE, ".service label"),
    ("/zh/report/status", None, PHONE, "#lookup"),
    ("/zh/report/map", None, PHONE, "#list a"),
    ("/login", None, DESK, "#login"),
]


@pytest.mark.parametrize(("path", "username", "device", "ready"), PAGES)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_serious_barrier(
    city: City,
    sit_down: Callable[..., Person],
    path: str,
    username: str | None,
    device: dict[str, object],
    ready: str,
    colours: str,
) -> None:
    person = sit_down(username, {**device, "color_scheme": colours})
    page = person.at(path)
    expect(page.locator(ready).first).to_be_visible()
    if path == "/map":
        page.keyboard.press("j")
        expect(page.locator("#panel .history")).to_be_visible()
    elif path == "/aid":
        page.keyboard.press("j")
        expect(page.locator("#detail .steps")).to_be_visible()
    violations = Axe().run(page).response["violations"]
    serious = [
        f"{found['id']}: {node['html'][:160]}"
        for found in violations
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
    assert not serious


def test_the_language_is_switched_and_kept(city: City, sit_down: Callable[..., Person]) -> None:
    person = sit_down("leader_shift")
    page = person.at("/map")
    expect(page.locator("#filters")).to_contain_text("仅看超时")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#filters")).to_contain_text("only overdue")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#cases .row").first).to_be_visible()
    person.at("/evaluation")
    expect(page.locator("h1")).to_have_text("Evaluation")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("综合评价")


def test_whoever_is_not_signed_in_comes_back_after_the_login(city: City, sit_down: Callable[..., Person]) -> None:
    stranger = sit_down(None)
    stranger.watcher.expected.append("401")
    page = stranger.at("/evaluation")
    expect(page).to_have_url(city.url + "/login?next=/evaluation")
    page.locator("#username").fill("assessor")
    page.locator("#password").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码错误")
    page.locator("#password").fill("demo-assessor")
    page.get_by_role("button", name="登录").click()
    expect(page.locator("h1")).to_have_text("综合评价")


def test_demonstration_accounts_sign_in_with_one_click(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down(None, PHONE).at("/login")
    page.locator("[data-username=inspector]").tap()
    expect(page).to_have_url(city.url + "/inspector")


def test_a_page_that_is_not_ones_own_says_so(city: City, sit_down: Callable[..., Person]) -> None:
    person = sit_down("inspector")
    person.watcher.expected.append("403")
    page = person.at("/evaluation")
    expect(page.locator("h1")).to_contain_text("没有")
    expect(page.get_by_role("link", name="返回首页")).to_be_visible()


def test_an_account_without_a_post_is_told_so_and_can_leave(city: City, sit_down: Callable[..., Person]) -> None:
    with city.engine.begin() as db:
        organisation.add_account(db, "newcomer", "新同事", password="demo-newcomer")
    person = sit_down("newcomer")
    person.watcher.expected.append("403")
    page = person.at("/")
    expect(page.locator("h1")).to_contain_text("您的岗位")
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(city.url + "/login")


@pytest.mark.parametrize(
    ("device_zone", "clock"), [("Asia/Shanghai", r"^\d\d:\d\d:\d\d$"), ("UTC", r"^\d\d:\d\d:\d\d UTC\+8$")]
)
def test_the_zone_stands_once_and_plainly_where_the_readers_own_differs(
    city: City, sit_down: Callable[..., Person], device_zone: str, clock: str
) -> None:
    page = sit_down("leader_shift", {**DESK, "timezone_id": device_zone}).at("/map")
    expect(page.locator("#clock")).to_have_text(re.compile(clock))
    expect(page.locator("#clock")).to_have_attribute("title", re.compile("Asia/Shanghai, UTC\\+8"))
    page.locator("#cases .row").first.click()
    expect(page.locator("#panel .history time").first).to_be_visible()
    assert "Asia/Shanghai" not in page.locator("#panel").inner_html()


def test_on_a_phone_an_application_takes_the_place_of_the_list_and_gives_it_back(
    city: City, sit_down: Callable[..., Person]
) -> None:
    page = sit_down("aid_district", PHONE).at("/aid")
    page.locator("#views [data-view=all]").tap()
    page.locator("#list .row").first.tap()
    expect(page.locator("#detail .steps")).to_be_in_viewport()
    expect(page.locator("#list")).not_to_be_visible()
    page.get_by_role("button", name="返回列表").tap()
    expect(page.locator("#list .row").first).to_be_in_viewport()


@pytest.mark.parametrize(
    "topic", ["score", "overview", "intake", "reports", "dispatch", "handling", "closing", "exceptions", "callers"]
)
def test_every_topic_of_the_evaluation_fits_a_small_desk(
    city: City, sit_down: Callable[..., Person], topic: str
) -> None:
    page = sit_down("assessor", {"viewport": {"width": 1366, "height": 768}}).at(f"/evaluation?show={topic}")
    expect(page.locator(f"#topics [data-topic={topic}]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#figures tbody tr").first).to_be_visible()
    wider = page.locator(".figures").evaluate("box => box.scrollWidth - box.clientWidth")
    assert wider <= 0, "columns must not be hunted for"


def test_the_assessor_changes_a_formula_sees_the_map_and_takes_the_report(
    sit_down: Callable[..., Person], tmp_path: Path
) -> None:
    person = sit_down("assessor")
    person.watcher.expected.append("422")
    page = person.at("/evaluation")
    expect(page.locator("#figures tbody tr.total")).to_contain_text("全市")
    page.locator("#what").select_option("top")
    number = page.locator("#top svg text", has_text=re.compile(r"^\d+$")).first
    counted = number.inner_html()
    number.click()
    expect(page.locator("#behind header")).to_contain_text(f"{counted} 件")
    expect(page.locator("#behind .row").first).to_be_visible()
    page.locator("#behind").press("Escape")
    page.locator("#by").select_option("inspector")
    expect(page.locator("#figures .grade").first).to_be_visible()
    expect(page.locator("#awaited")).to_contain_text("尚不可度量")
    page.locator("#what").select_option("heat")
    expect(page.locator("#heat[data-map=idle]")).to_be_visible(timeout=60_000)
    page.locator("#formulas").click()
    page.locator("#f-what").select_option("indicator:handling_rate")
    page.locator("#f-formula").fill("handled / nothing")
    page.locator("#f-reason").fill("考评办通知")
    page.locator("#editor [value=save]").click()
    expect(page.locator("#f-problem")).to_contain_text("nothing")
    page.locator("#f-formula").fill("handled / reported")
    page.locator("#editor [value=save]").click()
    expect(page.locator("#editor")).not_to_be_visible()
    with page.expect_download(timeout=60_000) as taken:
        page.locator("#pdf").click()
    taken.value.save_as(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
