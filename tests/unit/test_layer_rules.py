"""What a mapping makes of a row: references, kinds, names, typed attributes, and the reasons for rows that do not fit."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from config.errors import InvalidInput
from gis.importing.layer_rules import Facts, Rules, check_columns, describe, read_rules
from gis.importing.placing import Fault
from gis.importing.runs import MAPPINGS, load_mapping

PLAIN = {"source": "lamps", "reference": "{NO}", "kind": "street_lamp"}
HERE = shapely.Point(116.4, 39.9)


def facts(mapping: dict[str, Any], row: dict[str, Any]) -> Facts:
    found = describe(read_rules(PLAIN | mapping), row, 7, HERE)
    assert isinstance(found, Facts), found
    return found


def fault(mapping: dict[str, Any], row: dict[str, Any]) -> Fault:
    found = describe(read_rules(PLAIN | mapping), row, 7, HERE)
    assert isinstance(found, Fault), found
    return found


def test_a_plain_row() -> None:
    found = facts({"name": "{ROAD} {NO}", "class_code": "C0137"}, {"NO": 12.0, "ROAD": " 人民路 "})
    assert found[:5] == ("12", "street_lamp", "C0137", "人民路 12", "")


def test_the_first_filled_reference_counts() -> None:
    mapping = {"reference": ["{NO}", "{ROAD}/{place}", "row {row}"], "unknown": {"NO": [0]}}
    assert facts(mapping, {"NO": 5, "ROAD": "a"}).reference == "5"
    by_place = facts(mapping, {"NO": 0, "ROAD": "a"}).reference
    assert by_place.startswith("a/")
    assert len(by_place) == 12
    assert facts(mapping, {"NO": "0", "ROAD": None}).reference == "row 7"
    assert fault({"unknown": {"NO": [0]}}, {"NO": 0}).reason == "no_reference"


def test_tables_of_values() -> None:
    table = {"column": "T", "values": {"1": "street_lamp", "2": "lamp_cabinet"}}
    mapping = {"kind": "{kind}", "look_up": {"kind": table}}
    assert facts(mapping, {"NO": 1, "T": 2}).kind == "lamp_cabinet"
    unknown = fault(mapping, {"NO": 1, "T": "3"})
    assert unknown.reason == "unknown_value"
    assert "T = '3'" in unknown.detail
    otherwise = {"look_up": {"kind": {"column": "T", "values": {"1": "valve", "*": "other"}}}}
    assert facts(mapping | otherwise, {"NO": 1, "T": "9"}).kind == "other"


def test_a_kind_is_a_word_of_ours() -> None:
    assert fault({"kind": "{T}"}, {"NO": 1, "T": "路灯"}).reason == "unknown_value"


def test_attributes_are_renamed_and_typed() -> None:
    mapping = {
        "attributes": {
            "power_w": {"column": "P", "type": "integer"}, "height_m": {"column": "H", "type": "number"},
            "led": {"column": "L", "type": "boolean"}, "built": {"column": "B", "type": "date"},
            "code": {"column": "C", "type": "text"}, "as_it_is": "P", "blank": "X",
        }
    }  # fmt: skip
    row = {"NO": 1, "P": "1,250", "H": "7.5", "L": "是", "B": "2019/04/01", "C": 7.0, "X": " "}
    assert facts(mapping, row).attributes == {
        "power_w": 1250, "height_m": 7.5, "led": True, "built": "2019-04-01", "code": "7", "as_it_is": "1,250",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"),
    [("integer", "7.5"), ("number", "n/a"), ("number", "inf"), ("boolean", "maybe"), ("date", "spring")],
)
def test_a_value_that_cannot_be_read_is_left_out_and_told(kind: str, value: str) -> None:
    found = facts({"attributes": {"a": {"column": "A", "type": kind}}}, {"NO": 1, "A": value})
    assert found.attributes == {}
    assert [remark.reason for remark in found.remarks] == ["unreadable_value"]


def test_only_wanted_rows() -> None:
    rules: Rules = read_rules(PLAIN | {"select": {"T": [1, "b"]}})
    assert [rules.wants({"T": value}) for value in (1, "1", 1.0, "b", "c", None)] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


def test_mappings_that_cannot_work_are_refused() -> None:
    with pytest.raises(InvalidInput, match="kind is missing, 'colour' is not known"):
        read_rules({"source": "s", "reference": "{a}", "colour": "red"})
    with pytest.raises(InvalidInput, match="cannot be read as 'wish'"):
        read_rules(PLAIN | {"attributes": {"a": {"column": "A", "type": "wish"}}})
    with pytest.raises(InvalidInput, match="no template"):
        check_columns(read_rules(PLAIN | {"name": "{NO"}), ["NO"])
    with pytest.raises(InvalidInput, match="does not have: ROAD"):
        check_columns(read_rules(PLAIN | {"name": "{ROAD}"}), ["NO"])


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("dongcheng-*.toml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_understood(path: Any) -> None:
    mapping = load_mapping(path)
    if "level" not in mapping:
        assert read_rules(mapping).source == path.stem


def test_attributes_are_translated_scaled_and_filled_in() -> None:
    attributes = {
        "lamp_type": {"column": "T", "values": {"LED灯": "LED", "无": "", "*": "other"}},
        "height_m": {"column": "CM", "type": "number", "factor": 0.01},
        "light:colour": {"column": "C", "default": "white"},
        "lamp_mount": {"default": "pole"},
    }
    row = {"NO": 1, "T": "LED灯", "CM": "850", "C": ""}
    assert facts({"attributes": attributes}, row).attributes == {
        "lamp_type": "LED",
        "height_m": 8.5,
        "light:colour": "white",
        "lamp_mount": "pole",
    }
    assert facts({"attributes": attributes}, row | {"T": "钠灯"}).attributes["lamp_type"] == "other"
    assert "lamp_type" not in facts({"attributes": attributes}, row | {"T": "无"}).attributes


def test_a_word_that_is_not_translated_is_remarked_upon() -> None:
    mapping = {"attributes": {"lamp_type": {"column": "T", "values": {"LED灯": "LED"}}}}
    (remark,) = facts(mapping, {"NO": 1, "T": "钠灯"}).remarks
    assert (remark.reason, "T = '钠灯'" in remark.detail) == ("unreadable_value", True)


def test_a_row_whose_attributes_do_not_fit_its_kind_is_refused_with_its_own_columns() -> None:
    mapping = {"attributes": {"power_w": {"column": "W", "type": "number"}}}
    assert fault(mapping, {"NO": 1, "W": "900000"}).reason == "unfit_attributes"


@pytest.mark.parametrize("entry", [{"colum": "T"}, {"column": "T", "type": "text", "factor": 2}, 5])
def test_a_line_of_attributes_that_is_not_understood_is_said(entry: Any) -> None:
    with pytest.raises(InvalidInput):
        read_rules(PLAIN | {"attributes": {"a": entry}})


def test_columns_with_dots_and_brackets_are_fields_of_a_template() -> None:
    assert facts({"name": "{路.名[1]}"}, {"NO": 1, "路.名[1]": "人民路"}).name == "人民路"
