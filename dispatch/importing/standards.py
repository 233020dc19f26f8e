"""`import standards`: a city's own class table into force, in one transaction."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, text

from config.errors import InvalidInput
from config.settings import Settings
from dispatch import tables
from dispatch.importing import standards_table
from dispatch.importing.standards_table import ConditionRow, StandardsTable
from gis import clock, organisation
from gis.importing import runs
from gis.importing.notes import Note
from gis.importing.runs import Outcome

DEFAULT_VALID_FROM = date(2000, 1, 1)


def import_standards(db: Connection, settings: Settings, path: Path, mapping: Mapping[str, Any]) -> Outcome:
    """Read a table of filing conditions and put it into force. The same table again changes nothing.

    Raises what reading raises (UnreadableFile, UnmappedForm, InvalidInput); then nothing has been changed.
    """
    table = standards_table.read(path, mapping)
    run_id = runs.start(db, "standards", [path], _plain(mapping))
    units = _Units(db, mapping.get("units", {}))
    source = str(mapping.get("source", "standards"))
    classes = _put_classes(db, table, str(mapping.get("edition", "")))
    conditions = _put_conditions(db, table, units, source, mapping.get("valid_from", DEFAULT_VALID_FROM), run_id)
    today = clock.now(db).astimezone(settings.time_zone).date()
    ended = _end_missing(db, source, today)
    notes: list[str] = []
    if mapping.get("replaces_others", False):
        replaced = _replace_others(db, source, today)
        if replaced:
            notes.append(
                Note(
                    "{count} conditions of other sources ended today; classes without a condition in force rest.",
                    count=replaced,
                )
            )
    if units.none:
        notes.append(
            Note(
                "{count} conditions name nobody who is one unit; routing rules or the fallback desk decide there.",
                count=units.none,
            )
        )
    counts = {
        "classes": len(table.classes),
        "conditions": len(table.conditions),
        "limits": dict(Counter(row.limit_kind for row in table.conditions)),
        "class_changes": classes,
        "condition_changes": conditions | {"ended": ended},
        "units_created": units.created,
    }
    return runs.finish(db, Outcome(run_id, counts, Counter(), notes))


class _Units:
    """Finds or creates the unit that a written list names first."""

    def __init__(self, db: Connection, mapping: Mapping[str, Any]) -> None:
        self.db = db
        self.create = mapping.get("missing", "match") == "create"
        self.prefix = str(mapping.get("code_prefix", "S"))
        self.separators = str(mapping.get("separators", "、，,;； "))
        self.not_units = set(mapping.get("not_units", []))
        self.aliases: Mapping[str, str] = mapping.get("aliases", {})
        self.ids: dict[str, int] = {
            row.name: row.id for row in db.execute(text("select name, id from gis.unit order by id desc"))
        }
        self.codes = {row.code for row in db.execute(text("select code from gis.unit"))}
        self.created: list[str] = []
        self.none = 0

    def first_of(self, written: str) -> int | None:
        """Id of the first unit in a list such as '甲中心、各产权单位'; None where it names none that is one."""
        for name in self._names(written):
            if name in self.ids or self.create:
                return self._id(name)
        self.none += 1
        return None

    def _names(self, written: str) -> list[str]:
        names = [name.strip() for name in re.split(f"[{re.escape(self.separators)}]", written)]
        return [self.aliases.get(name, name) for name in names if name and name not in self.not_units]

    def _id(self, name: str) -> int:
        if name not in self.ids:
            number = next(n for n in range(1, 10_000) if f"{self.prefix}{n:03}" not in self.codes)
            code = f"{self.prefix}{number:03}"
            self.ids[name] = organisation.add_unit(self.db, code, name)
            self.codes.add(code)
            self.created.append(name)
        return self.ids[name]


_PUT_CLASS = text("""
    insert into dispatch.case_class as c (code, edition, kind, major_code, major_name, name)
    values (:code, :edition, :kind, :major_code, :major_name, :name)
    on conflict (code) do update
    set edition = excluded.edition, kind = excluded.kind, major_code = excluded.major_code, major_name = excluded.major_name,
        major_name_en = case when c.major_name = excluded.major_name then c.major_name_en else '' end,
        name = excluded.name, name_en = case when c.name = excluded.name then c.name_en else '' end, active = true
    where (c.edition, c.kind, c.major_code, c.major_name, c.name, c.active)
          is distinct from (excluded.edition, excluded.kind, excluded.major_code, excluded.major_name, excluded.name, true)
    returning (xmax = 0) as added
""")

_PUT_CONDITION = text("""
    insert into dispatch.filing_condition as f (
        class_code, ordinal, text, closing_standard, limit_kind, limit_amount, limit_text, later_limits, unit_id, handling_unit,
        authority, valid_from, source, import_run_id)
    values (:class_code, :ordinal, :text, :closing_standard, :limit_kind, :limit_amount, :limit_text, :later, :unit_id, :units,
            :authority, :valid_from, :source, :run_id)
    on conflict (class_code, ordinal, source, valid_from) do update
    set text = excluded.text, closing_standard = excluded.closing_standard, limit_kind = excluded.limit_kind,
        limit_amount = excluded.limit_amount, limit_text = excluded.limit_text, later_limits = excluded.later_limits,
        unit_id = excluded.unit_id, handling_unit = excluded.handling_unit, authority = excluded.authority, valid_to = null,
        import_run_id = excluded.import_run_id
    where (f.text, f.closing_standard, f.limit_kind, f.limit_amount, f.limit_text, f.later_limits, f.unit_id, f.handling_unit,
           f.authority, f.valid_to)
          is distinct from (excluded.text, excluded.closing_standard, excluded.limit_kind, excluded.limit_amount,
           excluded.limit_text, excluded.later_limits, excluded.unit_id, excluded.handling_unit, excluded.authority, null)
    returning (xmax = 0) as added
""").bindparams(bindparam("later", type_=tables.filing_condition.c.later_limits.type))


def _put_classes(db: Connection, table: StandardsTable, edition: str) -> dict[str, int]:
    return _tally(db.execute(_PUT_CLASS, vars(row) | {"edition": edition}).first() for row in table.classes)


def _put_conditions(
    db: Connection, table: StandardsTable, units: _Units, source: str, valid_from: object, run_id: int
) -> dict[str, int]:
    if not isinstance(valid_from, date):
        raise InvalidInput("valid_from in the mapping must be a date.", "Write it as valid_from = 2026-01-01.")
    common = {"source": source, "valid_from": valid_from, "run_id": run_id}
    db.execute(
        text("create temporary table if not exists kept_condition (class_code text, ordinal integer) on commit drop")
    )
    db.execute(text("truncate kept_condition"))
    kept = [{"class_code": row.class_code, "ordinal": row.ordinal} for row in table.conditions]
    db.execute(text("insert into kept_condition values (:class_code, :ordinal)"), kept)
    return _tally(
        db.execute(_PUT_CONDITION, _values(row) | common | {"unit_id": units.first_of(row.units)}).first()
        for row in table.conditions
    )


def _values(row: ConditionRow) -> dict[str, Any]:
    return vars(row) | {"later": list(row.later)}


def _tally(rows: Any) -> dict[str, int]:
    """How many upserts added, changed, or left a row as it was."""
    outcomes = Counter("unchanged" if row is None else "added" if row.added else "changed" for row in rows)
    return {name: outcomes[name] for name in ("added", "changed", "unchanged")}


def _end_missing(db: Connection, source: str, today: date) -> int:
    """Conditions that a newer table of the same source no longer has end today; their cases keep them."""
    result = db.execute(
        text("""
            update dispatch.filing_condition f set valid_to = greatest(cast(:today as date), valid_from)
            where source = :source and valid_to is null
              and not exists (select from kept_condition k where k.class_code = f.class_code and k.ordinal = f.ordinal)
        """),
        {"source": source, "today": today},
    )
    return int(result.rowcount)


def _replace_others(db: Connection, source: str, today: date) -> int:
    result = db.execute(
        text("""
            update dispatch.filing_condition set valid_to = greatest(cast(:today as date), valid_from)
            where source <> :source and valid_to is null
        """),
        {"source": source, "today": today},
    )
    db.execute(
        text("""
            update dispatch.case_class c set active = false
            where active and not exists (select from dispatch.filing_condition f where f.class_code = c.code and f.valid_to is null)
        """)
    )
    return int(result.rowcount)


def _plain(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping as JSON can hold it."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in mapping.items()}
