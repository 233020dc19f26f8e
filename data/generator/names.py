"""Chinese names and their English forms.

Stems of two characters are built from words of good omen, as in real Chinese street plans; the English form is the
stem in pinyin without tones and the translated kind of thing (Yunzhong Avenue).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from pypinyin import lazy_pinyin

CITY = ("云澜市", "Yunlan City")
DISTRICT = ("澜河区", "Lanhe District")
RIVER = ("云澜河", "Yunlan River")
STREAMS = (("清水河", "Qingshui River"), ("槐沙河", "Huaisha River"), ("南石河", "Nanshi River"),
           ("柳溪河", "Liuxi River"))  # fmt: skip
CANAL = ("运粮河", "Yunliang Canal")
MIDDLE_CANAL = ("中心渠", "Zhongxin Canal")
SOUTH_CANAL = ("民生渠", "Minsheng Canal")
MOAT = ("护城河", "City Moat")
LAKE = ("澜湖", "Lan Lake")

ENGLISH_KIND = {
    "大道": "Avenue",
    "大街": "Street",
    "路": "Road",
    "街": "Street",
    "巷": "Lane",
    "里": "Court",
    "桥": "Bridge",
    "公园": "Park",
    "社区": "Community",
    "街道": "Sub-district",
    "小区": "Estate",
    "小学": "Primary School",
    "中学": "Middle School",
    "医院": "Hospital",
    "市场": "Market",
    "广场": "Square",
    "水厂": "Water Plant",
    "站": "Stop",
}
DIGITS: tuple[str, ...] = ("", *"一二三四五六七八九")
DIRECTIONS = {"东": "East", "西": "West", "南": "South", "北": "North"}

NORTH_BANK = ("云中", "澜北", "文昌", "永定", "望岳", "西关", "石门")
SOUTH_BANK = ("澜南", "新桥", "东苑", "南湖", "杏林")
COMMUNITIES = ("文庙", "鼓楼", "槐树", "东风", "书院", "平安", "翠园", "古井", "育英", "红旗", "建国", "向阳")
STREETS = [
    "云中", "文昌", "建业", "和平", "迎宾", "育才", "振兴", "朝阳", "友谊", "光明", "永安", "青年", "长宁", "学府", "康乐",
    "兴华", "瑞祥", "景明", "槐安", "柳荫", "桃源", "松涛", "翠竹", "丹桂", "芙蓉", "金桥", "银杏", "龙泉", "凤鸣", "鹤园",
]  # fmt: skip
FIRST = "安宝昌春德东丰福富广海和恒宏华惠吉嘉金锦景康乐礼隆民明宁平祺清庆仁荣瑞盛顺泰天万文祥新兴学雅永裕元泽正中"
SECOND = "安昌成德丰福光海和华惠吉康宁平庆荣盛顺泰通旺文祥兴阳业怡谊益义源远云泽"

READ_AS = {"朝阳": "Chaoyang", "长宁": "Changning"}

Stems = Iterator[str]


def romanise(stem: str) -> str:
    """云中 → Yunzhong; 朝 and 长 as names of streets have them."""
    if stem in READ_AS:
        return READ_AS[stem]
    return "".join(lazy_pinyin(stem)).capitalize()


def english(name: str) -> str:
    """滨河北路 → Binhe North Road, 文昌十二巷 → Wenchang Lane 12: stem in pinyin; direction, kind and number translated."""
    for kind in sorted(ENGLISH_KIND, key=len, reverse=True):
        if name.endswith(kind) and len(name) > len(kind):
            own, number = _numbered(name.removesuffix(kind))
            after = f" {number}" if number else ""
            if len(own) > 2 and own[-1] in DIRECTIONS:
                return f"{romanise(own[:-1])} {DIRECTIONS[own[-1]]} {ENGLISH_KIND[kind]}{after}"
            return f"{romanise(own)} {ENGLISH_KIND[kind]}{after}"
    return romanise(name)


def stem(name: str) -> str:
    """文昌路 → 文昌: a street's name without its kind."""
    for kind in ("大道", "大街", "路", "街", "巷"):
        if name.endswith(kind) and len(name) > len(kind) + 1:
            return name.removesuffix(kind)
    return name


def numeral(number: int) -> str:
    """1 → 一, 12 → 十二, 40 → 四十; 1 to 99."""
    tens, ones = divmod(number, 10)
    return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + DIGITS[ones]


def _numbered(name: str) -> tuple[str, int]:
    """文昌十二 → (文昌, 12); a name of two characters has no number."""
    end = len(name)
    while end > 2 and name[end - 1] in "一二三四五六七八九十":
        end -= 1
    tens, ten, ones = name[end:].rpartition("十")
    count = (DIGITS.index(tens) or 1) if ten else 0
    return name[:end], 10 * count + DIGITS.index(ones)


def stems(rng: np.random.Generator, first: list[str] | None = None) -> Iterator[str]:
    """Stems without repetition: the well-known ones first, then pairs, then pairs with a number."""
    known = list(STREETS if first is None else first)
    yield from known
    pairs = [a + b for a in FIRST for b in SECOND if a != b and a + b not in known]
    order = rng.permutation(len(pairs))
    yield from (pairs[i] for i in order)
    for number in "一二三四五六七八九十":
        yield from (pairs[i] + number for i in order)
