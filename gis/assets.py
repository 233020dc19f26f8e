"""The asset register's bulk door: a source's objects go in by reference, and every change leaves its before and after (C5).

An asset is known by (source, source_ref), so the same file twice changes nothing. What people decided about an asset
(state, unit, authority, owner) is theirs: a bulk load never overwrites it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, text

from gis.copying import copy_rows
from gis.db import named_sql
from gis.importing import runs
from gis.importing.runs import Reject
from gis.large_loads import indexes_at_the_end
from gis.register import checking


class AssetRow(NamedTuple):
    """One object as its source has it. `wkb` is hexadecimal WKB in WGS 84 degrees, `attributes` a JSON object as text.

    `raw_position` is what came in with its coordinate system, JSON as text (gis/importing/placing.py); None where the source's
    own numbers are what `wkb` holds.
    """

    ref: str
    kind: str
    class_code: str | None
    name: str
    name_en: str
    wkb: str
    attributes: str
    raw_position: str | None = None


@dataclass(frozen=True)
class Changes:
    """What a bulk load did. `absent` are assets of the same source that it did not contain; they stay as they are.

    `refused` are rows whose attributes do not fit their kind (gis/register/checking.py); with a run they are kept among its rejects.
    """

    added: int
    changed: int
    unchanged: int
    absent: int
    refused: int = 0


MANY = 5_000
"""Assets from which on indexes of an empty register are made at the end, and the planner's figures are useless for what follows."""

_STAGE = text("""
    create temporary table staged_asset (
        position bigint generated always as identity, source_ref text, kind text, class_code text, name text, name_en text,
        geom geometry, attributes jsonb, raw_position jsonb
    ) on commit drop
""")
_COLUMNS = ("source_ref", "kind", "class_code", "name", "name_en", "geom", "attributes", "raw_position")


def upsert(db: Connection, source: str, rows: Iterable[AssetRow], run_id: int | None = None, why: str = "") -> Changes:
    """Add and change assets of one source. Of several rows with one reference the last counts.

    The rows are consumed as a stream; whatever error they raise comes through, and the caller's transaction undoes the rest. A row
    whose attributes do not fit its kind is left out and counted.
    """
    refused: list[tuple[AssetRow, str]] = []
    db.execute(text("drop table if exists pg_temp.staged_asset"))
    db.execute(_STAGE)
    staged = copy_rows(db, "staged_asset", _COLUMNS, _fitting(rows, refused))
    db.execute(named_sql("gis", "unrepeat_assets"))
    db.execute(text("create index on staged_asset (source_ref)"))
    db.execute(text("analyze staged_asset"))
    values = {"source": source, "run_id": run_id, "why": why}
    changed = db.execute(named_sql("gis", "change_assets"), values).scalar_one()
    with indexes_at_the_end(db, "register", staged > MANY):
        added = db.execute(named_sql("gis", "add_assets"), values).scalar_one()
    if added > MANY:
        db.execute(text("select gis.analyse_assets()"))
    changed += db.execute(named_sql("gis", "revive_assets"), values).scalar_one()
    known, absent = db.execute(named_sql("gis", "count_assets"), values).one()
    if run_id is not None:
        runs.keep_rejects(db, run_id, (Reject(row.ref, "unfit_attributes", why, row._asdict()) for row, why in refused))
    return Changes(added, changed, known - added - changed, absent, len(refused))


def _fitting(rows: Iterable[AssetRow], refused: list[tuple[AssetRow, str]]) -> Iterator[AssetRow]:
    """The rows whose attributes fit their kind; the others go to `refused` with the reason."""
    for row in rows:
        why = checking.check(row.kind, row.attributes)
        if why is None:
            yield row
        else:
            refused.append((row, why))


def follow(db: Connection, source: str, prefix: str, run_id: int, why: str) -> int:
    """For what exists only in its source, such as bus lines: assets whose reference begins with `prefix` and that the rows
    just loaded by `upsert` do not contain are removed, those that came back stand again. Returns how many were removed.
    """
    values = {"source": source, "prefix": prefix, "run_id": run_id, "why": why}
    return int(db.execute(named_sql("gis", "follow_assets"), values).scalar_one())


def ids(db: Connection, source: str) -> dict[str, int]:
    """Reference → id of all assets of a source."""
    rows = db.execute(text("select source_ref, id from gis.asset where source = :source"), {"source": source})
    return {row.source_ref: row.id for row in rows}


def count_by_kind(db: Connection, source: str) -> dict[str, int]:
    """How many assets of each kind the register holds from one source; removed ones are not counted."""
    rows = db.execute(
        text(
            "select kind, count(*) as number from gis.asset where source = :source and status <> 'removed'"
            " group by kind order by kind"
        ),
        {"source": source},
    )
    return {row.kind: row.number for row in rows}
