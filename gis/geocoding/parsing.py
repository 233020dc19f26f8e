"""An address as people say it, taken apart. Pure.

Chinese addresses go from the large to the small: 云澜市澜河区云中街道文昌路12号3号楼; places are also told by a crossing
(文昌路与建业街交叉口), by something near (文昌小区附近), by a distance from something (文昌路12号以东50米). Other addresses are road
and number, in either order. What a part means is judged by its last character; whether it exists is for geocode.py to find out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from gis.naming.folding import is_chinese

_DIRECTION_ZH = {"东北": "ne", "东南": "se", "西北": "nw", "西南": "sw", "东": "e", "南": "s", "西": "w", "北": "n"}
_DIRECTION_EN = {
    "northeast": "ne", "southeast": "se", "northwest": "nw", "southwest": "sw", "north-east": "ne", "south-east": "se",
    "north-west": "nw", "south-west": "sw", "east": "e", "south": "s", "west": "w", "north": "n",
}  # fmt: skip
_NUMERALS = "零〇一二两三四五六七八九"
_ROAD_END = r"路|街|道|巷|胡同|弄|里|条|桥|线|公路|高速"

_NEAR_ZH = re.compile(r"(?:的)?(?:附近|旁边|旁|周边|一带|对面|门前|门口|边上)$")
_OFFSET_ZH = re.compile(
    r"^(?:距离?)?(?P<base>.+?)(?:以|往|向|的|偏|正)?(?P<direction>东北|东南|西北|西南|东|南|西|北)(?:侧|边|面|方向|方|部)?"
    rf"(?:大约|约)?(?P<metres>\d+(?:\.\d+)?|[{_NUMERALS}十百千]+)(?P<unit>米|m|公里|千米|km)(?:处|左右|的地方)*$",
    re.IGNORECASE,
)
_CROSSING_ZH = re.compile(
    rf"^(?P<road>.+?(?:{_ROAD_END}))(?:与|和|跟|同|、|/|&|-)?(?P<other>.+?(?:{_ROAD_END}))(?:的)?"
    r"(?:交叉路口|交叉口|交汇处|交汇口|交界处|十字路口|丁字路口|交口|路口|口|转角|拐角|交叉处|相交处)(?:处)?$"
)
_JOINED_ZH = re.compile(rf"^(?P<road>.+?(?:{_ROAD_END}))(?:与|和|跟|同|、|/|&)(?P<other>.+?(?:{_ROAD_END}))$")
_AREA_ZH = re.compile(
    r"^(?P<area>[^路巷号]{1,10}?(?:自治区|省|地区|新区|开发区|市|区|县|旗|街道办事处|街道|镇|乡|社区|居委会))(?=.{2,})(?!路|街(?!道)|巷|大)"
)
_NUMBER_ZH = re.compile(
    rf"^(?P<road>.+?)(?P<before>[甲乙丙丁])?(?P<number>\d{{1,6}}|[{_NUMERALS}十百]{{1,5}})(?:[-之—]\d+)?"
    r"(?P<letter>[甲乙丙丁A-Za-z])?号(?!路|街|桥|线|巷|胡同|楼)(?P<rest>.*)$"
)
_BARE_NUMBER_ZH = re.compile(rf"^(?P<road>.+(?:{_ROAD_END}))(?P<number>\d{{1,5}})$")
"""文昌大街12: whoever is in a hurry leaves 号 out."""
_NEAR_EN = re.compile(r"^(?:near|close to|next to|by|opposite|perto d[aeo]s?|pr[oó]ximo [aà]o?)\s+", re.IGNORECASE)
_OFFSET_EN = re.compile(
    r"^(?P<metres>\d+(?:\.\d+)?)\s*(?P<unit>m|metres?|meters?|km)\s+(?:to the\s+)?"
    rf"(?P<direction>{'|'.join(_DIRECTION_EN)})\s+(?:of|from)\s+(?P<base>.+)$",
    re.IGNORECASE,
)
_CROSSING_EN = re.compile(
    r"^(?:(?:the\s+)?(?:corner|crossing|intersection|junction)\s+of\s+)?(?P<road>[^&]+?)\s+"
    r"(?:&|/|x|at|esquina(?:\s+com)?|com)\s+(?P<other>[^&]+)$",
    re.IGNORECASE,
)
_CORNER_EN = re.compile(
    r"^(?:the\s+)?(?:corner|crossing|intersection|junction)\s+of\s+(?P<road>.+?)\s+(?:and|with)\s+(?P<other>.+)$",
    re.IGNORECASE,
)
_ROAD_FIRST = re.compile(
    r"^(?P<road>[^,]*?[^\W\d][^,]*?)\s*[,\s]\s*(?:n[º°o.]*\s*|no\.?\s*|#)?(?P<number>\d{1,6})(?P<letter>[A-Za-z])?(?:\s*[,–-]\s*(?P<rest>.*))?$",
    re.IGNORECASE,
)
_NUMBER_FIRST = re.compile(
    r"^(?P<number>\d{1,6})(?P<letter>[A-Za-z])?[,\s]+(?P<road>[^\d\s,][^,]{2,}?)(?:\s*,\s*(?P<rest>.*))?$"
)


@dataclass(frozen=True)
class Address:
    """What an address says. `name`: the road, or the place where no number and no crossing is named. `metres` > 0 is a distance
    from all of it in `direction` (n, ne, … nw). Text that nothing was found in is all `name`."""

    name: str = ""
    areas: tuple[str, ...] = ()
    number: int | None = None
    number_text: str = ""
    other: str = ""
    rest: str = ""
    near: bool = False
    metres: float = 0.0
    direction: str = ""

    @property
    def structured(self) -> bool:
        """Whether it says more than a name."""
        return bool(self.areas or self.number is not None or self.other or self.near or self.metres)


def parse(text: str) -> Address:
    """Take an address apart; every text gives one."""
    return readings(text)[0]


def readings(text: str) -> list[Address]:
    """All that a text may mean, the likelier first: in "12 Lane 4" either number may be the house's."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split()).strip(" ,.;，。；")
    if is_chinese(plain):
        return [_chinese(re.sub(r"[\s,，]+", "", plain))]
    return [_other(plain, *order) for order in ((_NUMBER_FIRST, _ROAD_FIRST), (_ROAD_FIRST, _NUMBER_FIRST))]


def number_of(text: str) -> int:
    """107 or 一百零七 → 107; 一零七 → 107."""
    if text.isascii():
        return int(text)
    if not set(text) & set("十百千"):
        return int("".join(str(_digit(letter)) for letter in text))
    total, digit = 0, 0
    for letter in text:
        if letter in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[letter]
            digit = 0
        else:
            digit = _digit(letter)
    return total + digit


def _chinese(text: str) -> Address:
    if found := _OFFSET_ZH.match(text):
        base = _chinese(found["base"])
        if not base.metres:
            return replace(
                base, metres=_metres(found["metres"], found["unit"]), direction=_DIRECTION_ZH[found["direction"]]
            )
    if _NEAR_ZH.search(text) and len(shorter := _NEAR_ZH.sub("", text)) > 1:
        return replace(_chinese(shorter), near=True)
    areas, rest = _areas(text)
    if found := _CROSSING_ZH.match(rest) or _JOINED_ZH.match(rest):
        return Address(found["road"], areas, other=found["other"])
    if found := _NUMBER_ZH.match(rest):
        label = f"{found['before'] or ''}{found['number']}{found['letter'] or ''}"
        return Address(found["road"], areas, number_of(found["number"]), label, rest=found["rest"])
    if found := _BARE_NUMBER_ZH.match(rest):
        return Address(found["road"], areas, int(found["number"]), found["number"])
    return Address(rest, areas)


def _areas(text: str) -> tuple[tuple[str, ...], str]:
    found: list[str] = []
    while match := _AREA_ZH.match(text):
        found.append(match["area"])
        text = text[match.end() :]
    return tuple(found), text


def _other(text: str, first: re.Pattern[str], second: re.Pattern[str]) -> Address:
    if found := _OFFSET_EN.match(text):
        base = _other(found["base"], first, second)
        if not base.metres:
            direction = _DIRECTION_EN[found["direction"].lower()]
            return replace(base, metres=_metres(found["metres"], found["unit"]), direction=direction)
    if found := _NEAR_EN.match(text):
        return replace(_other(text[found.end() :], first, second), near=True)
    if found := _CORNER_EN.match(text) or _CROSSING_EN.match(text):
        return Address(found["road"].strip(), other=found["other"].strip())
    if found := first.match(text) or second.match(text):
        label = f"{found['number']}{found['letter'] or ''}"
        return Address(found["road"].strip(), (), int(found["number"]), label, rest=(found["rest"] or "").strip())
    return Address(text)


def _metres(amount: str, unit: str) -> float:
    value = float(amount) if amount[0].isascii() else float(number_of(amount))
    return value * 1000 if unit.lower() in ("公里", "千米", "km") else value


def _digit(letter: str) -> int:
    return {"〇": 0, "两": 2}.get(letter, "零一二三四五六七八九".find(letter))
