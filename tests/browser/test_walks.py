"""The steward regroups unit grids on the map and assigns an inspector."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from sqlalchemy import text

from tests.browser.conftest import City, Person


def test_unit_grids_get_a_group_and_an_inspector(city: City, sit_down: Callable[..., Person]) -> None:
    steward = sit_down("steward")
    steward.watcher.expected.append("422")
    page = steward.at("/walks")
    walks = page.locator("#list li[data-walk]")
    expect(walks.first).to_be_visible()
    with city.engine.connect() as db:
        one = """select g.code, st_x(p), st_y(p), r.code as walk
                 from gis.unit_grid g join gis.responsibility_grid r on r.id = g.responsibility_grid_id, st_pointonsurface(g.geom) p
                 where starts_with(g.code, :area) order by g.code limit 1"""
        area = page.locator("[name=area]").input_value()
        code, lon, lat, before = db.execute(text(one), {"area": area}).one()
    page.evaluate("p => window.cityMap.jumpTo({center: p, zoom: 16})", [lon, lat])
    page.wait_for_function(
        "() => window.cityMap.loaded() && window.cityMap.queryRenderedFeatures({layers: ['walk-ground']}).length > 0"
    )
    x, y = page.evaluate("p => Object.values(window.cityMap.project(p))", [lon, lat])
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + x, box["y"] + y)
    expect(page.locator("[name=codes]")).to_have_value(code)
    expect(page.locator("#count")).to_contain_text("已选 1 个单元网格")
    strange = page.locator("[name=walk] option").evaluate_all("all => all.map(one => one.value)")
    other = next(each for each in strange if each and not each.startswith(code[:12]))
    page.locator("[name=walk]").select_option(other)
    page.locator("#give").click()
    expect(page.locator("#wrong")).to_contain_text("同一社区")
    page.locator("[name=walk]").select_option("")
    page.locator("#give").click()
    expect(page.locator("#notes")).to_contain_text("已将 1 个单元网格划入")
    with city.engine.connect() as db:
        mine = "select r.code from gis.unit_grid g join gis.responsibility_grid r on r.id = g.responsibility_grid_id where g.code = :code"
        made = db.execute(text(mine), {"code": code}).scalar_one()
    assert made != before
    row = page.locator(f"#list li[data-walk='{made}']")
    row.locator("select").select_option(index=1)
    expect(page.locator("#notes")).to_contain_text("责任网格：")
    with city.engine.connect() as db:
        who = "select inspector_id from gis.responsibility_grid where code = :code"
        assert db.execute(text(who), {"code": made}).scalar_one() is not None
    page.locator("[name=codes]").fill(code)  # without a mouse, and as it was
    page.locator("[name=codes]").press("Tab")
    page.locator("[name=walk]").select_option(before)
    page.locator("#give").click()
    expect(page.locator(f"#list li[data-walk='{made}']")).to_have_count(0)
