"""The main job walked in a real browser: reported on a phone, dispatched at desks, mended, checked, closed (D1, D3, D9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, City, Person, running_city
from tests.browser.steps import answer_task, make_move, number_in, open_case, report_from_the_street
from tests.support.cities import porto_alegre
from tests.support.databases import Database


@pytest.fixture(scope="module")
def imported_city(new_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Porto Alegre as OpenStreetMap knows it, in its own time zone, with the demonstration's people."""
    with running_city(porto_alegre, new_database(), tmp_path_factory.mktemp("porto"), "America/Sao_Paulo") as running:
        yield running


@pytest.fixture(params=["demonstration", "imported_city"])
def city(request: pytest.FixtureRequest) -> City:
    """The story is the same on a map drawn for it and on a real one."""
    running: City = request.getfixturevalue(request.param)
    return running


def test_a_dark_lamp_from_report_to_evaluation(city: City, sit_down: Callable[..., Person], photo: Path) -> None:
    lamp = city.next_lamp()
    inspector = sit_down("inspector", PHONE, at=lamp)
    intake, leader, dispatcher = sit_down("intake"), sit_down("leader_shift"), sit_down("dispatcher")
    unit, assessor = sit_down("unit_lighting", at=lamp), sit_down("assessor")
    desk = intake.at("/map")
    expect(desk.locator("#connection")).to_have_attribute("data-status", "live")
    closed_before = closed_cases_of(assessor, lamp.unit)

    # The inspector reports; the operator's list shows it without reload.
    inspector.at("/inspector")
    report_from_the_street(inspector, "路灯", photo)
    number = number_in(inspector.page.locator("#notes .note").filter(has_text="案件"))
    row = desk.locator(f"#cases .row[title^='{number}']")
    expect(row).to_be_visible()

    # Placed, routed with its reason, timed.
    row.click()
    panel = desk.locator("#panel")
    expect(panel.locator(".reason")).to_contain_text(lamp.code or "立案标准")
    expect(panel.locator("dl")).to_contain_text(lamp.community)
    expect(panel.locator(".deadline .timing")).to_contain_text("剩")
    make_move(desk, "accept")
    make_move(desk, "send_verification", inspector_id="李春燕")

    # Verified on site; the phone heard of it by itself.
    answer_task(inspector, number, "verify", photo)
    expect(panel.locator(".chip").first).to_have_text("核实属实")

    make_move(open_case(leader, number), "file")
    make_move(open_case(dispatcher, number), "dispatch")

    # The unit accepts, mends, feeds back with photo and place.
    board = unit.at("/unit")
    order = board.locator("#orders .card", has_text=number)
    order.click()
    make_move(board, "accept_order")
    expect(board.locator("[data-column=work] .card", has_text=number)).to_be_visible()
    make_move(board, "feed_back", photo, note="已更换灯泡")
    expect(board.locator("[data-column=done] .card", has_text=number)).to_be_visible()

    make_move(desk, "send_check", inspector_id="李春燕")
    answer_task(inspector, number, "check", photo)
    make_move(open_case(leader, number), "close")

    # History says who, when, where; evidence is there; the figures know it.
    history = leader.page.locator("#panel .history")
    expect(history.locator("li")).to_have_count(11)
    expect(history).to_contain_text("距案发点")
    expect(leader.page.locator("#panel .photos img")).to_have_count(4)
    expect(desk.locator("#panel .moves")).to_contain_text("此案件已办结")
    assert closed_cases_of(assessor, lamp.unit) == closed_before + 1
    assert number in cases_behind(assessor, lamp.unit)


def closed_cases_of(assessor: Person, unit: str) -> int:
    """The number of closed cases that the evaluation shows for a unit; 0 where it has no row."""
    page = assessor.at("/evaluation")
    expect(page.locator("#figures tbody tr, #empty:not([hidden])").first).to_be_visible()
    cell = closed_cell(page, unit)
    return int(cell.inner_text()) if cell.count() else 0


def cases_behind(assessor: Person, unit: str) -> str:
    """What the panel behind the number of closed cases says; it lists as many as the number."""
    page = assessor.page
    cell = closed_cell(page, unit)
    cell.get_by_role("button").click()
    expect(page.locator("#behind .row")).to_have_count(int(cell.inner_text()))
    return page.locator("#behind").text_content() or ""


def closed_cell(page: Page, unit: str) -> Locator:
    """The cell of the column 结案数 in the row of a unit."""
    headings = page.locator("#figures thead tr").last.locator("th").all_inner_texts()
    column = 1 + next(index for index, text in enumerate(headings) if text.startswith("结案数"))
    row = page.locator("#figures tbody tr", has=page.get_by_role("rowheader", name=re.compile(unit)))
    return row.locator("th, td").nth(column)
