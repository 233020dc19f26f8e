"""Data stewards at the map: an asset found by a click, edited; the second steward meets the conflict; the city as of before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis import organisation
from tests.browser.conftest import City, Person


@pytest.fixture
def lamp(city: City) -> int:
    """A lamp; and a second steward who reads English."""
    with city.engine.begin() as db:
        if not db.execute(text("select 1 from gis.account where username = 'steward2'")).first():
            account = organisation.add_account(db, "steward2", "何志远", "He Zhiyuan", password="demo-steward2")
            organisation.give_post(db, account, "data_steward")
            db.execute(text("update gis.account set locale = 'en' where id = :id"), {"id": account})
        where = "kind = 'street_lamp' and version = 1"
        return int(db.execute(text(f"select id from gis.asset where {where} order by id desc limit 1")).scalar_one())


def open_form(person: Person, asset: int) -> Page:
    page = person.at(f"/map#asset/{asset}")
    panel = page.locator(f"#asset-panel[data-asset='{asset}']")
    expect(panel.locator("h2")).to_be_visible()
    panel.locator("button[data-action=edit]").click()
    expect(panel.locator("form.asset-form")).to_be_visible()
    return page


def test_two_stewards_edit_one_lamp(city: City, lamp: int, sit_down: Callable[..., Person]) -> None:
    first, second = sit_down("steward"), sit_down("steward2")
    second.watcher.expected.append("409")
    second.watcher.expected.append("422")
    one, other = open_form(first, lamp), open_form(second, lamp)

    form = one.locator("form.asset-form")
    form.locator("[name='attributes.power_w']").fill("95")
    form.locator("[name=why]").fill("换装LED")
    form.locator("button.primary").click()
    expect(one.locator("#asset-panel dd[data-field='attributes.power_w']")).to_have_text("95 W")
    expect(one.locator("#asset-panel .history li").first).to_contain_text("换装LED")

    form = other.locator("form.asset-form")
    expect(form.locator(".meanwhile")).to_be_visible()
    form.locator("[name='attributes.power_w']").fill("9999")
    form.locator("[name=maintainer]").fill("Bright Ltd")
    form.locator("[name=why]").fill("contract")
    form.locator("button.primary").click()
    conflict = other.locator("form.conflict")
    expect(conflict.locator("tr[data-field='attributes.power_w']")).to_contain_text("95 W")
    expect(conflict).to_contain_text("换装LED")
    conflict.locator("tr[data-field='attributes.power_w'] input[value=mine]").check()
    conflict.locator("button.primary").click()
    wrong = form.locator(".field", has=other.locator("[name='attributes.power_w']")).locator(".wrong")
    expect(wrong).to_have_text("must be at most 5000 W")
    form.locator("[name='attributes.power_w']").fill("95.5")
    form.locator("button.primary").click()
    expect(other.locator("#asset-panel dd[data-field='attributes.power_w']")).to_have_text("95.5 W")
    expect(other.locator("#asset-panel dd[data-field=maintainer]")).to_have_text("Bright Ltd")
    with city.engine.connect() as db:
        row = db.execute(
            text("select version, attributes ->> 'power_w' from gis.asset where id = :id"), {"id": lamp}
        ).one()
    assert tuple(row) == (3, "95.5")


def test_the_map_shows_the_city_as_of_a_moment(city: City, lamp: int, sit_down: Callable[..., Person]) -> None:
    page = sit_down("intake").at(f"/map#asset/{lamp}")
    expect(page.locator("#asset-panel h2")).to_be_visible()
    expect(page.locator("#asset-panel button[data-action=edit]")).to_have_count(0)
    page.locator("#past-menu summary").click()
    page.locator("#past-moment").fill(datetime.now(UTC).strftime("%Y-01-01T12:00"))
    page.locator("#past-menu button").click()
    expect(page.locator("#past")).to_contain_text("01-01 12:00")
    expect(page.locator("#map[data-past-count='0']")).to_be_attached()  # nothing was entered yet
    page.locator("#past button").click()
    expect(page.locator("#past")).to_be_hidden()
