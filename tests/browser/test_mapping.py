"""A steward makes a mapping: a GBK table with Chinese headers in BD-09 becomes lamps on the map, the wrong row said in its place (C3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from gis import coordinates
from tests.browser.conftest import City, Person

HEADER = "灯杆编号,路名,BD经度,BD纬度,杆高(cm),功率（W）,光源,状况"
TOO_STRONG = 7
"""The row (from 1) whose lamp would take more watts than the register accepts."""


def census(city: City, rows: int = 24) -> bytes:
    """Lamps where lamps of the city stand, in BD-09 and GBK."""
    with city.engine.begin() as db:
        places = db.execute(
            text("""
                select st_x(geom) as lon, st_y(geom) as lat from gis.asset
                where kind = 'street_lamp' and source <> '路灯普查' order by id limit :rows
            """),
            {"rows": rows},
        ).all()
    lines = [HEADER]
    for number, place in enumerate(places, start=1):
        lon, lat = coordinates.from_wgs84(place.lon, place.lat, "bd09")
        watts = 9_999_999 if number == TOO_STRONG else 150
        light = "LED灯" if number % 2 else "钠灯"
        lines.append(f"LD-{number:03},人民路{number}号,{lon:.7f},{lat:.7f},850,{watts},{light},完好")
    return "\r\n".join(lines).encode("gbk")


def handed_in(person: Person, path: Path) -> Page:
    page = person.at("/imports/mapping")
    page.locator("#file").set_input_files(path)
    expect(page.locator('#mapping[data-state="looked"]')).to_be_visible()
    return page


def test_a_steward_makes_a_mapping_and_sees_its_lamps_on_the_map(
    city: City, sit_down: Callable[..., Person], tmp_path: Path
) -> None:
    path = tmp_path / "路灯普查.csv"
    path.write_bytes(census(city))
    person = sit_down("steward")
    page = handed_in(person, path)

    # What the columns suggest.
    expect(page.locator("#choose-encoding")).to_have_value("GB18030")
    expect(page.locator("#kind")).to_have_value("street_lamp")
    expect(page.locator("#reference")).to_have_value("{灯杆编号}")
    expect(page.locator('tr[data-column="杆高(cm)"] select')).to_have_value("height_m")
    expect(page.locator("#missing")).to_contain_text("坐标系")
    expect(page.locator("#go-on")).to_be_disabled()

    # The right system lies nearest to streets, but is chosen on the map by the steward.
    expect(page.locator(".system").first).to_have_attribute("data-system", "bd09")
    expect(page.locator('.system[aria-checked="true"]')).to_have_count(0)
    expect(page.locator('#map[data-map="idle"]')).to_be_visible()
    choose_on_the_map(page, 0)
    expect(page.locator('.system[data-system="bd09"]')).to_have_attribute("aria-checked", "true")

    # Words translated, a value for all, the bad row in its place.
    light = page.locator('tr[data-column="光源"]')
    light.get_by_role("button").click()
    page.locator('tr[data-of="光源"] .words label', has_text="钠灯").locator("input").fill("高压钠灯")
    page.locator('tr[data-of="光源"] .words label', has_text="LED灯").locator("input").fill("LED")
    page.locator('tr[data-of="光源"] .words label', has_text="LED灯").locator("input").press("Tab")
    page.locator(".constants .add").select_option("lamp_type")
    page.locator(".constants label", has_text="灯具类型").locator("input").fill("路灯A")
    page.locator(".constants label", has_text="灯具类型").locator("input").press("Tab")
    expect(page.locator("#rows tbody tr")).to_have_count(24)
    expect(page.locator('#rows tr[data-taken="false"]')).to_have_count(1)
    expect(page.locator(f'#rows tr[data-row="{TOO_STRONG}"]')).to_contain_text(
        "台账不接受的值 额定功率 = 9999999.0 不得大于 5000 W"
    )
    first = page.locator('#rows tr[data-row="2"]')
    expect(first).to_contain_text("8.5")
    expect(first).to_contain_text("高压钠灯")
    expect(first).to_contain_text("路灯A")
    serious = [
        found["id"] for found in Axe().run(page).response["violations"] if found["impact"] in ("serious", "critical")
    ]
    assert serious == []

    # Kept under a name, then the difference, then in force.
    page.locator("#mapping-name").fill("路灯普查-试")
    page.locator("#go-on").click()
    page.wait_for_url("**/imports#*")
    expect(page.locator('.detail [data-change="added"] strong')).to_have_text("23")
    expect(page.locator(".reasons")).to_contain_text("额定功率 = 9999999.0 不得大于 5000 W")
    page.locator('[data-step="apply"]').click()
    expect(page.locator('.detail [data-run="applied"]')).to_be_visible()
    with city.engine.begin() as db:
        stands = db.execute(
            text("select attributes, id, st_x(geom) as lon, st_y(geom) as lat from gis.asset where source = '路灯普查'")
        ).all()
    assert len(stands) == 23
    assert stands[1].attributes == {
        "height_m": 8.5, "power_w": 150.0, "source": "高压钠灯", "lamp_type": "路灯A",
    }  # fmt: skip
    answer = person.context.request.get(
        f"{city.url}/api/assets", params={"lon": stands[1].lon, "lat": stands[1].lat, "within_m": 1}
    )
    assert stands[1].id in {found["id"] for found in answer.json()}

    # The mapping is there for the next delivery, with who made it.
    page = person.at("/imports/mapping")
    expect(page.locator("#start option", has_text="路灯普查-试")).to_have_count(1)


def choose_on_the_map(page: Page, candidate: int) -> None:
    """Click a shape of a candidate where it is drawn and no other candidate lies over it."""
    point = page.wait_for_function(
        """(candidate) => {
            const map = window.cityMap;
            if (!map.isStyleLoaded() || !map.getLayer('systems-point')) return null;
            const drawn = map.queryRenderedFeatures({ layers: ['systems-point'] });
            const alone = drawn.find((feature) => {
                if (feature.properties.candidate !== candidate) return false;
                const at = map.project(feature.geometry.coordinates);
                const box = [[at.x - 6, at.y - 6], [at.x + 6, at.y + 6]];
                return map.queryRenderedFeatures(box, { layers: ['systems-point'] }).every((one) => one.properties.candidate === candidate);
            });
            if (!alone) return null;
            const { x, y } = map.project(alone.geometry.coordinates);
            return { x, y };
        }""",
        arg=candidate,
    ).json_value()
    page.locator("#map canvas").click(position={"x": point["x"], "y": point["y"]})


@pytest.fixture
def english(sit_down: Callable[..., Person]) -> Iterator[Person]:
    """The steward, who reads English for the time of a test."""
    person = sit_down("steward")
    page = person.at("/imports/mapping")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("button", name="中文")).to_be_visible()
    yield person
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="English")).to_be_visible()


def test_in_english_a_mapping_is_changed_and_texts_are_read_again(city: City, english: Person, tmp_path: Path) -> None:
    path = tmp_path / "lamps.csv"
    path.write_bytes(census(city, 5))
    english.watcher.expected.append("422")  # a mapping of other columns cannot be tried
    page = handed_in(english, path)
    expect(page.locator("#missing")).to_contain_text("the coordinate system")
    page.locator("#choose-encoding").select_option("ISO-8859-1")
    expect(page.locator("tr[data-column]").first).not_to_have_attribute("data-column", "灯杆编号")
    page.locator("#choose-encoding").select_option("GB18030")
    expect(page.locator("tr[data-column]").first).to_have_attribute("data-column", "灯杆编号")
    page.locator("#start").select_option("bristol-streetlights")
    expect(page.locator("#preview .error")).to_contain_text("The file has no column 'longitude'")
    slow: list[Route] = []
    page.route("**/api/mappings/candidates", lambda route: slow.append(route), times=1)
    page.locator("#at-x").select_option("BD经度")
    page.locator("#at-y").select_option("BD纬度")
    expect(page.locator('.system[data-system="bd09"]')).to_be_visible()
    with page.expect_response("**/api/mappings/candidates"):
        slow[0].continue_()  # what was asked first is answered last
    page.locator('.system[data-system="bd09"]').click()
    expect(page.locator("#preview .summary")).to_contain_text("5 of the first 5 rows would be taken")
    with page.expect_download() as downloaded:
        page.locator("#take-out").click()
    assert 'x = "BD经度"' in downloaded.value.path().read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.csv", b"\n", "空.csv"),
        ("乱.csv", bytes(range(256)) * 40, "不是文本"),
        ("宽.csv", ",".join(f"c{n}" for n in range(600)).encode() + b"\n" + b"1," * 599 + b"1\n", "600 列"),
    ],
)
def test_what_cannot_be_read_is_said_on_the_page(
    city: City, sit_down: Callable[..., Person], tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    person = sit_down("steward")
    person.watcher.expected.append("Failed to load resource")
    page = person.at("/imports/mapping")
    page.locator("#file").set_input_files(path)
    expect(page.locator("#begin-problem")).to_contain_text(said)


def test_three_hundred_columns_are_found_by_a_filter(
    city: City, sit_down: Callable[..., Person], tmp_path: Path
) -> None:
    path = tmp_path / "路灯.csv"
    names = ["编号", "经度", "纬度", *(f"备用{n}" for n in range(297))]
    row = ["1", "115.62", "38.43", *("x" for _ in range(297))]
    path.write_text(",".join(names) + "\n" + ",".join(row) + "\n", encoding="utf-8")
    page = handed_in(sit_down("steward"), path)
    expect(page.locator("tr[data-column]")).to_have_count(300)
    page.locator("#filter-columns").fill("用296")
    expect(page.locator("tr[data-column]")).to_have_count(1)
