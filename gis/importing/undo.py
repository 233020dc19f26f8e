"""Taking an applied import back as a whole. The undo is a run of its own, with its history; what it removes is marked, not deleted.

Areas are the exception: one that a run made, and that nothing has come to rest on, goes with its unit grids. An import that
is undone can be made again from its file; its assets stand again then.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from config.errors import IllegalStep, ImportInUse
from gis import tables, transit_tables
from gis.importing import runs, steps, undo_divisions
from gis.importing.instance import set_setting
from gis.importing.runs import Outcome

KINDS = ("osm", "layer", "areas", "gtfs", "epanet", "swmm", "divisions")
"""Kinds of import that can be undone; filing conditions and past reports have lives of their own."""

LISTED = 20
"""Later edits that a refusal names; all are counted."""

_OWN = {"id", "source", "source_ref", "version", "import_run_id", "recorded_at"}
"""Columns of an asset that no import changes back."""


def later_edits(db: Connection, run_id: int) -> list[dict[str, Any]]:
    """Assets of the run that somebody, or a later import, has changed since: reference, name, when, by whom or which run, why."""
    rows = db.execute(
        text("""
            with mine as (
                select asset_id, max(version) as version from gis.asset_history where import_run_id = :run group by asset_id
            )
            select a.source_ref as ref, a.name, h.recorded_at, h.why, h.import_run_id as run, p.name as who
            from mine m join gis.asset a on a.id = m.asset_id and a.version > m.version
            join lateral (select * from gis.asset_history h where h.asset_id = a.id order by h.version desc limit 1) h on true
            left join gis.account p on p.id = h.account_id
            order by a.source_ref
        """),
        {"run": run_id},
    )
    return [dict(row) for row in rows.mappings()]


def undo(db: Connection, run_id: int, *, keep_later: bool = False, account_id: int | None = None) -> Outcome:
    """Undo an applied run in the caller's transaction; returns the outcome of the undoing run.

    With `keep_later`, assets changed since, and areas in use, stay as they are. Raises IllegalStep for a run that is not
    applied or of a kind that cannot be undone, ImportInUse naming what later work rests on.
    """
    run = steps.get(db, run_id)
    steps.must(run, "undone")
    if run.kind not in KINDS:
        raise IllegalStep("A run of kind {kind} cannot be undone.", "Import a corrected file instead.", kind=run.kind)
    edits = undo_divisions.resting(db, run_id) if run.kind == "divisions" else later_edits(db, run_id)
    if edits and not keep_later:
        raise _in_use(run, edits)
    undo_id = _open(db, run, account_id)
    counts: dict[str, Any] = {
        "undoes": run_id,
        "kept": [edit["ref"] for edit in edits[:LISTED]],
        "kept_number": len(edits),
    }
    counts["assets"] = _assets(db, run_id, undo_id)
    counts["areas"] = _areas(db, run_id, undo_id, keep_later)
    counts["timetable"] = _timetable(db, run_id)
    if run.kind == "divisions":
        counts["divisions"] = undo_divisions.undo(db, run_id, undo_id)
    counts["settings"] = _settings(db, run.effects.get("settings", {}))
    if run.replays is not None:
        counts["waiting_again"] = _unmended(db, run)
    steps.to(db, run_id, "undone")
    return runs.finish(db, Outcome(undo_id, counts))


def _in_use(run: Row[Any], edits: list[dict[str, Any]]) -> ImportInUse:
    named = [f"{edit['ref']} ({edit['who'] or edit['why']})" for edit in edits[:LISTED]]
    more = " …" if len(edits) > LISTED else ""
    if run.kind == "divisions":
        return ImportInUse(
            "{count} codes of run {run} were changed since, or later lists rest on them: {codes}{more}.",
            count=len(edits),
            run=run.id,
            codes=", ".join(named),
            more=more,
        )
    return ImportInUse(
        "{count} assets of run {run} were changed since: {assets}{more}.",
        count=len(edits),
        run=run.id,
        assets=", ".join(named),
        more=more,
    )


def _open(db: Connection, run: Row[Any], account_id: int | None) -> int:
    values = {
        "kind": "undo",
        "file_name": run.file_name,
        "sha256": run.sha256,
        "undoes": run.id,
        "account_id": account_id,
    }
    statement = insert(tables.import_run).values(**values).returning(tables.import_run.c.id)
    return int(db.execute(statement).scalar_one())


def _assets(db: Connection, run_id: int, undo_id: int) -> Mapping[str, int]:
    names = [column.name for column in tables.asset.columns if column.name not in _OWN]
    columns = ", ".join(f"{name} = case when d.facts ? '{name}' then n.{name} else a.{name} end" for name in names)
    script = files("gis.importing").joinpath("undo_assets.sql").read_text(encoding="utf-8")
    values = {"run_id": run_id, "undo_id": undo_id, "why": f"undo of run {run_id}"}
    return dict(db.execute(text(script.replace("{columns}", columns)), values).mappings().one())


def _areas(db: Connection, run_id: int, undo_id: int, keep: bool) -> dict[str, int]:
    """Areas that the run changed are as before; those it made go, the lowest level first."""
    values = {"run": run_id, "undo": undo_id, "why": f"undo of run {run_id}"}
    restored = db.execute(_RESTORE_AREAS, values).rowcount
    made = db.execute(_MADE_AREAS, values).all()
    gone = kept = 0
    for area in made:
        if _remove_area(db, area, values, keep):
            gone += 1
        else:
            kept += 1
    return {"restored": restored, "removed": gone, "kept": kept}


def _remove_area(db: Connection, area: Row[Any], values: Mapping[str, Any], keep: bool) -> bool:
    """Whether the area went. Raises ImportInUse where something rests on it and `keep` is not wished."""
    resting = _resting_on(db, area)
    try:
        if not resting:
            with db.begin_nested():
                db.execute(text("delete from gis.unit_grid where area_id = :id"), {"id": area.id})
                db.execute(_REMOVE_AREA, {**values, "id": area.id})
            return True
    except IntegrityError as error:
        resting = getattr(getattr(error.orig, "diag", None), "table_name", None) or "another table"
    if keep:
        return False
    raise ImportInUse(
        "The area {name} ({code}) is in use: {table} refers to it or to its unit grids.",
        name=area.name,
        code=area.code,
        table=resting,
    )


def _resting_on(db: Connection, area: Row[Any]) -> str:
    """The first table with rows that name the area or one of its unit grids without a foreign key, such as cases; else empty."""
    found = db.execute(
        text("""
            select c.table_schema || '.' || c.table_name as name, c.column_name as col from information_schema.columns c
            where c.column_name in ('grid_id', 'area_code') and c.table_schema in ('ingest', 'dispatch', 'welfare')
            order by 1, 2
        """)
    )
    for row in found.all():
        condition = (
            "area_code = :code"
            if row.col == "area_code"
            else "grid_id in (select id from gis.unit_grid where area_id = :id)"
        )
        query = text(f"select exists (select from {row.name} where {condition})")
        if db.execute(query, {"code": area.code, "id": area.id}).scalar():
            return str(row.name)
    walked = text(
        "select exists (select from gis.unit_grid where area_id = :id and responsibility_grid_id is not null)"
    )
    return "gis.responsibility_grid" if db.execute(walked, {"id": area.id}).scalar() else ""


def _timetable(db: Connection, run_id: int) -> dict[str, Any]:
    """The edition that the run brought gives way to the one before it; its days stay described for the history."""
    feed = transit_tables.transit_feed
    mine = db.execute(select(feed).where(feed.c.import_run_id == run_id, feed.c.current)).first()
    if mine is None:
        return {}
    db.execute(update(feed).where(feed.c.id == mine.id).values(current=False))
    before = db.execute(
        text("""
            select f.id, f.version from gis.transit_feed f left join gis.import_run r on r.id = f.import_run_id
            where f.name = :name and f.version < :version and coalesce(r.state, 'applied') = 'applied'
            order by f.version desc limit 1
        """),
        {"name": mine.name, "version": mine.version},
    ).first()
    if before is not None:
        db.execute(update(feed).where(feed.c.id == before.id).values(current=True))
    return {"feed": mine.name, "from": mine.version, "to": before.version if before else None}


def _unmended(db: Connection, run: Row[Any]) -> int:
    """Rows that the run had brought in corrected wait again in the run that refused them; returns how many."""
    statement = text(
        "update gis.import_reject set replayed_at = null where run_id = :refusing and replayed_at between :started and :finished"
    )
    values = {"refusing": run.replays, "started": run.started_at, "finished": run.finished_at}
    return db.execute(statement, values).rowcount


def _settings(db: Connection, changed: Mapping[str, list[Any]]) -> list[str]:
    """Facts of the instance that the run changed, and nothing since, are as before; returns their names."""
    table, restored = tables.setting, []
    for name, (before, after) in changed.items():
        if db.execute(select(table.c.value).where(table.c.name == name)).scalar() != after:
            continue
        if before is None:
            db.execute(table.delete().where(table.c.name == name))
        else:
            set_setting(db, name, before)
        restored.append(name)
    return restored


_RESTORE_AREAS = text("""
    with last as (
        select distinct on (h.area_id) h.* from gis.area_history h
        where h.area_id in (select area_id from gis.area_history where import_run_id = :run) order by h.area_id, h.id desc
    ), mine as (select * from last where import_run_id = :run and change = 'changed'),
    turned as (
        update gis.area a
        set level = coalesce(h.before ->> 'level', a.level), name = coalesce(h.before ->> 'name', a.name),
            name_en = coalesce(h.before ->> 'name_en', a.name_en), source = coalesce(h.before ->> 'source', a.source),
            parent_id = case when h.before ? 'parent_id' then (h.before ->> 'parent_id')::bigint else a.parent_id end,
            population = case when h.before ? 'population' then (h.before ->> 'population')::int else a.population end,
            raw_position = case when h.before ? 'raw_position' then nullif(h.before -> 'raw_position', 'null') else a.raw_position end,
            geom = coalesce((h.before ->> 'geom')::geometry, a.geom), recorded_at = gis.now()
        from mine h where a.id = h.area_id
        returning a.id, a.code, h.before, h.after
    )
    insert into gis.area_history (area_id, code, change, before, after, why, import_run_id)
    select id, code, 'changed', after, before, :why, :undo from turned
""")
"""Areas that were changed again since stay as they are: a later run owns them."""

_MADE_AREAS = text("""
    select a.id, a.code, a.name from gis.area_history h join gis.area a on a.id = h.area_id
    where h.import_run_id = :run and h.change = 'added'
    order by array_position('{community,subdistrict,district,city}', a.level), a.code
""")

_REMOVE_AREA = text("""
    with gone as (delete from gis.area where id = :id returning *)
    insert into gis.area_history (area_id, code, change, before, why, import_run_id)
    select id, code, 'removed',
           jsonb_build_object('level', level, 'name', name, 'name_en', name_en, 'parent_id', parent_id, 'population', population,
                              'source', source, 'raw_position', raw_position, 'geom', encode(st_asewkb(geom), 'hex')),
           :why, :undo
    from gone
""")
