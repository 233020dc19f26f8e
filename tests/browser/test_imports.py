"""The steward's page: a file handed in, its difference looked at in table and map, applied, undone (C3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from gis.importing import mappings
from tests.browser.conftest import City, Person

MAPPING = """
source = "bins"
reference = "{code}"
kind = "litter_bin"
name = "{road}"
system = "wgs84"
geometry = { x = "lon", y = "lat" }
"""


def test_a_steward_imports_a_layer(city: City, sit_down: Callable[..., Person], tmp_path: Path) -> None:
    with city.engine.begin() as db:
        mappings.save(db, "bins", MAPPING, None)
    lamp = city.next_lamp()
    rows = [f"B{n},人民路{n}号,{lamp.lon + n * 1e-4},{lamp.lat}" for n in range(40)]
    path = tmp_path / "bins.csv"
    path.write_text("\n".join(["code,road,lon,lat", *rows, "B99,零点,0,0"]), encoding="utf-8")
    page = sit_down("steward").at("/imports")
    expect(page.locator("#hand-in")).to_be_visible()
    page.locator("#file").set_input_files(path)
    page.locator("#mapping").select_option("bins")
    page.get_by_role("button", name="预览").click()
    expect(page.locator('[data-change="added"] strong')).to_have_text("40")
    expect(page.locator("#changes tbody tr")).to_have_count(40)
    expect(page.locator(".reasons")).to_contain_text("at_zero")
    expect(page.locator('#map[data-map="idle"]')).to_be_visible()
    page.locator("#changes tbody tr").nth(3).click()
    expect(page.locator('#changes tr[aria-current="true"]')).to_have_count(1)
    serious = [
        found["id"] for found in Axe().run(page).response["violations"] if found["impact"] in ("serious", "critical")
    ]
    assert serious == []
    page.locator('[data-step="apply"]').click()
    expect(page.locator('.detail [data-run="applied"]')).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator('[data-step="undo"]').click()
    expect(page.locator('.detail [data-run="undone"]')).to_be_visible()
    expect(page.locator("#runs .row").first).to_contain_text("撤销")


NETWORK = """[JUNCTIONS]
 A 10 1
 B 12 1
[RESERVOIRS]
 R 50
[PIPES]
 P1 R A 100 200 100 0 Open
 P2 A B 100 200 100 0 Open
[COORDINATES]
 R {west} {south}
 A {east} {south}
 B {east} {north}
[OPTIONS]
 UNITS LPS
 HEADLOSS H-W
[END]
"""


def test_what_is_missing_is_said_beside_its_field_and_a_network_comes_in(
    city: City, sit_down: Callable[..., Person], tmp_path: Path
) -> None:
    lamp = city.next_lamp()
    path = tmp_path / "支线.inp"
    place = {"west": lamp.lon, "south": lamp.lat, "east": lamp.lon + 0.001, "north": lamp.lat + 0.001}
    path.write_text(NETWORK.format(**place), encoding="utf-8")
    table = tmp_path / "lamps.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    steward = sit_down("steward")
    steward.watcher.expected.append("status of 422")
    page = steward.at("/imports")
    page.locator("#file").set_input_files(table)
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#mapping-problem")).to_contain_text("没有映射")
    expect(page.locator("#mapping")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#notes .note")).to_have_count(0)
    page.locator("#kind").select_option("osm")
    expect(page.locator("#mapping-problem")).to_be_hidden()
    expect(page.locator("#grids")).to_have_value("streets")
    page.locator("#kind").select_option("layer")

    page.locator("#own-mapping").click()
    expect(page.locator("#columns")).to_contain_text("a")
    expect(page.locator("#mapping-name")).to_have_value("lamps")

    steward.at("/imports")
    page.locator("#file").set_input_files(path)
    expect(page.locator("#kind")).to_have_value("epanet")
    expect(page.locator("#kind-says")).to_contain_text("EPANET 2")
    expect(page.locator("#mapping-field")).to_be_hidden()
    expect(page.locator("#system")).to_have_value("")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#system-problem")).to_contain_text("不会猜测")
    page.locator("#system").fill("EPSG:1")
    page.get_by_role("button", name="预览").click()
    expect(page.locator("#hand-in-problem")).to_contain_text("EPSG:1")
    page.locator("#system").fill("wgs84")
    page.get_by_role("button", name="预览").click()
    expect(page.locator('[data-change="added"] strong')).to_have_text("5")
    page.locator('[data-step="discard"]').click()
    expect(page.locator('.detail [data-run="discarded"]')).to_be_visible()
