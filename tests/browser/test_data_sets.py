"""The catalogue in a real browser: a steward describes a data set, a secret one is refused, its assets are taken out as a file (C3)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Person


def test_a_steward_describes_a_data_set_and_takes_it_out(sit_down: Callable[..., Person], tmp_path: Path) -> None:
    steward = sit_down("steward")
    steward.watcher.expected.append("422")
    page = steward.at("/data-sets")
    row = page.locator("#sets tr[data-source=demonstration]")
    row.get_by_role("button", name="登记").click()
    dialog = page.locator("#describe")
    dialog.locator("[name=contact]").fill("数据科 12319")
    dialog.locator("[name=classification]").select_option("secret")
    dialog.get_by_role("button", name="保存").click()
    expect(page.locator("#describe [data-fault]")).to_contain_text("不得进入本系统")
    dialog.locator("[name=classification]").select_option("internal")
    dialog.get_by_role("button", name="保存").click()
    expect(row).to_contain_text("数据科 12319")
    row.get_by_role("button", name="导出").click()
    with page.expect_download() as taken:
        page.locator("#export").get_by_role("button", name="下载").click()
    assert taken.value.suggested_filename.endswith(".gpkg")
    file = tmp_path / "taken.gpkg"
    taken.value.save_as(file)
    with sqlite3.connect(file) as content:
        assert content.execute("select count(*) from street_lamp").fetchone()[0] > 100
