"""Taking out of published words what may name or reach a person, and out of published positions what is too exact. Pure.

A mask finds what has a form: numbers, addresses, identifiers, and what the reporter said of themselves. A name in running text has no
form; that is why words are shown only where their sender agreed, and why the centre can withhold a case.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

MASK = "●●●"
SHORTEST_OWN = 2
"""Characters; a shorter name is no name that could be searched for."""

_FORMS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![0-9])[0-9]{15,19}[0-9Xx]?(?![0-9])"),  # ID and bank numbers
    re.compile(
        r"(?:\+|(?<![0-9]))[0-9](?:[ \u00a0()（）-]?[0-9]){6,14}(?![0-9])"
    ),  # telephones, however they are grouped
    re.compile(
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?[A-Z0-9]{5,6}(?![A-Z0-9])"
    ),  # number plates
    re.compile(r"(?i)(?:微信号?|wechat|vx|qq)[号 ::：是]*[A-Za-z0-9_-]{5,20}"),
)


def masked(words: str, own: Iterable[str] = ()) -> str:
    """`words` without telephone numbers, e-mail addresses, ID numbers, number plates, and what the reporter gave as `own`."""
    for each in sorted({part.strip() for part in own}, key=len, reverse=True):
        if len(each) >= SHORTEST_OWN:
            words = re.sub(re.escape(each), MASK, words, flags=re.IGNORECASE)
    for form in _FORMS:
        words = form.sub(MASK, words)
    return words


METRES_PER_DEGREE = 111_320.0
"""Of latitude; on the sphere that is good to half a percent, and a rounded position needs no better."""


def rounded(lon: float, lat: float, step_m: float) -> tuple[float, float]:
    """The middle of the square of `step_m` metres that holds a WGS 84 point; the point itself (to six decimals) for 0.

    Squares are fixed to the Earth: the same place always gives the same middle, so many reports of it do not average out.
    """
    if step_m <= 0:
        return round(lon, 6), round(lat, 6)
    step_lat = step_m / METRES_PER_DEGREE
    middle_lat = (math.floor(lat / step_lat) + 0.5) * step_lat
    step_lon = step_lat / max(math.cos(math.radians(middle_lat)), 0.01)
    middle_lon = (math.floor(lon / step_lon) + 0.5) * step_lon
    return round(middle_lon, 6), round(middle_lat, 6)
