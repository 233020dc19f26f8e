"""`import standards`: a class table goes in whole or not at all, and the city says what its words mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from config.errors import InvalidInput, UnmappedForm, UnreadableFile
from config.settings import Settings
from dispatch.importing.standards import import_standards
from gis.db import make_engine
from gis.importing.runs import load_mapping
from tests.support import old_workbook, workbook
from tests.support.databases import Database
from tests.support.real_data import real

HEADING = "kind,major_code,major_name,minor_code,minor_name,col_f,condition,closing_standard,time_limit,col_e"
ROWS = """
部件,01,公用设施,37,路灯,城管局,灯杆倾倒,扶正,2紧急工作时5天,照明中心、各产权单位
部件,01,公用设施,37,路灯,,夜间不亮,亮灯,3天,
部件,01,公用设施,04,雨水箅子,,缺失,补装,1紧急工作时制止,排水中心
部件,03,市容环境设施,05,垃圾箱,,满溢,清空,4小时,
事件,01,市容环境,13,道路破损,住建局,坑洞,修补,1紧急工作日,各产权单位
事件,06,其他事件,99,其他,,其他,解决,5天,
"""


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write(tmp_path, ROWS)


def write(directory: Path, rows: str, encoding: str = "utf-8") -> Path:
    path = directory / "table.csv"
    path.write_text(HEADING + rows, encoding=encoding)
    return path


def stated() -> dict[str, Any]:
    """The shipped mapping with what a city must add to it."""
    mapping = load_mapping("standards-cn")
    mapping["forms"] |= {"天": "work_day", "小时": "work_hour"}
    return mapping


def test_the_shipped_mapping_stops_until_the_city_has_spoken(db: Connection, settings: Settings, table: Path) -> None:
    with pytest.raises(UnmappedForm) as stopped:
        import_standards(db, settings, table, load_mapping("standards-cn"))
    assert "'N天' (3 rows)" in str(stopped.value)
    assert "'N小时' (1 rows)" in str(stopped.value)
    assert db.execute(text("select count(*) from dispatch.case_class")).scalar() == 0
    assert db.execute(text("select count(*) from gis.import_run")).scalar() == 0


def test_limits_belong_to_conditions_and_a_second_one_is_kept(db: Connection, settings: Settings, table: Path) -> None:
    outcome = import_standards(db, settings, table, stated())
    assert (outcome.counts["classes"], outcome.counts["conditions"]) == (5, 6)
    rows = db.execute(
        text("select ordinal, limit_kind, limit_amount, limit_text, later_limits from dispatch.filing_condition"
             " where class_code = 'C0137' order by ordinal")
    ).all()  # fmt: skip
    assert [(row.ordinal, row.limit_kind, row.limit_amount) for row in rows] == [
        (1, "urgent_hour", 2),
        (2, "work_day", 3),
    ]
    assert rows[0].later_limits == [{"kind": "work_day", "amount": 5, "text": "5天"}]
    assert rows[0].limit_text == "2紧急工作时5天"


def test_a_blank_unit_is_the_one_above_within_its_kind(db: Connection, settings: Settings, table: Path) -> None:
    outcome = import_standards(db, settings, table, stated())
    rows = db.execute(
        text("select f.class_code, f.ordinal, u.name, f.handling_unit, f.authority from dispatch.filing_condition f"
             " left join gis.unit u on u.id = f.unit_id order by 1, 2")
    ).all()  # fmt: skip
    assert [(row.class_code, row.name) for row in rows] == [
        ("C0104", "排水中心"), ("C0137", "照明中心"), ("C0137", "照明中心"), ("C0305", "排水中心"), ("M0113", None), ("M0699", None),
    ]  # fmt: skip
    assert rows[2].handling_unit == "照明中心、各产权单位"
    assert [row.authority for row in rows] == ["城管局"] * 4 + ["住建局"] * 2
    assert outcome.counts["units_created"] == ["照明中心", "排水中心"]
    assert any(note.startswith("2 conditions name nobody") for note in outcome.notes)


def test_units_that_exist_are_found_by_name_or_alias(db: Connection, settings: Settings, table: Path) -> None:
    db.execute(text("insert into gis.unit (code, name) values ('lighting', '路灯管理所'), ('S001', '排水中心')"))
    mapping = stated()
    mapping["units"]["aliases"] = {"照明中心": "路灯管理所"}
    assert import_standards(db, settings, table, mapping).counts["units_created"] == []


def test_the_same_table_again_changes_nothing(db: Connection, settings: Settings, table: Path) -> None:
    import_standards(db, settings, table, stated())
    before = db.execute(
        text("select md5(string_agg(f::text, '|' order by id)) from dispatch.filing_condition f")
    ).scalar()
    again = import_standards(db, settings, table, stated())
    assert again.counts["class_changes"] == {"added": 0, "changed": 0, "unchanged": 5}
    assert again.counts["condition_changes"] == {"added": 0, "changed": 0, "unchanged": 6, "ended": 0}
    assert (
        db.execute(text("select md5(string_agg(f::text, '|' order by id)) from dispatch.filing_condition f")).scalar()
        == before
    )


def test_a_newer_table_ends_what_it_no_longer_has(
    db: Connection, settings: Settings, table: Path, tmp_path: Path
) -> None:
    import_standards(db, settings, table, stated())
    newer = import_standards(
        db, settings, write(tmp_path, ROWS.replace("部件,01,公用设施,37,路灯,,夜间不亮,亮灯,3天,\n", "")), stated()
    )
    assert newer.counts["condition_changes"]["ended"] == 1
    assert db.execute(text("select count(*) from dispatch.filing_condition where valid_to is null")).scalar() == 5


def test_a_table_in_force_replaces_the_one_before(db: Connection, settings: Settings, table: Path) -> None:
    db.execute(
        text("""
            with old as (
                insert into dispatch.case_class (code, edition, kind, major_code, major_name, name)
                values ('C0199', 'x', 'component', '01', '旧', '旧类') returning code
            )
            insert into dispatch.filing_condition (class_code, ordinal, text, limit_kind, limit_amount, limit_text, source)
            select code, 1, '旧', 'work_day', 1, '1工作日', 'old' from old
        """)
    )
    outcome = import_standards(db, settings, table, stated())
    assert any("1 conditions of other sources" in note for note in outcome.notes)
    assert db.execute(text("select active from dispatch.case_class where code = 'C0199'")).scalar() is False


def test_gb_encoded_tables_are_read(db: Connection, settings: Settings, tmp_path: Path) -> None:
    outcome = import_standards(db, settings, write(tmp_path, ROWS, "gb18030"), stated())
    assert outcome.counts["conditions"] == 6


@pytest.mark.parametrize("ending", ["xls", "xlsx"])
def test_workbooks_are_read_also_where_codes_are_numbers(
    db: Connection, settings: Settings, tmp_path: Path, ending: str
) -> None:
    lines: list[list[object]] = [[int(cell) if cell in ("01", "37") else cell or None for cell in line.split(",")]
        for line in (HEADING + ROWS).strip().split("\n")]  # fmt: skip
    path = (old_workbook if ending == "xls" else workbook).write(tmp_path / f"table.{ending}", {"立案条件": lines})
    outcome = import_standards(db, settings, path, stated())
    assert (outcome.counts["classes"], outcome.counts["conditions"]) == (5, 6)
    found = db.execute(text("select name from dispatch.case_class where code = 'C0137' and active")).scalars()
    assert list(found) == ["路灯"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("\n部件,01,公用设施,37,路灯,,倾倒,扶正,3天,甲\n部件,01,公用设施,37,地灯,,倾倒,扶正,3天,甲\n", "'路灯' above"),
        ("\n东西,01,公用设施,37,路灯,,倾倒,扶正,3天,甲\n", "Row 2"),
        ("\n部件,01,公用设施,37,路灯,,,扶正,3天,甲\n", "Row 2"),
    ],
)
def test_rows_that_contradict_are_named(
    db: Connection, settings: Settings, tmp_path: Path, rows: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        import_standards(db, settings, write(tmp_path, rows), stated())


def test_files_that_are_no_table_are_named(db: Connection, settings: Settings, tmp_path: Path) -> None:
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xff\xff")
    with pytest.raises(UnreadableFile, match=r"picture\.csv"):
        import_standards(db, settings, picture, stated())
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="no column kind"):
        import_standards(db, settings, other, stated())


def test_the_real_list_has_519_conditions_in_190_classes(db: Connection, settings: Settings) -> None:
    """Figures of SOURCES.md: 375 component and 144 matter conditions; 412 rows say days, 61 hours, 41 urgent hours, 4 urgent days."""
    path = real("case-standards/standards.csv")
    with pytest.raises(UnmappedForm, match=r"'N天' \(412 rows\), 'N小时' \(61 rows\)"):
        import_standards(db, settings, path, load_mapping("standards-cn"))
    outcome = import_standards(db, settings, path, stated())
    assert (outcome.counts["classes"], outcome.counts["conditions"]) == (190, 519)
    assert outcome.counts["limits"] == {"urgent_hour": 42, "work_hour": 61, "work_day": 412, "urgent_workday": 4}
    assert db.execute(text("select count(*) from dispatch.filing_condition where class_code like 'C%'")).scalar() == 375
    assert (
        db.execute(
            text("select count(*) from dispatch.filing_condition where handling_unit = '' or authority = ''")
        ).scalar()
        == 0
    )
