"""Data stewards draw: a new asset with a mouse and with keys alone, a line reshaped against a colleague, retired and brought back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from gis import actors
from gis.register import editing
from tests.browser.conftest import City, Person

Place = tuple[float, float]


@pytest.fixture
def steward(city: City, sit_down: Callable[..., Person]) -> Person:
    person = sit_down("steward")
    person.watcher.expected += ["422", "409"]
    return person


@pytest.fixture
def valve(city: City) -> tuple[int, Place, str]:
    """Id, place and code of a valve."""
    with city.engine.connect() as db:
        found = "select id, st_x(geom), st_y(geom), code from gis.asset where kind = 'valve' and code is not null order by id limit 1"
        identity, lon, lat, code = db.execute(text(found)).one()
        return int(identity), (lon, lat), str(code)


def open_map(person: Person, centre: Place, zoom: float = 18) -> Page:
    page = person.at("/map")
    page.evaluate("([p, zoom]) => window.cityMap.jumpTo({center: p, zoom})", [list(centre), zoom])
    return page


def pixel(page: Page, place: Place) -> tuple[float, float]:
    x, y = page.evaluate("p => Object.values(window.cityMap.project(p))", list(place))
    box = page.locator("#map").bounding_box()
    assert box
    return box["x"] + x, box["y"] + y


def choose_kind(page: Page, words: str) -> Locator:
    """Begin a new asset of a kind; returns its form."""
    page.locator("#new-asset").click()
    form = page.locator("form.new-asset")
    form.locator("[name=kind]").fill(words)
    expect(form.locator("[role=option]")).to_have_count(1)
    form.locator("[name=kind]").press("Enter")
    expect(page.locator("#map[data-anchors]")).to_be_attached()
    return form


def row(city: City, asset: int) -> Any:
    with city.engine.connect() as db:
        kept = "select kind, code, version, status, name, st_npoints(geom) as points from gis.asset where id = :id"
        return db.execute(text(kept), {"id": asset}).one()


def opened(page: Page) -> int:
    """The asset that the panel shows once it is not the form of a new one."""
    panel = page.locator("#asset-panel:not([data-asset=new])")
    expect(panel.locator("h2")).to_be_visible()
    return int(panel.get_attribute("data-asset") or 0)


def test_a_hydrant_is_entered_where_its_valve_stands(
    city: City, steward: Person, valve: tuple[int, Place, str]
) -> None:
    _, place, _ = valve
    page = open_map(steward, place)
    form = choose_kind(page, "xiaohuo")
    x, y = pixel(page, place)
    page.mouse.move(x + 5, y + 4)
    expect(page.locator(".drawing-strip .holds")).to_contain_text("已吸附：阀门")
    page.mouse.click(x + 5, y + 4)
    expect(form.locator("[name=code]")).to_have_value(re.compile(r"^\d{6}0124\d{6}$"))
    code = form.locator("[name=code]").input_value()
    form.locator("[name=name]").fill("消火栓甲")
    form.locator("button.primary").click()
    reason = form.locator(".field", has=page.locator("[name=why]"))
    expect(reason.locator(".wrong")).to_have_text("请说明原因：历史记录会保存。")
    expect(form.locator("[name=why]")).to_be_focused()
    expect(page.locator("#notes .note")).to_have_count(0)  # nothing that only a toast says
    form.locator("[name=why]").fill("现场测量")
    form.locator("button.primary").click()
    asset = opened(page)
    expect(page.locator("#asset-panel .history li").first).to_contain_text("现场测量")
    kept = row(city, asset)
    assert (kept.kind, kept.version, kept.code, kept.name) == ("hydrant", 1, code, "消火栓甲")
    with city.engine.connect() as db:
        apart = text(
            "select st_distance(a.geom::geography, st_setsrid(st_point(:x, :y), 4326)::geography) from gis.asset a where id = :id"
        )
        assert db.execute(apart, {"x": place[0], "y": place[1], "id": asset}).scalar_one() < 0.01


def test_a_main_is_drawn_undone_reshaped_and_kept_against_a_colleague(
    city: City, steward: Person, valve: tuple[int, Place, str]
) -> None:
    _, (lon, lat), _ = valve
    corners = [(lon + 0.0006 + 0.0003 * n, lat - 0.0004 - 0.0002 * (n % 2)) for n in range(4)]
    page = open_map(steward, (lon + 0.0008, lat - 0.0003))
    form = choose_kind(page, "供水管")
    strip = page.locator(".drawing-strip")
    page.keyboard.down("Alt")  # where it is drawn nothing shall be held
    for corner in corners:
        page.mouse.click(*pixel(page, corner))
    page.keyboard.up("Alt")
    expect(strip.locator("[role=status]")).to_contain_text("4 个顶点")
    page.locator("#map canvas").focus()
    page.keyboard.press("Backspace")
    expect(strip.locator("[role=status]")).to_contain_text("3 个顶点")
    expect(strip.locator(".measure")).to_contain_text(" m")
    page.keyboard.press("Enter")
    expect(page.locator("#map[data-editing=reshape]")).to_be_attached()
    form.locator("[name=why]").fill("新敷设")
    form.locator("button.primary").click()
    asset = opened(page)
    assert (row(city, asset).points, row(city, asset).version) == (3, 1)

    page.locator("#asset-panel [data-action=shape]").click()
    expect(page.locator("#map[data-editing=reshape]")).to_be_attached()
    page.evaluate("([p, zoom]) => window.cityMap.jumpTo({center: p, zoom})", [[lon + 0.0008, lat - 0.0003], 18])
    page.keyboard.down("Alt")
    x, y = pixel(page, corners[1])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 20)
    page.mouse.move(x, y + 40)
    page.mouse.up()
    page.keyboard.up("Alt")
    expect(strip.locator(".measure")).to_contain_text("最大移动")
    with city.engine.begin() as db:  # a colleague is faster
        shape = {"type": "LineString", "coordinates": [list(corner) for corner in corners[:2]]}
        editing.change(db, actors.actor(db, "steward"), asset, 1, {"geometry": shape}, "量错了")
    form = page.locator("form.shape-form")
    form.locator("[name=why]").fill("复测")
    form.locator("button.primary").click()
    conflict = page.locator("form.conflict tr[data-field=geom]")
    expect(conflict.locator("td")).to_have_text(["地图上的虚线", "他人的位置（见地图）", "我的位置（见地图）"])
    expect(page.locator("form.conflict")).to_contain_text("量错了")
    page.locator("form.conflict button.primary").click()
    expect(page.locator("form.conflict .error")).to_contain_text("位置")
    conflict.locator("input[value=mine]").check()
    page.locator("form.conflict button.primary").click()
    expect(page.locator("#asset-panel .history li").first).to_contain_text("复测")
    assert (row(city, asset).points, row(city, asset).version) == (3, 3)


def test_keys_alone_enter_retire_and_bring_back(city: City, steward: Person, valve: tuple[int, Place, str]) -> None:
    _, (lon, lat), _ = valve
    centre = (lon + 0.0021, lat + 0.0017)
    page = open_map(steward, centre)
    page.locator("body").press("a")
    expect(page.locator("form.new-asset [name=kind]")).to_be_focused()
    page.keyboard.type("lajixiang")
    expect(page.locator("form.new-asset [role=option]").first).to_contain_text("垃圾箱")
    page.keyboard.press("Enter")
    expect(page.locator("#map canvas")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#map[data-editing=reshape]")).to_be_attached()
    page.locator("form.new-asset [name=why]").press_sequentially("新设")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    asset = opened(page)

    for action, why, status in (("retire", "误登记", "removed"), ("restore", "仍在", "intact")):
        page.locator(f"#asset-panel [data-action={action}]").press("Enter")
        form = page.locator("form.status-form")
        form.locator("button.primary").press("Enter")
        expect(form.locator(".wrong")).to_have_text("请说明原因：历史记录会保存。")
        form.locator("[name=why]").fill(why)
        form.locator("button.primary").press("Enter")
        expect(page.locator(f"#asset-panel .chip[data-condition={status}]")).to_be_visible()
        assert row(city, asset).status == status
    page.locator("#asset-panel [data-action=shape]").press("Enter")
    page.locator("form.shape-form [name=coordinates]").fill(f"{lat + 0.002}, {lon + 0.0021}")
    page.locator("form.shape-form [name=coordinates]").press("Tab")
    expect(page.locator("form.shape-form .measure")).to_contain_text("移动 33")
    page.keyboard.press("Escape")  # would lose it: the browser asks, the test says no
    expect(page.locator("form.shape-form")).to_be_visible()


def test_a_code_that_another_asset_has_is_told_beside_it(
    city: City, steward: Person, valve: tuple[int, Place, str]
) -> None:
    identity, (lon, lat), code = valve
    page = open_map(steward, (lon + 0.0012, lat + 0.0012))
    form = choose_kind(page, "famen")
    form.locator("[name=coordinates]").fill(f"{lat + 0.0013}, {lon + 0.0012}")
    form.locator("[name=coordinates]").press("Tab")
    expect(form.locator("[name=code]")).not_to_have_value("")
    form.locator("[name=code]").fill(code)
    form.locator("[name=why]").fill("重复登记")
    form.locator("button.primary").click()
    wrong = form.locator(".field", has=page.locator("[name=code]")).locator(".wrong")
    expect(wrong).to_contain_text("已属于另一设施：阀门")
    page.once("dialog", lambda dialog: dialog.accept())
    wrong.get_by_role("button").click()
    expect(page.locator(f"#asset-panel[data-asset='{identity}'] h2")).to_be_visible()


def test_a_main_is_cut_and_put_together_again(city: City, steward: Person) -> None:
    with city.engine.connect() as db:
        found = """select id, version, st_x(p), st_y(p) from gis.asset, st_lineinterpolatepoint(geom, 0.4) p
                   where kind = 'water_main' and st_length(geom::geography) between 60 and 150 order by id limit 1"""
        asset, version, lon, lat = db.execute(text(found)).one()
    page = steward.at(f"/map#asset/{asset}")
    page.locator(f"#asset-panel[data-asset='{asset}'] [data-action=split]").click()
    form = page.locator("form.split-form")
    form.locator("button.primary").click()
    expect(form.locator(".wrong:not(:empty)").first).to_contain_text("请在线上点击")
    form.locator("[name=coordinates]").fill(f"{lat}, {lon}")
    form.locator("[name=coordinates]").press("Tab")
    expect(form.locator("[role=status]")).to_contain_text("前段")
    form.locator("[name=why]").fill("加装阀门")
    form.locator("button.primary").click()
    expect(page.locator("#notes")).to_contain_text("已断开")
    expect(page.locator("#asset-panel")).not_to_have_attribute("data-asset", str(asset))
    second = opened(page)
    assert row(city, asset).version == version + 1

    page.evaluate("id => (location.hash = `asset/${id}`)", asset)
    page.locator(f"#asset-panel[data-asset='{asset}'] [data-action=join]").click()
    form = page.locator("form.join-form")
    form.locator(f"input[value='{second}']").check()
    form.locator("[name=why]").fill("阀门未装")
    form.locator("button.primary").click()
    expect(page.locator("#asset-panel .history li").first).to_contain_text("阀门未装")
    assert (row(city, asset).version, row(city, second).status) == (version + 2, "removed")
