"""The demonstration's own class table: complete, in both languages, every limit kind in use."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from data.generator.assets import COMPONENT_CLASSES, UNIT_OF
from data.generator.organisation import ACCOUNTS, UNITS

LIMIT_KINDS = {"urgent_hour", "urgent_workday", "work_hour", "work_day", "natural_day"}


@pytest.fixture(scope="module")
def rows(root: Path) -> list[dict[str, str]]:
    with (root / "config/standards/demonstration.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def class_code(row: dict[str, str]) -> str:
    return {"component": "C", "matter": "M"}[row["kind"]] + row["major_code"] + row["minor_code"]


def test_there_are_enough_conditions_and_every_column_is_filled(rows: list[dict[str, str]]) -> None:
    assert len(rows) >= 60
    assert all(value for row in rows for name, value in row.items() if name != "later_limits")


def test_all_five_limit_kinds_are_used_with_positive_amounts(rows: list[dict[str, str]]) -> None:
    assert {row["limit_kind"] for row in rows} == LIMIT_KINDS
    assert all(float(row["limit_amount"]) > 0 for row in rows)
    for row in rows:
        kind, _, amount = row["later_limits"].partition(":")
        assert not row["later_limits"] or (kind in LIMIT_KINDS and float(amount) > 0)


def test_a_class_has_one_name_and_its_conditions_differ(rows: list[dict[str, str]]) -> None:
    names = {(class_code(row), row["minor_name"], row["minor_name_en"]) for row in rows}
    assert len({code for code, _, _ in names}) == len(names)
    assert len({(class_code(row), row["condition"]) for row in rows}) == len(rows)


def test_units_and_component_classes_of_the_city_are_known(rows: list[dict[str, str]]) -> None:
    units = {unit.code for unit in UNITS}
    assert {row["unit"] for row in rows} <= units
    assert set(UNIT_OF.values()) <= units
    assert set(COMPONENT_CLASSES.values()) <= {class_code(row) for row in rows}
    assert {account.unit for account in ACCOUNTS if account.unit} <= units
