"""Tables as offices write them: whatever the writer did about titles, separators, marks and lengths, no row is lost or cut unsaid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.errors import InvalidInput, UnreadableFile
from gis.importing import column_names, sheets
from gis.importing.sheets import Sheet

WANTS: dict[str, Any] = {"reference": "{code}", "geometry": {"x": "x", "y": "y"}}


def read(folder: Path, content: str | bytes, **mapping: Any) -> Sheet:
    path = folder / "lamps.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return sheets.read_text(path, WANTS | mapping)


@pytest.mark.parametrize(
    "content",
    [
        "code,x,y\n1,2,3\n",
        "\ufeffcode,x,y\r\n1,2,3\r\n",
        "code;x;y\n1;2;3\n",
        "sep=;\ncode;x;y\n1;2;3\n",
        "code\tx\ty\n1\t2\t3\n",
        "code|x|y\n1|2|3",
        "code,x,y\r1,2,3\r",
        '"code","x","y"\n"1","2","3"\n\n,,\n',
        "路灯台账,,\n填报单位：市政处,2024,\n\ncode,x,y\n1,2,3\n",
        "code,x,y\n1,2,3\n".encode("utf-16"),
    ],
)
def test_one_row_however_it_is_written(tmp_path: Path, content: str | bytes) -> None:
    assert read(tmp_path, content) == (["code", "x", "y"], [{"code": "1", "x": "2", "y": "3"}], {})


def test_a_row_that_is_too_long_is_named_and_a_short_one_filled(tmp_path: Path) -> None:
    found = read(tmp_path, 'code,x,y\n1,2,3,4\n2\n3,4,5,,\n"a\nb",5,6\n')
    assert [row["code"] for row in found.rows] == ["1", "2", "3", "a\nb"]
    assert found.rows[1] == {"code": "2", "x": None, "y": None}
    assert {at: fault.reason for at, fault in found.faults.items()} == {0: "too_many_values"}
    assert found.rows[0][sheets.MORE] == ["4"], "the value beyond the header is kept"


def test_the_header_that_the_mapping_states(tmp_path: Path) -> None:
    content = "code,x,y\ncode,x,y\n1,2,3\n"
    assert len(read(tmp_path, content).rows) == 2
    assert len(read(tmp_path, content, header=2).rows) == 1
    with pytest.raises(InvalidInput, match="no row 9"):
        read(tmp_path, content, header=9)


def test_a_quotation_mark_that_never_closes_stops_the_import(tmp_path: Path) -> None:
    rows = "".join(f"{number},1,2\n" for number in range(500))
    with pytest.raises(UnreadableFile, match="quotation mark on line 2 is not closed"):
        read(tmp_path, 'code,x,y\n1,"2,3\n' + rows)


def test_names_of_columns_that_are_blank_or_repeated(tmp_path: Path) -> None:
    assert read(tmp_path, "code,,x,y,x,\n1,a,2,3,4,\n").fields == ["code", "field_2", "x", "y", "x_2"]


def test_a_wrong_encoding_is_said(tmp_path: Path) -> None:
    content = "code,x,y\n人民路,2,3\n".encode("gb18030")
    with pytest.raises(UnreadableFile, match="not in the encoding UTF-8"):
        read(tmp_path, content)
    assert read(tmp_path, content, encoding="GB18030").rows[0]["code"] == "人民路"


def test_columns_whose_names_change() -> None:
    mapping = {"columns": {"health": ["Health", "*_Health"], "posted": ["*_Posted", ""]}}
    fields, rows = column_names.renamed(["id", "Y2007_Health"], [{"id": "1", "Y2007_Health": "0.9"}], mapping)
    assert (fields, rows) == (["id", "health", "posted"], [{"id": "1", "health": "0.9", "posted": None}])
    with pytest.raises(InvalidInput, match=r"\[columns\] health"):
        column_names.found(["id"], mapping)


def test_merged_cells_repeat_the_one_above() -> None:
    rows: list[dict[str, Any]] = [{"a": None}, {"a": "x"}, {"a": None}, {"a": ""}, {"a": "y"}]
    column_names.filled_down(rows, ["a"], {})
    assert [row["a"] for row in rows] == [None, "x", "x", "x", "y"]
