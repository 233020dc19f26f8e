"""What a handed-in layer is taken to mean: encodings, column types, suggestions, and mappings written as TOML."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidInput, UnreadableFile
from config.kinds import kinds
from gis.importing import runs
from gis.importing.layer_rules import read_rules
from gis.mapping import columns, encodings, form, suggesting, writing

LAMP = kinds().kinds["street_lamp"]
HEADER = "编号,名称,经度,纬度,杆高(cm),功率（W）,光源"


def profiles(table: dict[str, list[Any]]) -> list[columns.Column]:
    return [columns.profile(name, values) for name, values in table.items()]


LAMPS = profiles(
    {
        "编号": ["L-1", "L-2", "L-3"],
        "名称": ["人民路1号灯", "人民路2号灯", "人民路3号灯"],
        "经度": ["116.41", "116.42", "116.43"],
        "纬度": ["39.91", "39.92", "39.93"],
        "杆高(cm)": ["800", "800", "1200"],
        "功率（W）": ["100", "", "250"],
        "光源": ["LED", "LED", "高压钠灯"],
        "备用": ["", "", ""],
    }
)


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030", "Big5"])
def test_an_encoding_is_guessed_by_how_its_texts_read(encoding: str) -> None:
    words = "道路名稱,照明設備,編號" if encoding == "Big5" else HEADER
    assert encodings.guess((words * 40).encode(encoding), "a.csv") == encoding


def test_a_character_cut_off_at_the_end_does_not_count() -> None:
    assert encodings.guess(HEADER.encode("utf-8")[:-1], "a.csv") == "UTF-8"
    assert encodings.guess(HEADER.encode("gb18030")[:-1], "a.csv") == "GB18030"


@pytest.mark.parametrize("content", [bytes(range(256)) * 8, b"PK\x03\x04" + bytes(4000), "编号".encode("utf-16")])
def test_what_is_no_text_is_said(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        encodings.guess(content, "a.csv")


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["1", "2", ""], "integer"),
        (["1.5", "2"], "number"),
        (["0012", "0013"], "text"),
        (["2024-05-01", "2024/5/1"], "date"),
        (["20240501", "20231231"], "date"),
        ([True, False], "boolean"),
        (["完好", "1"], "text"),
        (["", None], ""),
    ],
)
def test_types_of_columns(values: list[Any], wanted: str) -> None:
    assert columns.profile("a", values).type == wanted


def test_a_column_with_few_words_lists_them() -> None:
    found = columns.profile("状况", ["完好", "完好", "破损", ""])
    assert (found.values, found.filled, found.distinct, found.unique) == ({"完好": 2, "破损": 1}, 0.75, 2, False)
    assert columns.profile("编号", [str(n) for n in range(100)]).values == {}


def test_a_mapping_is_suggested_but_for_its_system() -> None:
    made = suggesting.mapping(LAMPS, LAMP, "路灯", drawn=False)
    assert made == {
        "source": "路灯",
        "reference": "{编号}",
        "kind": "street_lamp",
        "class_code": "C0137",
        "name": "{名称}",
        "geometry": {"x": "经度", "y": "纬度"},
        "attributes": {
            "height_m": {"column": "杆高(cm)", "type": "number", "factor": 0.01},
            "power_w": {"column": "功率（W）", "type": "number"},
            "source": {"column": "光源", "type": "text"},
        },
    }
    read_rules(form.layer_mapping(made))


def test_without_a_reference_of_its_own_a_row_is_known_by_its_place() -> None:
    doubled = profiles({"编号": ["1", "1"], "lon": ["1.5", "2.5"], "lat": ["1.5", "2.5"]})
    assert suggesting.mapping(doubled, LAMP, "a", drawn=False)["reference"] == "{place}"


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["OBJECTID", "STREETLIGHTID"], "{STREETLIGHTID}"),
        (["OBJECTID", "Join"], "{OBJECTID}"),
        (["序号", "灯杆编号"], "{灯杆编号}"),
    ],
)
def test_numbers_that_a_program_counted_come_last(names: list[str], wanted: str) -> None:
    made = suggesting.mapping(profiles({name: ["1", "2"] for name in names}), LAMP, "a", drawn=True)
    assert made["reference"] == wanted


@pytest.mark.parametrize(
    "cell", ["113.9,22.5;113.8,22.6", "[[113.9, 22.5], [113.8, 22.6]]", "(113.9 22.5)(113.8 22.6)"]
)
def test_a_column_of_a_lines_numbers_is_found(cell: str) -> None:
    assert suggesting.geometry(profiles({"name": ["a"], "geo": [cell]})) == {"pairs": "geo"}
    assert suggesting.geometry(profiles({"range": ["3.5, 4.5"]})) == {}


def test_kinds_are_known_by_the_file_name() -> None:
    assert suggesting.kind("2024年路灯普查", []) == "street_lamp"
    assert suggesting.kind("Street_Lamps_2024", []) == "street_lamp"
    assert suggesting.kind("公交站点", []) == "bus_stop"
    assert suggesting.kind("xyz", []) == ""


def test_words_are_translated_where_a_choice_is_called_so() -> None:
    grade = kinds().kinds["road"].attribute("grade")
    assert grade
    assert suggesting.translated({"主干路": 3, "乡道": 1}, grade) == {"主干路": "arterial"}
    assert suggesting.translated({"arterial": 3}, grade) is None
    lit = kinds().kinds["road"].attribute("lit")
    assert lit
    assert suggesting.translated({"是": 1, "否": 1}, lit) is None
    assert suggesting.translated({"亮": 1}, lit) == {}


@pytest.mark.parametrize("path", sorted(runs.MAPPINGS.glob("*.toml")), ids=lambda path: path.stem)
def test_mappings_that_come_with_the_system_survive_the_form(path: Any) -> None:
    mapping = tomllib.loads(path.read_text("utf-8"))
    if form.is_of_a_layer(mapping):
        written = form.layer_mapping(mapping)
        assert written == mapping
        assert tomllib.loads(writing.toml_of(written, "two\nlines")) == mapping


def test_most_shipped_mappings_are_of_layers() -> None:
    of_layers = [
        p.stem for p in runs.MAPPINGS.glob("*.toml") if form.is_of_a_layer(tomllib.loads(p.read_text("utf-8")))
    ]
    assert {"dongcheng-roads", "dongcheng-stops", "shenzhen-bus-lines", "bristol-streetlights"} <= set(of_layers)
    assert not {"osm", "boston-tracts", "standards-cn"} & set(of_layers)


words = st.text("aZ0_-.äß路灯。\"\\'\n\t\x00\x7f#=[]{},: ", min_size=1, max_size=8)
scalars = st.one_of(
    words, st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.booleans()
)


@given(
    st.fixed_dictionaries(
        {"source": words, "reference": st.one_of(words, st.lists(words, min_size=1, max_size=3)), "kind": words},
        optional={
            "system": words,
            "select": st.dictionaries(words, st.lists(scalars, min_size=1, max_size=3), min_size=1, max_size=3),
            "look_up": st.dictionaries(
                words,
                st.fixed_dictionaries({"column": words, "values": st.dictionaries(words, scalars, max_size=3)}),
                min_size=1,
                max_size=2,
            ),
            "attributes": st.dictionaries(
                words,
                st.one_of(
                    words,
                    st.fixed_dictionaries(
                        {"column": words},
                        optional={"values": st.dictionaries(words, scalars, max_size=3), "default": scalars},
                    ),
                ),
                min_size=1,
                max_size=3,
            ),
        },
    )
)
def test_a_written_mapping_reads_as_it_was(mapping: dict[str, Any]) -> None:
    assert tomllib.loads(writing.toml_of(mapping)) == mapping


@pytest.mark.parametrize(
    "strange",
    [{"attributes": {"a": 5}}, {"geometry": {"z": "a"}}, {"kind": ["a"]}, {"level": []}, {"look_up": {"a": {}}}],
)
def test_what_the_form_does_not_know_is_said(strange: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        form.layer_mapping({"source": "a"} | strange)


def test_one_repeat_and_one_odd_word_do_not_cost_the_column() -> None:
    rows = 14
    table = {
        "路灯编号": [f"WK{number:03}" for number in range(1, rows)] + ["WK003"],
        "功率(W)": ["100"] * (rows - 1) + ["很亮"],
        "经度": [f"115.6{number:02}" for number in range(rows)],
        "纬度": [f"38.4{number:02}" for number in range(rows)],
    }
    made = suggesting.mapping(profiles(table), LAMP, "路灯普查", drawn=False)
    assert made["reference"] == "{路灯编号}"
    assert "power_w" in made["attributes"]
