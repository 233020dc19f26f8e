"""Coordinates typed into the search box are read in either order and in the writings that people paste."""

from __future__ import annotations

import pytest

from gis.geocoding.pairs import points

CITY = (115.6, 38.4, 115.65, 38.45)


@pytest.mark.parametrize(
    "written",
    [
        "115.62,38.43",
        "38.43, 115.62",
        "38.43 115.62",
        "(115.62, 38.43)",
        "115.62；38.43",
        "N38.43 E115.62",
        "38.43N115.62E",
        "38°25'48\"N 115°37'12\"E",
        "38°25'48\"N115°37'12\"E",
        "东经115度37分12秒，北纬38度25分48秒",
        "北纬38度25分48秒东经115度37分12秒",
    ],
)
def test_either_order_and_every_writing_means_the_point_in_the_city(written: str) -> None:
    assert points(written, CITY) == [pytest.approx((115.62, 38.43))]


def test_outside_the_city_nothing_is_guessed() -> None:
    assert points("-30.03,-51.2", CITY) == [(-51.2, -30.03), (-30.03, -51.2)]
    assert points("39.9, 116.4", None) == [(116.4, 39.9)]  # 116.4 is no latitude


@pytest.mark.parametrize(
    "written", ["文昌大街12", "12", "12, 13", "LC-0003", "1-2", "和平路12号", "", "990101001", "1.5"]
)
def test_what_is_no_pair_of_coordinates(written: str) -> None:
    assert points(written, CITY) == []
