"""The search box finds what was mistyped and addresses; a drawn circle is counted, with table, chart, list and file (S7, C4)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from tests.browser.conftest import City, Person


@pytest.fixture
def road(city: City) -> tuple[str, int]:
    """A road of the city with a name of three characters, and a number of it."""
    with city.engine.begin() as db:
        row = db.execute(
            text(
                "select name, least((attributes -> 'numbers_left' ->> 0)::int, (attributes -> 'numbers_left' ->> 1)::int) as number"
                " from gis.asset where kind = 'road' and length(name) = 3 and attributes ? 'numbers_left' order by id limit 1"
            )
        ).one()
    return row.name, row.number


def test_a_mistyped_road_is_found_marked_and_shown_whole(
    city: City, sit_down: Callable[..., Person], road: tuple[str, int]
) -> None:
    name, number = road
    page = sit_down("leader_shift").at("/map")
    page.locator("#search").fill(name[1] + name[0] + name[2])
    first = page.locator("#search-list [role=option]").first
    expect(first.locator("span")).to_have_text(name)
    expect(first.locator("mark").first).to_be_visible()
    expect(first.locator("small").first).to_have_text("道路")
    first.click()
    expect(page.locator("#map .maplibregl-marker").first).to_be_visible()

    page.locator("#search").fill(f"{name}{number}号")
    first = page.locator("#search-list [role=option]").first
    expect(first).to_contain_text(f"{name}{number}号")
    expect(first).to_contain_text("按门牌号段推算")
    first.click()
    expect(page.locator("#map .maplibregl-marker")).to_have_count(1)


def test_a_circle_is_drawn_and_counted(city: City, sit_down: Callable[..., Person], tmp_path: Path) -> None:
    person = sit_down("leader_shift")
    page = person.at("/map")
    expect(page.locator("#map")).to_have_attribute("data-map", "idle", timeout=30_000)
    page.locator("#count-here").click()
    page.get_by_role("button", name="圆", exact=True).click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y)
    page.mouse.move(x + 60, y)
    page.mouse.click(x + 120, y)
    drawer = page.locator("#count-drawer")
    expect(drawer.locator("tbody tr").first).to_be_visible()
    expect(drawer.locator("svg").first).to_be_visible()
    words = drawer.locator("[role=status]").inner_text()
    total = int(re.sub(r"\D", "", words.split("共")[1]))
    numbers = [int(cell.replace(",", "")) for cell in drawer.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert sum(numbers) == total > 20
    with page.expect_download() as downloading:
        drawer.get_by_role("button", name="表格 CSV").click()
    downloading.value.save_as(tmp_path / "statistics.csv")
    rows = list(csv.DictReader((tmp_path / "statistics.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [int(row["number"]) for row in rows] == numbers
    drawer.locator("summary").click()
    expect(drawer.locator("li").first).to_be_visible()

    page.get_by_role("button", name="社区", exact=True).click()
    expect(drawer.locator("tbody tr").first).to_contain_text("社区")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_a_polygon_ends_with_a_second_click_on_its_last_corner(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("leader_shift").at("/map")
    expect(page.locator("#map")).to_have_attribute("data-map", "idle", timeout=30_000)
    page.locator("#count-here").click()
    page.get_by_role("button", name="多边形", exact=True).click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-80, -60), (90, -40), (10, 80), (10, 80)):
        page.mouse.click(x + dx, y + dy)
    expect(page.locator("#count-drawer [role=status]")).to_contain_text("多边形内共")
    expect(page.locator("#panel")).to_be_hidden()


def test_a_planner_asks_what_is_here_and_counts_one_kind_by_area(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("planner").at("/city")
    expect(page.locator("nav a", has_text="城市地图")).to_be_visible()
    expect(page.locator("#map")).to_have_attribute("data-map", "idle", timeout=30_000)
    with city.engine.begin() as db:
        lon, lat = db.execute(
            text("select st_x(geom), st_y(geom) from gis.asset where kind = 'hydrant' order by id limit 1")
        ).one()
    page.locator("#search").fill(f"{lon:.6f}, {lat:.6f}")
    page.locator("#search-list [role=option]").first.click()
    page.wait_for_function("place => window.cityMap.getZoom() > 16.9 && window.cityMap.loaded()")
    x, y = page.evaluate("place => Object.values(window.cityMap.project(place))", [lon, lat])
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + y, button="right")
    card = page.locator(".here")
    expect(card).to_contain_text(re.compile(r"\d{15}"))
    card.locator("select").select_option("hydrant")
    expect(card.locator("ul").last.locator("li").first).to_contain_text(re.compile(r"· [0-3] m"))
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()

    page.locator("#count-here").click()
    drawer = page.locator("#count-drawer")
    drawer.locator("select").select_option("hydrant")
    drawer.get_by_role("button", name="区县", exact=True).click()
    with city.engine.begin() as db:
        hydrants = db.execute(
            text("select count(*) from gis.asset where kind = 'hydrant' and status <> 'removed'")
        ).scalar_one()
    expect(drawer.locator("tbody td:nth-child(2)")).to_have_text([str(hydrants)])
    drawer.get_by_role("button", name="单元网格", exact=True).click()
    expect(drawer.locator("tbody tr").first).to_contain_text(re.compile(r"\d{15}"))


def test_the_agent_types_an_address_and_reads_where_it_is(
    city: City, sit_down: Callable[..., Person], road: tuple[str, int]
) -> None:
    name, number = road
    page = sit_down("intake").at("/hotline")
    place = page.locator("input[type=search][id^=place-]")
    place.fill(f"{name}{number}号附近")
    page.get_by_role("option").first.click()
    described = page.locator("[data-described]")
    expect(described).to_contain_text(name)
    expect(described).to_contain_text(re.compile(r"\d{12,}"))
    expect(page.locator("#map .maplibregl-marker").first).to_be_visible()


def test_a_bus_line_lists_its_stops_and_says_where_one_clicks(city: City, sit_down: Callable[..., Person]) -> None:
    with city.engine.begin() as db:
        line = db.execute(
            text("select id, attributes from gis.asset where kind = 'bus_line' order by id limit 1")
        ).one()
    calls = line.attributes["stops"]
    page = sit_down("planner").at(f"/city#asset/{line.id}")
    part = page.locator(f"[data-line='{line.id}']")
    expect(part.locator("ol button span:nth-child(2)")).to_have_text([call["name"] for call in calls])
    part.locator("[data-stop='3']").click()
    expect(part.locator("[role=status]")).to_contain_text("共 3 站")
    page.wait_for_function("() => window.cityMap.loaded() && !window.cityMap.isMoving()")
    path = f"/api/lines/{line.id}/along?from_m={calls[1]['at_m'] + 100}&to_m={calls[2]['at_m']}"
    answer = page.evaluate("async path => (await fetch(path)).json()", path)
    x, y = page.evaluate("place => Object.values(window.cityMap.project(place))", answer["shape"]["coordinates"][0])
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + y)
    expect(part.locator(".passages li")).to_have_count(2)
    expect(part.locator(".passages li").first).to_contain_text(f"在{calls[1]['name']}与{calls[2]['name']}之间，上行")
    expect(part.locator(".passages li").last).to_contain_text("下行")


def test_the_name_of_a_kind_lists_the_nearest_of_it(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("planner").at("/city")
    expect(page.locator("#map")).to_have_attribute("data-map", "idle", timeout=30_000)
    page.locator("#search").fill("消火栓")
    first = page.locator("#search-list [role=option]").first
    expect(first).to_contain_text("设施类别")
    first.click()
    expect(first).to_contain_text(re.compile(r"\d k?m"))
    first.click()
    expect(page.locator("#asset-panel")).to_contain_text("消火栓")
