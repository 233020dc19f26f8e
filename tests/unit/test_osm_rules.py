"""Tags decide what an object is; the rules are data."""

from __future__ import annotations

import pytest

from config.errors import InvalidInput, UnreadableFile
from gis.importing.osm_rules import Rules, Shape, read_rules
from gis.importing.runs import load_mapping


@pytest.fixture(scope="module")
def rules() -> Rules:
    return read_rules(load_mapping("osm"))


@pytest.mark.parametrize(
    ("shape", "tags", "kinds"),
    [
        ("line", {"highway": "residential", "name": "人民路"}, ["road"]),
        ("line", {"highway": "primary", "bridge": "viaduct"}, ["road", "bridge"]),
        ("line", {"highway": "primary", "bridge": "no"}, ["road"]),
        ("line", {"railway": "rail", "bridge": "yes"}, ["bridge"]),
        ("line", {"man_made": "pipeline", "substance": "water"}, ["water_main"]),
        ("line", {"man_made": "pipeline", "substance": "sewage"}, ["sewer"]),
        ("line", {"man_made": "pipeline", "substance": "gas"}, ["pipeline"]),
        ("point", {"highway": "street_lamp"}, ["street_lamp"]),
        ("point", {"highway": "traffic_signals"}, ["traffic_signal"]),
        ("point", {"emergency": "fire_hydrant"}, ["hydrant"]),
        ("point", {"amenity": "restaurant"}, []),
        ("area", {"building": "no"}, []),
        ("area", {"natural": "water"}, ["water"]),
        ("area", {"man_made": "bridge"}, ["bridge"]),
        ("route", {"type": "route", "route": "trolleybus"}, ["bus_line"]),
        ("route", {"type": "route", "route": "hiking"}, []),
    ],
)
def test_what_an_object_is(rules: Rules, shape: Shape, tags: dict[str, str], kinds: list[str]) -> None:
    assert [rule.kind for rule in rules.fitting(shape, tags)] == kinds


def test_a_road_that_is_not_built_is_refused_with_the_reason(rules: Rules) -> None:
    (rule,) = rules.fitting("line", {"highway": "proposed"})
    refusal = rule.refusal({"highway": "proposed"})
    assert refusal is not None
    assert refusal[0] == "not_standing"
    assert "highway=proposed" in refusal[1]


def test_attributes_keep_their_values_under_our_names(rules: Rules) -> None:
    tags = {"highway": "primary", "lit": "yes", "oneway": "yes", "surface": "asphalt", "source": "survey"}
    (rule,) = rules.fitting("line", tags)
    assert rule.kept(tags) == {"class": "primary", "lit": "yes", "oneway": "yes", "surface": "asphalt"}


@pytest.mark.parametrize("entry", [{"kind": "lamp"}, {"kind": "lamp", "geometry": "dot", "match": {"a": ["b"]}}])
def test_an_incomplete_rule_is_named(entry: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="lamp"):
        read_rules({"kind": [entry]})


def test_a_mapping_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UnreadableFile) as missing:
        load_mapping("no-such-mapping")
    assert "osm" in str(missing.value)
