"""From whatever boundaries a source has to areas that tile the city at four levels."""

from __future__ import annotations

from dataclasses import replace

import shapely

from gis.area_plan import LEVELS, Found, Level, plan


def box(ref: str, level: Level, west: float, south: float, east: float, north: float, code: str = "") -> Found:
    return Found(ref, level, ref, shapely.MultiPolygon([shapely.box(west, south, east, north)]), code=code)


def test_a_city_alone_repeats_itself_at_every_level() -> None:
    areas = plan([box("r1", "city", 0, 0, 1, 1)], {}).areas
    assert [area.level for area in areas] == list(LEVELS)
    assert [area.code for area in areas] == ["9900", "990001", "990001001", "990001001001"]
    assert [area.parent_code for area in areas] == [None, "9900", "990001", "990001001"]
    assert all(area.name == "r1" for area in areas)


def test_ground_without_a_boundary_becomes_one_area_of_the_rest() -> None:
    areas = plan(
        [box("r1", "city", 0, 0, 4, 1), box("r2", "community", 0, 0, 1, 1), box("r3", "community", 1, 0, 2, 1)], {}
    ).areas
    communities = [area for area in areas if area.level == "community"]
    assert [area.ref.split("/")[-1] for area in communities] == ["r2", "r3", "rest"]
    assert communities[2].shape.area == 2
    assert (communities[2].name, communities[2].name_en) == ("r1 (rest)", "r1 (rest)")
    assert shapely.union_all([area.shape for area in communities]).area == 4


def test_the_rest_is_named_in_the_language_of_its_city() -> None:
    city = replace(box("r1", "city", 0, 0, 4, 1), name="摩纳哥市", name_en="Monaco")
    areas = plan([city, box("r2", "community", 0, 0, 1, 1)], {}).areas
    assert [(area.name, area.name_en) for area in areas if area.ref.endswith("/rest")] == [
        ("摩纳哥市其余", "Monaco (rest)")
    ]


def test_every_child_begins_with_its_parents_code_and_lies_in_it() -> None:
    found = [
        box("r1", "city", 0, 0, 4, 2, "130100"),
        box("r2", "district", 0, 0, 2, 2, "130102"),
        box("r3", "subdistrict", 0, 0, 2, 1, "130102007"),
        box("r4", "community", 3, 0, 4, 2),
    ]
    areas = plan(found, {}).areas
    codes = {area.code: area for area in areas}
    assert {"1301", "130102", "130102007"} <= codes.keys()
    for area in areas:
        if area.parent_code:
            assert area.code.startswith(area.parent_code)
            assert codes[area.parent_code].shape.buffer(1e-9).covers(area.shape.representative_point())
    assert len(codes) == len(areas)
    assert shapely.union_all([area.shape for area in areas if area.level == "community"]).area == 8


def test_codes_given_before_stay_though_new_boundaries_come() -> None:
    before = plan([box("r1", "city", 0, 0, 2, 1), box("r5", "district", 0, 0, 1, 1)], {}).areas
    kept = {area.ref: area.code for area in before}
    after = plan(
        [box("r1", "city", 0, 0, 2, 1), box("r5", "district", 0, 0, 1, 1), box("r3", "district", 1, 0, 2, 1)], kept
    ).areas
    codes = {area.ref: area.code for area in after}
    assert codes["r5"] == kept["r5"]
    assert len(set(codes.values())) == len(codes)


def test_what_lies_in_no_city_is_named() -> None:
    result = plan([box("r1", "city", 0, 0, 1, 1), box("r2", "district", 5, 5, 6, 6)], {})
    assert [each.ref for each in result.outside] == ["r2"]
