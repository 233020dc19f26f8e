"""A citizen with a phone and no account: map, tiles to choose from, photo, code; a network that breaks off; me too (S5, D2)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from tests.browser.conftest import PHONE, City, Lamp, Person


def reports_at(city: City, lamp: Lamp) -> int:
    """How many reports the server holds within 20 m of a lamp."""
    with city.engine.begin() as db:
        near = text(
            "select count(*) from dispatch.report r join dispatch.cases c on c.id = r.case_id"
            " where c.closed_at is null and st_dwithin(c.geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography, 20)"
        )
        return int(db.execute(near, {"lon": lamp.lon, "lat": lamp.lat}).scalar_one())


def here(page: Page) -> None:
    """Use the phone's position and wait for the place in words."""
    page.locator("#locate").tap()
    expect(page.locator("#where")).to_contain_text("米")


def dark_lamp(page: Page) -> None:
    """Choose the street lamp and answer what is asked about it."""
    page.locator("label[for=service-street-lamp]").tap()
    page.get_by_text("夜间不亮").tap()


def test_a_citizen_reports_looks_it_up_and_the_next_one_joins(
    city: City, sit_down: Callable[..., Person], photo: Path
) -> None:
    lamp = city.next_lamp()
    page = sit_down(None, PHONE, at=lamp).at("/zh/report")
    page.locator("#send").tap()
    expect(page.locator("#problem")).to_contain_text("在哪里")
    here(page)
    page.locator("label[for=service-street-lamp]").tap()
    page.locator("#send").tap()
    expect(page.locator("#problem")).to_contain_text("路灯怎么了")
    page.get_by_text("夜间不亮").tap()
    page.locator("#photos input").set_input_files(photo)
    expect(page.locator("#photos .preview")).to_have_count(1)
    page.locator("#send").tap()
    code = page.locator("#thanks .code strong").inner_text()
    number = page.locator("#thanks .facts dd").inner_text()
    with city.engine.begin() as db:
        kept = db.execute(
            text(
                "select c.state, c.condition_id, f.ordinal, (select count(*) from dispatch.evidence e where e.case_id = c.id) as photos"
                " from dispatch.cases c join dispatch.filing_condition f on f.id = c.condition_id where c.number = :number"
            ),
            {"number": number},
        ).one()
    assert (kept.state, kept.ordinal, kept.photos) == ("reported", 2, 1), "the answer chose the filing condition"
    page.get_by_role("link", name="查询进度").tap()
    page.locator("#code").fill(code.lower().replace("-", ""))
    page.get_by_role("button", name="查询", exact=True).tap()
    expect(page.locator("#standing")).to_contain_text(number)
    expect(page.locator(".timeline li")).to_have_count(1)
    expect(page.locator("#kept .card")).to_contain_text(number)

    neighbour = sit_down(None, PHONE, at=lamp).at("/zh/report")
    here(neighbour)
    neighbour.locator("#near .card", has_text="路灯").get_by_role("button", name="我也遇到").tap()
    expect(neighbour.locator("#what-title")).to_be_hidden()
    neighbour.locator("#phone").fill("13800001111")
    neighbour.locator("#send").tap()
    expect(neighbour.locator("#thanks .facts dd")).to_have_text(number)
    assert reports_at(city, lamp) == 2
    assert neighbour.locator("#thanks .code strong").inner_text() != code


def test_a_network_that_breaks_off_makes_no_second_report(city: City, sit_down: Callable[..., Person]) -> None:
    lamp = city.next_lamp()
    citizen = sit_down(None, PHONE, at=lamp)
    citizen.watcher.expected.append("Failed to load resource")
    page = citizen.at("/zh/report")
    here(page)
    dark_lamp(page)

    def lose_the_answer(route: Route) -> None:
        route.fetch()  # the server has it, the phone does not know
        route.abort("connectionreset")

    page.route("**/zh/report", lose_the_answer, times=1)
    page.locator("#send").tap()
    expect(page.locator("#problem")).to_contain_text("没有丢失")
    assert reports_at(city, lamp) == 1
    page.locator("#send").tap()
    expect(page.locator("#thanks .code strong")).to_be_visible()
    assert reports_at(city, lamp) == 1


def test_a_page_that_is_loaded_again_begins_where_it_was_left(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down(None, PHONE, at=city.next_lamp()).at("/zh/report")
    expect(page.locator("#meant")).to_be_hidden()
    page.locator("#own-words").fill("路边有一堆渣土")
    page.locator("#meant").get_by_role("button", name="积存渣土").tap()
    expect(page.locator("#service-rubble")).to_be_checked()
    expect(page.get_by_text("有几堆？")).to_be_visible()
    page.locator("#find").fill("坑洼")
    expect(page.locator("label[for=service-street-lamp]")).to_be_hidden()
    page.locator("label[for=service-road-damage]").tap()
    page.locator("#own-words").fill("坑很深")
    expect(page.locator("#meant")).to_be_hidden()
    here(page)
    place = page.locator("#where").inner_text()
    page.reload()
    expect(page.locator("#where")).to_have_text(place.strip())
    expect(page.locator("#own-words")).to_have_value("坑很深")
    expect(page.locator("#service-road-damage")).to_be_checked()


def test_without_scripts_the_form_is_sent_all_the_same(
    city: City, sit_down: Callable[..., Person], photo: Path
) -> None:
    citizen = sit_down(None, {**PHONE, "java_script_enabled": False})
    citizen.watcher.expected.append("422")
    page = citizen.page
    page.goto(city.url + "/en/report")
    expect(page.locator("#map-field")).to_be_hidden()
    expect(page.get_by_text("About how large is it?")).to_be_hidden()
    page.locator("label[for=service-road-damage]").tap()
    expect(page.get_by_text("About how large is it?")).to_be_visible()
    page.get_by_text("Like a door").tap()
    page.locator("input[type=file]").set_input_files(photo)
    page.locator("#send").tap()
    expect(page.locator("form > .error")).to_contain_text("The place is missing")
    expect(page.locator("#service-road-damage")).to_be_checked()
    page.locator("#address").fill("in front of the school")
    page.locator("#send").tap()
    expect(page.locator(".code strong")).to_be_visible()
    page.get_by_role("link", name="中文").tap()
    expect(page.locator("h1")).to_have_text("上报问题")


def test_the_public_map_opens_a_case_and_its_feed_is_named(city: City, sit_down: Callable[..., Person]) -> None:
    lamp = city.next_lamp()
    citizen = sit_down(None, PHONE, at=lamp)
    page = citizen.at("/zh/report")
    here(page)
    dark_lamp(page)
    page.locator("#send").tap()
    number = page.locator("#thanks .facts dd").inner_text()
    citizen.at("/zh/report/map")
    expect(page.locator("#list a").first).to_be_visible()
    page.locator("#choice").get_by_text("办理中").tap()
    page.evaluate("([lon, lat]) => cityMap.jumpTo({ center: [lon, lat], zoom: 18 })", [lamp.lon, lamp.lat])
    expect(page.locator("#list a", has_text="路灯")).to_have_count(1)
    page.wait_for_function("cityMap.queryRenderedFeatures({ layers: ['case-point'] }).length === 1")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("#chosen a").tap()
    expect(page.locator("#case")).to_contain_text(number)
    expect(page.locator("#case .timeline li")).to_have_count(1)
    page.get_by_role("link", name="我也遇到").tap()
    expect(page.locator("#joined")).to_contain_text("路灯")
    expect(page.locator("#what-title")).to_be_hidden()
