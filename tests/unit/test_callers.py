"""Who calls: one form for a number, masks, seals; who may know; what makes a repeat caller; which article fits (C4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.errors import InvalidInput
from dispatch.calls import callers, knowledge, records, rights
from dispatch.calls.callers import Caller
from gis.actors import Actor
from gis.vault import DEFAULT_FAMILY, Key, KeyRing

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = KeyRing({1: Key(1, DEFAULT_FAMILY, b"c" * 32, b"i" * 32)})


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("138 0013-8000", "13800138000"),
        ("+86 13800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("8613", "8613"),
        ("010-6512 3456", "01065123456"),
        ("+44 20 7946 0958", "00442079460958"),
        ("65123456x12", "65123456x12"),
        ("110", "110"),
        ("", ""),
    ],
)
def test_a_number_has_one_form(written: str, number: str) -> None:
    assert callers.number_of(written) == number


@pytest.mark.parametrize("written", ["12", "刘女士", "138001380001380013800", "13800138000; drop", "١٢٣٤٥"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(InvalidInput):
        callers.number_of(written)


@pytest.mark.parametrize(
    ("number", "masked"), [("13800138000", "138****8000"), ("65123456", "65****56"), ("110", "**0"), ("", "")]
)
def test_a_masked_number_cannot_be_called(number: str, masked: str) -> None:
    assert callers.masked_number(number) == masked


def test_a_caller_is_sealed_and_found_by_the_number() -> None:
    who = callers.caller(" 刘  女士 ", "138 0013 8000")
    columns = callers.sealed(who, KEYS, confidential=True)
    assert b"13800138000" not in columns["caller_cipher"]
    assert columns["number_index"] in KEYS.indexes("13800138000")
    assert callers.opened(columns, KEYS) == Caller("刘 女士", "13800138000")


def test_nobody_is_sealed_as_nothing() -> None:
    columns = callers.sealed(Caller(), KEYS, confidential=False)
    assert {name: value for name, value in columns.items() if name != "confidential"} == dict.fromkeys(
        ("caller_index", "caller_cipher", "caller_algorithm", "caller_key_version", "number_index")
    )
    assert callers.opened(columns, KEYS) == Caller()


@pytest.mark.parametrize(
    ("post", "account", "confidential", "knows"),
    [
        ("intake_operator", 1, True, True),
        ("intake_operator", 2, True, False),
        ("intake_operator", 2, False, True),
        ("shift_leader", 3, True, True),
        ("dispatcher", 1, False, False),
        ("leader", 4, False, False),
        ("assessor", 5, True, False),
        ("administrator", 6, True, False),
    ],
)
def test_who_may_know_a_caller(post: str, account: int, confidential: bool, knows: bool) -> None:
    assert rights.may_know(Actor(account, "x", "x", posts=(post,)), 1, confidential) is knows


def call(days_ago: float, *cases: tuple[int, bool]) -> dict[str, Any]:
    return {
        "begun_at": NOW - timedelta(days=days_ago),
        "cases": [{"id": case, "closed_at": None if is_open else NOW} for case, is_open in cases],
    }


def test_three_calls_in_a_month_make_a_repeat_caller() -> None:
    said = records.hint([call(1, (7, True)), call(3, (7, True), (8, False)), call(30), call(31)], NOW)
    assert said == {"recent": 3, "open_cases": [7], "repeat": True}
    assert not records.hint([call(1), call(3), call(31)], NOW)["repeat"]


def article(title: str, title_en: str = "", keywords: str = "", body: str = "…", answered: int = 0) -> dict[str, Any]:
    return {
        "title": title,
        "title_en": title_en,
        "keywords": keywords,
        "body": body,
        "body_en": "",
        "answered": answered,
    }


ARTICLES = [
    article("大件垃圾预约清运", "Bulky waste", "家具 沙发", "拨打社区电话预约。", 3),
    article("养犬登记", "Dog registration", "狗证", "携带免疫证明。", 9),
    article("夜间施工", "Night works", "噪音", "垃圾清运不得在夜间进行。"),
]
TYPED = ["dajianlajiyuyueqingyun djljyyqy", "yangquandengji yqdj", "yejianshigong yjsg"]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("垃圾", ["大件垃圾预约清运", "夜间施工"]),
        ("yqdj", ["养犬登记"]),
        ("dajian 沙发", ["大件垃圾预约清运"]),
        ("dog", ["养犬登记"]),
        ("垃圾 养犬", []),
        ("", ["养犬登记", "大件垃圾预约清运", "夜间施工"]),
    ],
)
def test_articles_are_found_by_words_pinyin_and_english(words: str, titles: list[str]) -> None:
    assert [one["title"] for one in knowledge.found(ARTICLES, words, TYPED)] == titles
