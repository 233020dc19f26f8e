"""Kinds of asset as data: every attribute that the city's makers and importers write is known, and schemas judge values."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest

from config.errors import ConfigurationError, InvalidInput
from config.kinds import DIALECT, kinds, read
from data.generator.city import City, generate
from gis.importing.osm_rules import read_rules
from gis.importing.runs import MAPPINGS
from gis.register import codes
from gis.register.tables import DETAILS

WORLD = kinds().kinds


@pytest.fixture(scope="module")
def city() -> City:
    return generate(scale=0.02)


def test_the_demonstration_city_fits_its_kinds(city: City) -> None:
    for code, frame in city.assets.items():
        kind = WORLD[code]
        judge = jsonschema_rs.validator_for(kind.schema())
        known = {each.code for each in kind.attributes}
        for text in frame.attributes:
            found = json.loads(text)
            assert found.keys() <= known, f"{code}: {found.keys() - known}"
            assert [error.message for error in judge.iter_errors(found)] == []
        drawn = {shape.replace("Multi", "") for shape in frame.geometry.geom_type}
        assert drawn <= {{"point": "Point", "line": "LineString", "area": "Polygon"}[each] for each in kind.geometry}
        assert {*frame.class_code.dropna()} <= {kind.class_code}


def test_what_the_shipped_mappings_keep_is_known() -> None:
    rules = read_rules(tomllib.loads((MAPPINGS / "osm.toml").read_text(encoding="utf-8")))
    every = (rule for fitting in rules.by_shape.values() for rule in fitting)
    kept = {(rule.kind, name) for rule in every for name in rule.attributes.values()}
    for path in MAPPINGS.glob("dongcheng-*.toml"):
        mapping = tomllib.loads(path.read_text(encoding="utf-8"))
        named = mapping.get("look_up", {}).get("kind", {}).get("values", {}).values()
        for kind in named or [mapping.get("kind")]:
            kept |= {(kind, name) for name in mapping.get("attributes", {}) if kind}
    kept |= {("bus_stop", name) for name in ("code", "description", "station", "wheelchair", "lines")}
    assert len(kept) > 100
    strange = sorted((kind, name) for kind, name in kept if kind not in WORLD or not WORLD[kind].attribute(name))
    assert strange == []


@pytest.mark.parametrize("kind", WORLD.values(), ids=lambda kind: kind.code)
def test_every_schema_is_valid_2020_12(kind: object) -> None:
    schema = kind.schema()  # type: ignore[attr-defined]
    assert schema["$schema"] == DIALECT
    jsonschema_rs.meta.validate(schema)
    for each in schema["properties"].values():
        assert each["title"]
        assert each["x-title-zh"]


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("street_lamp", {"power_w": -1}),
        ("street_lamp", {"power_w": "60"}),
        ("valve", {"status": "ajar"}),
        ("sewer", {"diameter_mm": 300_000}),
        ("road_surface", {"laid_on": "yesterday"}),
        ("lamp_cabinet", {"circuits": "LC-1"}),
    ],
)
def test_impossible_values_do_not_fit(kind: str, attributes: dict[str, object]) -> None:
    judge = jsonschema_rs.validator_for(WORLD[kind].schema(), validate_formats=True)
    assert not judge.is_valid(attributes)
    assert judge.is_valid({"anything": "a source may say more than we know"})


def test_targets_are_loaded_before_those_who_name_them() -> None:
    assert kinds().rank("lamp_cabinet") < kinds().rank("lamp_circuit") < kinds().rank("street_lamp")
    assert kinds().rank("something else") == 0


def test_typed_tables_cover_what_the_subsystems_need() -> None:
    needed = {
        "road_segment", "road_surface", "bridge", "bridge_member", "water_plant", "water_main", "valve", "hydrant", "meter",
        "water_zone", "sewer", "manhole", "outfall", "pump", "lamp", "lamp_circuit", "lamp_cabinet", "bus_line",
        "bus_direction", "bus_stop", "bus_depot", "vehicle", "camera", "service_point", "public_facility",
    }  # fmt: skip
    assert needed <= DETAILS.keys()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('subsystem = "roads"', 'subsystem = "rods"'), "no subsystem rods"),
        (('refers = ["bridge"]', 'refers = ["brigde"]'), "refers to brigde"),
        (('geometry = ["line"]', "geometry = []"), "length >= 1"),
        (('code = "road"', 'code = "bridge"'), "twice"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    text = Path(codes.FILE.with_name("kinds.toml")).read_text(encoding="utf-8")
    assert change[0] in text
    wrong = tmp_path / "kinds.toml"
    wrong.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=complaint):
        read(wrong)


def test_a_component_code_comes_apart_and_together() -> None:
    found = codes.parse("9901010137000042")
    assert (found.division, found.class_code, found.sequence) == ("990101", "C0137", "000042")
    assert codes.make("990101", "C0137", 42) == "9901010137000042"
    newer = codes.make("990101", "C01137", 42, "GB/T 47678")
    assert len(newer) == 17
    assert codes.parse(newer).minor == "137"
    assert codes.check("9901010137000042", "C0137") == found


def test_generated_codes_are_component_codes_of_their_class(city: City) -> None:
    for frame in city.assets.values():
        for code, class_code in zip(frame.code, frame.class_code, strict=True):
            if code is not None:
                assert codes.check(code, class_code).division == "990101"


@pytest.mark.parametrize("code", ["", "99010101370000", "99010101370000AB", "９９０１０１０１３７００００４２"])
def test_other_text_is_no_component_code(code: str) -> None:
    with pytest.raises(InvalidInput, match="no component code"):
        codes.parse(code)


def test_a_code_of_another_class_is_refused() -> None:
    with pytest.raises(InvalidInput, match="belongs to class C0137"):
        codes.check("9901010137000042", "C0124")
    with pytest.raises(InvalidInput, match="make no component code"):
        codes.make("990101", "C0137", 1_000_000)
