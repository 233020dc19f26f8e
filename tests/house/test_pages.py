"""Pages hold together without a browser: icons, modules, styles and permissions that they name exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from config.permissions import GRANTS, PERMISSIONS
from dashboards import assets, pages, states
from dashboards.pages import City, Viewer
from dispatch.workflow import FINAL, STATES

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((assets.STATIC / "js").rglob("*.js"))
TEMPLATES = sorted((ROOT / "dashboards" / "templates").glob("*.html"))
CITY = City("云澜市", "Asia/Shanghai", "2026-11-23T00:00:00+00:00", "115.6,38.4,115.7,38.5", ("© somebody",))


def viewer(post: str, locale: str = "zh") -> Viewer:
    return Viewer("someone", "某人", locale, (post,), frozenset(GRANTS[post]))


def shown_icons() -> set[str]:
    calls = [
        call for file in [*SCRIPTS, *TEMPLATES] for call in re.findall(r"\bicon\(([^)]*)\)", file.read_text("utf-8"))
    ]
    named = {name for call in calls for name in re.findall(r'"([a-z0-9-]+)"', call)}
    handed_on = set(re.findall(r'show\("\w+", "([a-z-]+)"', (assets.STATIC / "js" / "notify.js").read_text("utf-8")))
    return named | handed_on | {page.icon for page in pages.PAGES}


def test_icons_are_those_that_pages_show() -> None:
    assert shown_icons() == set(assets.ICONS)


def test_the_sprite_holds_every_icon() -> None:
    sprite = assets.icon_sprite()
    assert [name for name in assets.ICONS if f'id="{name}"' not in sprite] == []


def test_files_from_npm_are_named_in_package_json() -> None:
    vendor = json.loads((ROOT / "package.json").read_text("utf-8"))["vendor"]
    named = {f"/static/vendor/{package}/{file}" for package, files in vendor.items() for file in files}
    text = "".join(file.read_text("utf-8") for file in [*SCRIPTS, *TEMPLATES])
    asked = set(re.findall(r"/static/vendor/[\w@./-]+", text))
    assert asked
    assert asked <= named


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.path)
def test_every_module_of_a_page_exists(page: pages.Page) -> None:
    modules = assets.modules_of(page.script)
    assert f"/static/js/{page.script}" in modules
    own = [address for address in modules if not address.startswith("/static/vendor/")]
    assert [address for address in own if not (assets.STATIC / address.removeprefix("/static/")).exists()] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_small_and_free_of_html(script: Path) -> None:
    text = script.read_text("utf-8")
    assert len(text.splitlines()) <= 250
    assert text.startswith("//")
    assert "innerHTML" not in text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_need_no_inline_script_or_style(template: Path) -> None:
    text = template.read_text("utf-8")
    assert not re.search(r"\son\w+=|\sstyle=|<style", text)
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert "src=" in attributes or 'type="application/json"' in attributes


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.path)
def test_every_page_can_be_drawn_in_both_languages(page: pages.Page, locale: str) -> None:
    html = pages.draw(page, viewer("leader", locale), CITY, "token")
    assert 'content="token"' in html
    assert "© somebody" in html
    assert ('lang="zh-CN"' in html) == (locale == "zh")


def test_pages_name_permissions_that_exist() -> None:
    assert {page.permission for page in pages.PAGES} <= set(PERMISSIONS)


@pytest.mark.parametrize(
    ("post", "path"),
    [
        ("intake_operator", "/map"),
        ("inspector", "/inspector"),
        ("unit_desk", "/unit"),
        ("handler", "/unit"),
        ("assessor", "/evaluation"),
        ("leader", "/map"),
    ],
)
def test_each_post_begins_its_day_on_its_own_page(post: str, path: str) -> None:
    assert pages.home_of(viewer(post)) == path


def test_states_say_who_has_the_case() -> None:
    groups = {state: states.group_of(state) for state in STATES}
    assert {state for state, group in groups.items() if group == "ended"} == set(FINAL)
    assert {state for state, group in groups.items() if group == "field"} == {"verifying", "checking"}
    assert {state for state, group in groups.items() if group == "unit"} == {"dispatched", "handling"}


def test_names_in_a_page_cannot_break_out_of_it() -> None:
    sly = Viewer("sly", "<script>alert(1)</script>", "zh", ("leader",), frozenset(GRANTS["leader"]))
    assert "<script>alert" not in pages.draw(pages.PAGES[0], sly, CITY, '"><script>')
