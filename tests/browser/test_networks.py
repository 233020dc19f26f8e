"""A burst at the operator's map: valves in order, a stuck one, files; a sewer followed up and down."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis import assets
from gis.assets import AssetRow
from tests.browser.conftest import City, Person


def click_line(city: City, page: Page, kind: str) -> None:
    """Show the pipes, fly to a long line of this kind and click it."""
    with city.engine.begin() as db:
        lon, lat = db.execute(
            text(
                "select st_x(p), st_y(p) from gis.asset, st_lineinterpolatepoint(geom, 0.5) p where kind = :kind"
                " order by st_length(geom) desc, id offset 5 limit 1"
            ),
            {"kind": kind},
        ).one()
    page.locator(".tools summary", has_text="图层").click()
    page.locator("#layers [name=pipes]").check()
    page.locator("#layers [name=devices]").uncheck()
    page.locator(".tools summary", has_text="图层").click()
    page.evaluate("place => window.cityMap.jumpTo({center: place, zoom: 17.5})", [lon, lat])
    page.wait_for_function(
        "() => window.cityMap.loaded() && window.cityMap.queryRenderedFeatures({layers: ['pipe']}).length > 0"
    )
    x, y = page.evaluate("place => Object.values(window.cityMap.project(place))", [lon, lat])
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + x, box["y"] + y)


def picture(page: Page, name: str) -> None:
    """A picture for whoever wants to look, where CITYCOMMAND_PICTURES names a folder."""
    if folder := os.environ.get("CITYCOMMAND_PICTURES"):
        page.screenshot(path=Path(folder, f"{name}.png"))


def test_a_burst_main_is_isolated(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("intake").at("/map")
    click_line(city, page, "water_main")
    page.locator("#asset-panel .pipe-menu button", has_text="关阀").click()
    card = page.locator("#network")
    expect(card).to_have_attribute("data-state", "answered")
    expect(card.locator(".said")).to_contain_text("关闭")
    valves = card.locator(".valves li[data-do=close]")
    before = valves.count()
    assert before > 0
    expect(valves.first.locator(".number")).to_have_text("1")
    page.wait_for_function("() => window.cityMap.queryRenderedFeatures({layers: ['network-valve']}).length > 0")
    picture(page, "isolation")
    name = valves.first.locator(".name").inner_text().split("\n")[0]
    valves.first.get_by_role("button", name="卡死").click()
    expect(card.locator(".valves li[data-do=stuck]")).to_contain_text(name)
    expect(card.locator(".said")).to_contain_text("无法关闭")
    picture(page, "isolation-stuck")
    with page.expect_download() as download:
        card.get_by_role("link", name="CSV").click()
    assert "close" in Path(download.value.path()).read_text("utf-8-sig")
    card.get_by_role("button", name="关闭", exact=True).click()
    expect(card).to_be_hidden()


def test_a_sewer_is_followed(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("intake").at("/map")
    click_line(city, page, "sewer")
    page.locator("#asset-panel .pipe-menu button", has_text="下游").click()
    card = page.locator("#network")
    expect(card.locator(".said")).to_contain_text("排水口")
    picture(page, "downstream")
    card.get_by_role("button", name="上游").click()
    expect(card.locator(".said")).to_contain_text("汇入")
    picture(page, "upstream")
    page.locator("#asset-panel .pipe-menu button", has_text="连通").click()
    expect(card.locator(".said")).to_contain_text("与此连通")


def test_a_steward_works_through_the_findings(city: City, sit_down: Callable[..., Person]) -> None:
    with city.engine.begin() as db:
        place = text(
            "select encode(st_asbinary(st_translate(geom, 0.0008 * :n, 0.0009)), 'hex') from gis.asset where kind = 'valve' limit 1"
        )
        shapes = [db.execute(place, {"n": number}).scalar_one() for number in range(3)]
        loose = [AssetRow(f"loose {n}", "valve", None, "", "", shape, "{}") for n, shape in enumerate(shapes)]
        assets.upsert(db, "test", loose)
    steward = sit_down("steward")
    steward.watcher.expected.append("422")
    page = steward.at("/findings")
    page.locator("#filters [name=check]").select_option("loose_point")
    rows = page.locator("#list li[data-finding]")
    expect(rows.first).to_contain_text("不在任何管线上")
    before = rows.count()
    rows.first.get_by_role("button").first.click()
    picture(page, "findings")
    page.locator("[data-decide=ignored]").click()
    expect(page.locator("#list .decision .wrong")).to_contain_text("忽略问题须说明理由")  # beside its field
    expect(page.locator("#list .decision [name=note]")).to_be_focused()
    page.locator("#list [name=note]").fill("备用阀")
    page.locator("[data-decide=ignored]").click()
    expect(rows).to_have_count(before - 1)
    page.locator("#filters [name=state]").select_option("ignored")
    expect(page.locator("#list")).to_contain_text("备用阀")


def test_a_finding_is_given_to_somebody(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("steward").at("/findings")
    page.locator("#filters [name=state]").select_option("open")
    row = page.locator("#list li[data-finding]").first
    row.get_by_role("button").first.click()
    select = page.locator("#list [name=assignee]")
    name = select.locator("option").nth(1).inner_text()
    select.select_option(label=name)
    expect(page.locator("#list li[data-chosen=true]")).to_contain_text(name)
    page.locator("#filters [name=assignee]").select_option(label=name)
    expect(page.locator("#list li[data-finding]")).to_have_count(1)
    expect(page.locator("#list li[data-finding] a")).to_have_attribute("href", re.compile(r"^/map#asset/\d+$"))


def test_a_way_is_told_on_the_map_and_back(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("intake").at("/map")
    page.wait_for_function("() => window.cityMap?.loaded()")
    page.locator("#ways-here").click()
    box = page.locator("#map").bounding_box()
    assert box
    for number, (across, down) in enumerate(((0.3, 0.6), (0.55, 0.4))):
        page.locator("#ways-place .way-end button").nth(number).click()
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        expect(page.locator("#ways-place input").nth(number)).not_to_have_value("")
    turns = page.locator("#ways-place .turns li")
    expect(turns.first).to_contain_text("出发")
    expect(page.locator("#ways-place .said")).to_contain_text("分钟")
    there = page.locator("#ways-place .said strong").inner_text()
    page.locator("#ways-place button", has_text="返程").click()
    expect(page.locator("#ways-place .said strong")).to_have_text(there)
    expect(page.locator("#panel")).to_be_hidden()
    page.locator("#count-here").click()
    expect(page.locator("#ways-drawer")).to_be_hidden()
