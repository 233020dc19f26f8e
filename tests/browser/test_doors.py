"""What a user of GIS programs does here: makes an access token, uses it, ends it."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import expect

from tests.browser.conftest import City, Person


def test_a_token_is_made_used_and_ended(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("dispatcher").at("/tokens")
    expect(page.locator("#empty")).to_be_visible()
    page.locator("#name").fill("QGIS")
    page.locator("#new button").click()
    code = page.locator("#made code")
    expect(code).to_have_text(re.compile("^cc-"))
    header = {"Authorization": f"Bearer {code.inner_text()}"}
    door = f"{city.url}/ogc/collections/pipes/items?limit=1"
    assert httpx.get(door, headers=header).status_code == 200
    expect(page.locator("#tokens tbody tr")).to_have_count(1)
    page.locator("#tokens button").click()
    expect(page.locator("#empty")).to_be_visible()
    expect(page.locator("#made")).to_be_hidden()
    assert httpx.get(door, headers=header).status_code == 401
