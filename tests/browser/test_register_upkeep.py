"""Everyday work on the register: many at once and back, found by code, seen beside the panel, a device's card that follows it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis import events
from tests.browser.conftest import City, Person
from tests.browser.steps import choose_class

COVERED = """() => {
  scrollTo(0, document.documentElement.scrollHeight);
  const line = document.querySelector("#notes").getBoundingClientRect();
  const seen = [...document.querySelectorAll("button, a, input, select, textarea, summary")].filter((one) =>
    !one.closest("#notes") && one.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}));
  return seen.filter((one) => {
    const box = one.getBoundingClientRect();
    if (!box.width || box.bottom <= 0 || box.top >= innerHeight) return false;
    const [x, y] = [box.left + box.width / 2, Math.min(box.bottom, innerHeight) - 3];
    const top = document.elementFromPoint(x, y);
    return y > line.top && top?.closest("#notes");
  }).map((one) => one.outerHTML.slice(0, 120));
}"""
"""Controls of which a message covers something: at a page's end, since what passes under the line on the way can be scrolled clear."""


def cabinet(city: City) -> tuple[int, str, float, float]:
    """Id, reference and place of a cabinet with more than 12 lamps."""
    with city.engine.connect() as db:
        found = """select a.id, a.source_ref, st_x(a.geom), st_y(a.geom) from gis.asset a where a.kind = 'lamp_cabinet'
                   and (select count(*) from gis.lamp l where l.cabinet_id = a.id) > 12 order by a.id limit 1"""
        identity, ref, lon, lat = db.execute(text(found)).one()
        return int(identity), str(ref), float(lon), float(lat)


def place_of(page: Page, lon: float, lat: float) -> tuple[float, float, float]:
    """Where a place is drawn, in pixels of the map, and how wide the map is."""
    x, y = page.evaluate("p => Object.values(window.cityMap.project(p))", [lon, lat])
    return x, y, page.evaluate("() => window.cityMap.getContainer().clientWidth")


def test_a_code_typed_whole_comes_first_and_all_that_is_joined_can_be_seen(
    city: City, sit_down: Callable[..., Person]
) -> None:
    identity, ref, _, _ = cabinet(city)
    page = sit_down("intake").at("/map")
    page.locator("#search").fill(ref)
    expect(page.locator(".finder [role=option]").first).to_contain_text("路灯控制箱")
    page.locator("#search").press("Enter")
    panel = page.locator(f"#asset-panel[data-asset='{identity}']")
    expect(panel.locator(".cut")).to_contain_text(re.compile(r"共 \d+ 个，列出 12 个"))
    panel.locator("[data-action=all-joined]").click()
    expect(panel.locator(".cut")).to_have_count(0)
    assert panel.locator(".joins .link").count() > 12


def test_an_asset_at_the_right_edge_is_brought_beside_the_panel(city: City, sit_down: Callable[..., Person]) -> None:
    identity, _, lon, lat = cabinet(city)
    page = sit_down("intake").at("/map")
    page.evaluate("p => window.cityMap.jumpTo({center: p, zoom: 17})", [lon, lat])
    x, _, width = place_of(page, lon, lat)
    page.evaluate("dx => window.cityMap.panBy([dx, 0], {animate: false})", -(width / 2 - 30))
    x, _, width = place_of(page, lon, lat)
    assert x > width - 60
    page.evaluate("id => (location.hash = `asset/${id}`)", identity)
    expect(page.locator(f"#asset-panel[data-asset='{identity}']")).to_be_visible()
    page.wait_for_function(
        "p => { const map = window.cityMap; return !map.isMoving() && map.project(p).x < map.getContainer().clientWidth - 40; }",
        arg=[lon, lat],
    )


def test_the_card_of_a_cabinet_follows_its_device(city: City, sit_down: Callable[..., Person]) -> None:
    identity, _, lon, lat = cabinet(city)
    page = sit_down("intake").at("/map")
    page.evaluate("p => window.cityMap.jumpTo({center: p, zoom: 18})", [lon, lat])
    page.wait_for_function(
        "() => { const map = window.cityMap;"
        " return map.loaded() && map.getLayer('device') && map.queryRenderedFeatures({layers: ['device']}).length > 0; }"
    )
    x, y, _ = place_of(page, lon, lat)
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + x, box["y"] + y)
    card = page.locator(".device-card")
    expect(card).to_contain_text("路灯控制箱")
    expect(page.locator("#asset-panel")).to_be_hidden()  # one card, not two
    for door, word in ((0.0, "否"), (1.0, "是")):
        _say(city, identity, {"voltage": 229.0 + door, "doorOpen": door})
        expect(card).to_contain_text(f"{229 + door:.0f} V")
        expect(card.locator("dt", has_text="门").locator("xpath=following-sibling::dd[1]")).to_have_text(word)
    card.get_by_role("button").click()
    expect(page.locator(f"#asset-panel[data-asset='{identity}']")).to_be_visible()


def _say(city: City, asset: int, values: dict[str, float]) -> None:
    """What ingest writes for a message of a cabinet's gateway."""
    with city.engine.begin() as db:
        device, profile, metrics = db.execute(
            text("""select d.id, p.id, array(select m ->> 'name' from jsonb_array_elements(p.metrics) m) from ingest.device d
                    join ingest.profile p on p.id = d.profile_id where d.asset_id = :asset and p.code = 'cabinet_gateway'"""),
            {"asset": asset},
        ).one()
        kept = """insert into gis.asset_state (asset_id, device_id, profile_id, occurred_at, recorded_at, "values")
                  values (:asset, :device, :profile, gis.now(), gis.now(), :values) on conflict (asset_id, device_id)
                  do update set occurred_at = excluded.occurred_at, recorded_at = excluded.recorded_at, "values" = excluded."values" """
        said = [values.get(metric, 0.0) for metric in metrics]
        db.execute(text(kept), {"asset": asset, "device": device, "profile": profile, "values": said})
        events.notify_live(db, "device", {"ids": [asset]})


def test_many_are_changed_and_taken_back(city: City, sit_down: Callable[..., Person]) -> None:
    steward = sit_down("steward")
    steward.watcher.expected.append("422")
    page = steward.at("/map")
    with city.engine.connect() as db:
        spot = "select st_x(geom), st_y(geom) from gis.asset where kind = 'litter_bin' order by id limit 1"
        lon, lat = db.execute(text(spot)).one()
    page.evaluate("p => window.cityMap.jumpTo({center: p, zoom: 16})", [lon, lat])
    page.locator("#change-many").click()
    form = page.locator("form.bulk-form")
    form.locator("[name=kind]").fill("垃圾箱")
    form.locator("[name=kind]").press("Enter")
    form.locator("[data-choose=view]").click()
    expect(form.locator("[role=status]").first).to_contain_text(re.compile(r"已选 \d+ 个"))
    form.locator("#bulk-field").select_option(label="养护单位")
    form.locator("[name=maintainer]").fill("净城公司")
    expect(form.locator(".effect")).to_contain_text(re.compile(r"将修改 [1-9]\d* 个，0 个已是该值"))
    form.locator("button.primary").click()
    expect(form.locator(".form-end .wrong")).to_contain_text("请说明原因")
    form.locator("[name=why]").fill("移交养护")
    form.locator("button.primary").click()
    expect(page.locator("#notes")).to_contain_text("已修改")
    count = "select count(*) from gis.asset where kind = 'litter_bin' and maintainer = '净城公司'"
    with city.engine.connect() as db:
        assert db.execute(text(count)).scalar_one() > 0
    newest = page.locator("form.bulk-form .sets li").first
    expect(newest).to_contain_text("移交养护")
    newest.get_by_role("button", name="撤销").click()
    expect(page.locator("form.bulk-form .sets li").nth(1)).to_contain_text("已撤销")
    with city.engine.connect() as db:
        assert db.execute(text(count)).scalar_one() == 0


def test_a_report_proposes_no_emergency(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("intake").at("/map")
    page.locator("#new-report").click()
    choose_class(page, "路灯")
    conditions = page.locator("#report-drawer .conditions label")
    expect(conditions.first).to_be_visible()
    expect(conditions.filter(has=page.locator("input:checked"))).not_to_contain_text("紧急")
    assert conditions.filter(has_text="紧急").count() > 0, "the class has an emergency that was not proposed"


@pytest.mark.parametrize("path", ["/map", "/hotline", "/unit", "/inspector", "/evaluation"])
def test_messages_cover_no_button(city: City, sit_down: Callable[..., Person], path: str) -> None:
    who = {"/map": "steward", "/unit": "unit_lighting", "/inspector": "inspector", "/evaluation": "assessor"}
    person = sit_down(who.get(path, "intake"))
    page = person.at(path)
    said = "/static/js/notify.js"
    page.evaluate(
        "async path => { const { tell, tellProblem } = await import(path); tell('一'.repeat(30));"
        " tellProblem(Object.assign(new Error('二'.repeat(300)), { nextStep: '三'.repeat(40) })); }",
        said,
    )
    expect(page.locator("#notes .note")).to_have_count(2)
    assert page.evaluate(COVERED) == []
    if path != "/inspector":
        page.locator("#notes .problem button[aria-expanded]").click()  # a long one opens when asked
        expect(page.locator("#notes .problem[data-open]")).to_be_visible()
    page.locator("#notes .problem button").last.click()
    expect(page.locator("#notes .problem")).to_have_count(0)
