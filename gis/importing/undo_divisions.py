"""Taking back what an import did to the official list of divisions: new codes go, names are as before, all with history."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, text

from config.errors import IllegalStep
from gis.importing import steps

_UNKEPT = text("select not exists (select from gis.division_history where import_run_id = :run)")
_RESTING = text("""
    select s.code as ref, d.name, d.name as who from division_to_undo s join gis.division d using (code) where s.kept order by s.code
""")
_UNDO = text("""
    with gone as (
        delete from gis.division d using division_to_undo s where d.code = s.code and s.change = 'added' and not s.kept
        returning d.code, d.name
    ), turned as (
        update gis.division d set name = s.before, import_run_id = :undo
        from division_to_undo s where d.code = s.code and s.change = 'changed' and not s.kept
        returning d.code, d.name
    ), recorded as (
        insert into gis.division_history (code, change, before, after, why, import_run_id)
        select code, 'removed', jsonb_build_object('name', name), null, :why, :undo from gone
        union all
        select t.code, 'changed', jsonb_build_object('name', s.after), jsonb_build_object('name', t.name), :why, :undo
        from turned t join division_to_undo s using (code)
        returning change
    )
    select count(*) filter (where change = 'removed') as removed, count(*) filter (where change = 'changed') as restored from recorded
""")


def resting(db: Connection, run_id: int) -> list[dict[str, Any]]:
    """Codes of the run that a later run has changed, or under which other codes stand: reference and name.

    Raises IllegalStep for a run that came before the history of the list was kept.
    """
    counts = steps.get(db, run_id).counts.get("divisions", {})
    if (counts.get("added") or counts.get("changed")) and db.execute(_UNKEPT, {"run": run_id}).scalar():
        raise IllegalStep(
            "Run {run} came in before the history of the list was kept.", "Import a corrected list instead.", run=run_id
        )
    script = files("gis.importing").joinpath("divisions_to_undo.sql").read_text(encoding="utf-8")
    db.execute(text("drop table if exists pg_temp.division_to_undo"))
    db.execute(text(script), {"run": run_id})
    return [dict(row) for row in db.execute(_RESTING).mappings()]


def undo(db: Connection, run_id: int, undo_id: int) -> dict[str, int]:
    """Take back what `resting` has just staged and did not name; returns how many codes went and how many names are as before."""
    return dict(db.execute(_UNDO, {"undo": undo_id, "why": f"undo of run {run_id}"}).mappings().one())
