"""Every text that people may read has a Chinese translation that is finished and keeps its {places}."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from config import i18n

ROOT = Path(__file__).resolve().parents[2]
PLACE = re.compile(r"\{\w*[^}]*\}")


@cache
def found_where() -> frozenset[tuple[str, str]]:
    """All messages of templates, scripts and Python files, as config/babel.cfg finds them, each with its file."""
    with (ROOT / "config" / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    messages = extract_from_dir(str(ROOT), methods, options, keywords={"_": None})
    return frozenset((file, str(message)) for file, _line, message, _comments, _context in messages)


def found() -> set[str]:
    """All messages, wherever they stand."""
    return {message for _file, message in found_where()}


def test_messages_are_found_everywhere() -> None:
    assert {"Map", "Take a photo", "Sign in", "Nobody is signed in."} <= found()


def test_every_message_is_translated() -> None:
    translated = i18n.catalogue("zh")
    missing = sorted(found() - translated.keys())
    assert not missing, f"{len(missing)} to translate in config/locale/zh (see config/babel.cfg): {missing}"


def test_nothing_is_fuzzy_or_forgotten() -> None:
    messages = [message for message in i18n.read_catalogue("zh") if message.id]
    assert not [message.id for message in messages if message.fuzzy]
    left_over = sorted(str(message.id) for message in messages if message.id not in found())
    assert not left_over, f"no longer used: {left_over}"


def test_translations_keep_the_places_that_are_filled_in() -> None:
    changed = [
        english
        for english, chinese in i18n.catalogue("zh").items()
        if sorted(PLACE.findall(english)) != sorted(PLACE.findall(chinese))
    ]
    assert not changed


def test_scripts_get_only_what_they_say() -> None:
    scripts = i18n.script_catalogue("zh")
    assert scripts["Take a photo"] == "拍照"
    assert "Nobody is signed in." not in scripts


def test_scripts_get_all_they_say() -> None:
    """A message of a script reaches the browser only where its entry names the script (`#: dashboards/static/js/…`)."""
    said = {message for file, message in found_where() if file.endswith(".js")}
    assert not said - i18n.script_catalogue("zh").keys()


def test_a_language_is_chosen_by_the_user_then_by_the_browser() -> None:
    assert i18n.choose("en", "zh-CN") == "en"
    assert i18n.choose(None, "fr-FR,en;q=0.8,zh;q=0.5") == "en"
    assert i18n.choose("xx", "fr") == "zh"


def test_words_are_said_in_the_language_of_the_request() -> None:
    assert i18n._("Sign in") == "Sign in"
    with i18n.use("zh"):
        assert i18n._("Sign in") == "登录"
    assert i18n._("never heard of") == "never heard of"
