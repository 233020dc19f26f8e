"""Tables of the register beside gis.asset: the typed details of each kind (made from config/kinds.toml), photos, inspections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from config.kinds import Attribute, kinds
from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, READ_ONLY, instant, key

TYPES: dict[str, TypeEngine[Any]] = {
    "text": Text(),
    "double precision": Double(),
    "integer": Integer(),
    "boolean": Boolean(),
    "date": Date(),
    "text[]": ARRAY(Text()),
}

WIDEST = 2_000_000_000.0
"""Bounds of a whole number that states none: within PostgreSQL's integer."""


@dataclass
class Field:
    """One column of a typed table, and the attributes that fill it, the first that says something counting."""

    name: str
    sql_type: str
    attributes: list[Attribute]

    @property
    def refers(self) -> tuple[str, ...]:
        """Kinds of the assets that its value names."""
        return tuple(dict.fromkeys(kind for each in self.attributes for kind in each.refers))

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Least and greatest value of a number, where stated; for whole numbers always."""
        lows = [each.min for each in self.attributes if each.min is not None]
        highs = [each.max for each in self.attributes if each.max is not None]
        if self.sql_type not in ("integer", "double precision") or (not highs and self.sql_type != "integer"):
            return None
        return (min(lows) if lows else -WIDEST, max(highs) if highs else WIDEST)

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that a text may have, where stated."""
        return tuple(dict.fromkeys(code for each in self.attributes for code, _zh, _en in each.choices))


@dataclass
class Detail:
    """A typed table: the kinds whose assets it holds, and its columns."""

    name: str
    kinds: list[str] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def references(self) -> list[Field]:
        """Columns that name other assets."""
        return [each for each in self.fields.values() if each.refers]


def read_details() -> dict[str, Detail]:
    """Typed tables by name, as config/kinds.toml has them."""
    found: dict[str, Detail] = {}
    for kind in kinds().kinds.values():
        if not kind.table:
            continue
        detail = found.setdefault(kind.table, Detail(kind.table))
        detail.kinds.append(kind.code)
        for each in kind.attributes:
            if each.column:
                column = detail.fields.setdefault(each.column_name, Field(each.column_name, each.sql_type, []))
                if each.code not in [known.code for known in column.attributes]:
                    column.attributes.append(each)
    return found


DETAILS = read_details()
"""Typed tables by name; `gis/register/details.py` writes the functions that keep them."""


def _table(detail: Detail) -> Table:
    columns: list[Column[Any]] = [
        Column("asset_id", BigInteger, ForeignKey("gis.asset.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        *([Column("kind", Text, nullable=False)] if len(detail.kinds) > 1 else []),
        *([Column("source", Text, nullable=False)] if detail.references else []),
        *(column for each in detail.fields.values() for column in _columns(each)),
    ]  # fmt: skip
    constraints = [constraint for each in detail.fields.values() for constraint in _constraints(each)]
    indexes = [index for each in detail.references for index in _indexes(detail, each)]
    comment = f"Typed attributes of {', '.join(detail.kinds)}: kept by triggers on gis.asset, never written by hand."
    return Table(detail.name, metadata, *columns, *constraints, *indexes, schema="gis", info=READ_ONLY, comment=comment)


def _columns(each: Field) -> Iterator[Column[Any]]:
    if each.refers:
        yield Column(f"{each.name}_ref", Text)
        yield Column(f"{each.name}_id", BigInteger, ForeignKey("gis.asset.id", ondelete="SET NULL"))
    else:
        yield Column(each.name, TYPES[each.sql_type])


def _constraints(each: Field) -> Iterator[CheckConstraint]:
    if each.bounds and not any(attribute.measured for attribute in each.attributes):
        low, high = each.bounds
        yield CheckConstraint(f"{each.name} between {low:.15g} and {high:.15g}", name=f"{each.name}_possible")
    if each.choices:
        listed = ", ".join(f"'{value}'" for value in each.choices)
        yield CheckConstraint(f"{each.name} in ({listed})", name=f"{each.name}_known")


def _indexes(detail: Detail, each: Field) -> Iterator[Index]:
    yield Index(f"ix_{detail.name}_source_{each.name}_ref", "source", f"{each.name}_ref")
    yield Index(f"ix_{detail.name}_{each.name}_id", f"{each.name}_id")


TABLES = {detail.name: _table(detail) for detail in DETAILS.values()}

asset_photo = Table(
    "asset_photo",
    metadata,
    key(),
    Column("asset_id", BigInteger, ForeignKey("gis.asset.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("taken_on", Date),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    info=APPEND_ONLY,
    comment="Photos of assets; the originals lie with the evidence, each once under its hash.",
)

asset_inspection = Table(
    "asset_inspection",
    metadata,
    key(),
    Column("asset_id", BigInteger, ForeignKey("gis.asset.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("inspected_on", Date, nullable=False),
    Column("result", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("next_on", Date),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("result in ('sound', 'minor', 'serious', 'dangerous')", name="result_known"),
    schema="gis",
    info=APPEND_ONLY,
    comment="Inspections of assets (巡检): when, what was found, when the next is due.",
)

change_set = Table(
    "change_set",
    metadata,
    key(),
    Column("why", Text, nullable=False),
    Column("assets", Integer, nullable=False),
    Column("undoes", BigInteger, ForeignKey("gis.change_set.id"), unique=True),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    schema="gis",
    info=APPEND_ONLY,
    comment="One change of many assets by one person (批量修改); its parts lie in asset_history. undoes: the set it takes back.",
)
