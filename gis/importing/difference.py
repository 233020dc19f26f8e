"""What a run does to the city: collected inside its transaction, kept while the run waits for a decision, read for people.

A preview is the import itself in a transaction that is rolled back; what it has written to the histories is its difference.
So a preview shows what applying does, by construction, for every kind of import. An applied run keeps no copy: its difference
is read from the histories.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from tempfile import SpooledTemporaryFile
from typing import Any

from sqlalchemy import Connection, text

IN_MEMORY = 8_000_000
"""Bytes of a difference that are kept in memory; more goes to a temporary file."""

_ABSENT = """
    union all
    select 'asset', a.source_ref, a.kind, a.name, 'absent', null, null, a.geom, null
    from gis.asset a
    where a.source = {source} and a.status <> 'removed'
      and not exists (select from pg_temp.staged_asset s where s.source_ref = a.source_ref)
"""
_COLUMNS = "run_id, number, object, ref, kind, name, change, before, after, geom, old_geom"
_REJECT_COLUMNS = "run_id, row, reason, detail, raw"


class _Digesting:
    """A file that is written through and hashed."""

    def __init__(self, file: Any) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def write(self, block: bytes) -> int:
        """Take a block of COPY's output."""
        self.digest.update(block)
        return int(self.file.write(block))


@dataclass(frozen=True)
class Collected:
    """A difference and the rows refused, as COPY wrote them; `digest` (SHA-256, hex) tells two differences apart."""

    changes: Any
    rejects: Any
    digest: str


@contextmanager
def collect(db: Connection, run_id: int, source: str) -> Iterator[Collected]:
    """The difference of the work done in this transaction. `source` is that of the assets just staged, or empty."""
    with (
        SpooledTemporaryFile(max_size=IN_MEMORY) as changes,
        SpooledTemporaryFile(max_size=IN_MEMORY) as rejects,
    ):
        counted = f"select {run_id}, row_number() over (order by object, ref, change), d.* from ({_query(db, run_id, source)}) d order by 2"
        out = _Digesting(changes)
        cursor = db.connection.cursor()
        cursor.copy_expert(f"copy ({counted}) to stdout", out)
        refused = f"select {_REJECT_COLUMNS} from gis.import_reject where run_id = {run_id} order by id"
        cursor.copy_expert(f"copy ({refused}) to stdout", rejects)
        changes.seek(0)
        rejects.seek(0)
        yield Collected(changes, rejects, out.digest.hexdigest())


def store(db: Connection, run_id: int, collected: Collected) -> None:
    """Keep a difference in place of the one that the run had."""
    forget(db, run_id)
    db.execute(text("delete from gis.import_reject where run_id = :id"), {"id": run_id})
    cursor = db.connection.cursor()
    cursor.copy_expert(f"copy gis.import_change ({_COLUMNS}) from stdin", collected.changes)
    cursor.copy_expert(f"copy gis.import_reject ({_REJECT_COLUMNS}) from stdin", collected.rejects)


def forget(db: Connection, run_id: int) -> None:
    """Drop the kept difference of a run."""
    db.execute(text("delete from gis.import_change where run_id = :id"), {"id": run_id})


def counts(db: Connection, run_id: int) -> dict[str, int]:
    """How many were added, changed, removed, absent."""
    rows = db.execute(
        text(f"select change, count(*) as n from ({_stored(db, run_id)}) d group by change order by change")
    )
    return {row.change: row.n for row in rows}


def rows(db: Connection, run_id: int, change: str = "", offset: int = 0, limit: int = 100) -> list[dict[str, Any]]:
    """Rows of the difference in order, each with its fields before and after and the metres it moved."""
    statement = text(f"""
        select object, ref, kind, name, change, before, after, st_x(p) as lon, st_y(p) as lat, old_geom is not null as redrawn,
               round(st_distance(st_centroid(geom)::geography, st_centroid(old_geom)::geography)::numeric, 2)::float8 as moved_m
        from ({_stored(db, run_id)}) d, st_pointonsurface(geom) p
        where :change in ('', change)
        order by array_position('{{removed,changed,added,absent}}', change), object, ref offset :offset limit :limit
    """)
    found = db.execute(statement, {"change": change, "offset": offset, "limit": limit}).mappings()
    return [_for_people(dict(row)) for row in found]


def features(db: Connection, run_id: int, most: int = 20_000) -> dict[str, Any]:
    """The difference as GeoJSON for a map, absent assets left out; at most so many, simplified below half a metre."""
    statement = text(f"""
        select json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
            'type', 'Feature', 'geometry', st_asgeojson(st_simplify(geom, 0.000005, true), 6)::json,
            'properties', json_build_object('change', change, 'ref', ref, 'kind', kind, 'name', name, 'object', object))), '[]'))
        from (select * from ({_stored(db, run_id)}) d where change <> 'absent' and geom is not null
              order by array_position('{{removed,changed,added}}', change), object, ref limit :most) shown
    """)
    found: dict[str, Any] = db.execute(statement, {"most": most}).scalar_one()
    return found


def fields(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Field by field what was and what will be; attributes one by one. Pure."""
    old, new = _flat(before or {}), _flat(after or {})
    names = dict.fromkeys([*old, *new])
    return [
        {"field": name, "before": old.get(name), "after": new.get(name)}
        for name in names
        if old.get(name) != new.get(name)
    ]


def _flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    flat = {name: value for name, value in facts.items() if name != "attributes"}
    return flat | {f"attributes.{name}": value for name, value in (facts.get("attributes") or {}).items()}


def _for_people(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("object", "ref", "kind", "name", "change", "lon", "lat")}
    told = fields(row["before"], row["after"])
    if row["redrawn"]:
        told.append({"field": "geometry", "before": None, "after": None, "moved_m": row["moved_m"]})
    return kept | {"fields": told}


def _query(db: Connection, run_id: int, source: str) -> str:
    """The difference that stands in the histories, and what of `source` was not staged just now."""
    query = _of_run(run_id)
    if source and db.execute(text("select to_regclass('pg_temp.staged_asset') is not null")).scalar():
        quoted = db.execute(text("select quote_literal(:source)"), {"source": source}).scalar_one()
        query += _ABSENT.format(source=quoted)
    return query


def _stored(db: Connection, run_id: int) -> str:
    """Where the difference of a run stands: kept for a decision, or in the histories."""
    kept = f"select * from gis.import_change where run_id = {int(run_id)}"
    if db.execute(text(f"select exists ({kept})")).scalar():
        return kept
    return _of_run(run_id)


def _of_run(run_id: int) -> str:
    script = files("gis.importing").joinpath("difference_of_run.sql").read_text(encoding="utf-8")
    return script.format(run_id=int(run_id))
