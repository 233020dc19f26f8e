"""Names as they are typed without an input method."""

from __future__ import annotations

import pytest

from dashboards.pinyin import typed


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [("路灯", "ludeng", "ld"), ("雨水箅子", "yushuibizi", "ysbz"), ("LED 屏", "led ping", "led p"), ("", "", "")],
)
def test_chinese_is_spelled_and_the_rest_stays(name: str, pinyin: str, initials: str) -> None:
    assert typed(name) == {"pinyin": pinyin, "initials": initials}
