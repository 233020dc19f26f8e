"""Units, classes and conditions that past reports need, made where the instance lacks them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from dispatch.importing.past_mapping import PastMapping
from gis import organisation

FIRST_ORDINAL = 901
"""Conditions of other systems stand behind the city's own of the same class."""


class Known(NamedTuple):
    """Ids by the other system's names: department → unit, type → filing condition."""

    units: dict[str, int]
    conditions: dict[str, int]


def prepare(db: Connection, mapping: PastMapping, run_id: int) -> Known:
    """Make what is missing and return the ids. Raises InvalidInput for a type whose class is nowhere defined."""
    return Known(_units(db, mapping), _conditions(db, mapping, run_id))


def _units(db: Connection, mapping: PastMapping) -> dict[str, int]:
    rows = db.execute(text("select code, id, fallback from gis.unit")).all()
    known = {row.code: row.id for row in rows}
    has_desk = any(row.fallback for row in rows)
    for rule in mapping.departments.values():
        if rule.code not in known:
            fallback = rule.fallback and not has_desk
            known[rule.code] = organisation.add_unit(db, rule.code, rule.name, rule.name_en, fallback=fallback)
    return {name: known[rule.code] for name, rule in mapping.departments.items()}


def _conditions(db: Connection, mapping: PastMapping, run_id: int) -> dict[str, int]:
    _classes(db, mapping)
    ordinals: dict[str, int] = {}
    ids = {}
    for name, rule in mapping.types.items():
        ordinals[rule.class_code] = ordinals.get(rule.class_code, FIRST_ORDINAL - 1) + 1
        ids[name] = db.execute(
            _PUT_CONDITION,
            {
                "class_code": rule.class_code,
                "ordinal": ordinals[rule.class_code],
                "text": rule.condition,
                "text_en": name,
                "kind": rule.limit.kind,
                "amount": rule.limit.amount,
                "source": mapping.source_system,
                "run_id": run_id,
            },
        ).scalar_one()
    return ids


_PUT_CONDITION = text("""
    insert into dispatch.filing_condition (
        class_code, ordinal, text, text_en, limit_kind, limit_amount, limit_text, source, import_run_id)
    values (:class_code, :ordinal, :text, :text_en, :kind, :amount, :amount || ' ' || :kind, :source, :run_id)
    on conflict (class_code, ordinal, source, valid_from) do update
    set text = excluded.text, text_en = excluded.text_en, limit_kind = excluded.limit_kind,
        limit_amount = excluded.limit_amount, limit_text = excluded.limit_text
    returning id
""")


def _classes(db: Connection, mapping: PastMapping) -> None:
    known = set(db.execute(text("select code from dispatch.case_class")).scalars())
    wanted = {rule.class_code for rule in mapping.types.values()}
    undefined = sorted(wanted - known - mapping.classes.keys())
    if undefined:
        raise InvalidInput(
            "Types of the mapping name classes that are nowhere defined: {classes}.",
            "Import the city's class table first, or define them under [classes] in the mapping.",
            classes=", ".join(undefined),
        )
    missing = [mapping.classes[code] for code in sorted(wanted - known)]
    if missing:
        db.execute(
            text("""
                insert into dispatch.case_class (code, edition, kind, major_code, major_name, major_name_en, name, name_en)
                values (:code, :edition, :kind, substr(:code, 2, 2), :major, :major_en, :name, :name_en)
            """),
            [vars(rule) | {"kind": rule.kind, "edition": mapping.source_system} for rule in missing],
        )
