"""Runs for people: the list, one run with its figures and what can be done with it, the rows that it refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from config.errors import NotFound
from config.i18n import _
from gis.importing import difference, undo
from gis.importing.steps import LOCKS

KIND_NAMES = {
    "layer": _("Assets of one layer"),
    "areas": _("Administrative areas"),
    "osm": _("A city from OpenStreetMap"),
    "gtfs": _("Bus lines and timetable (GTFS)"),
    "epanet": _("A water network (EPANET)"),
    "swmm": _("A sewer network (SWMM)"),
    "standards": _("Filing conditions"),
    "divisions": _("Official list of divisions"),
    "reports": _("Past reports"),
    "calendar": _("Working calendar"),
    "replay": _("Replay of past reports"),
    "undo": _("Undo"),
}
"""Kinds of import in words."""

_RUN = """
    select r.id, r.kind, r.file_name, r.state, r.counts, r.options, r.progress, r.problem, r.started_at, r.finished_at,
           r.undoes, r.replays, r.effects ->> 'source' as source, p.name as who,
           (select u.id from gis.import_run u where u.undoes = r.id order by u.id desc limit 1) as undone_by,
           exists (select from pg_locks l where l.locktype = 'advisory' and l.classid = :locks and l.objid = r.id) as working,
           (select count(*) from gis.import_reject j where j.run_id = r.id) as refused,
           (select count(*) from gis.import_reject j where j.run_id = r.id and j.replayed_at is not null) as replayed
    from gis.import_run r left join gis.account p on p.id = r.account_id
"""


def runs(db: Connection, limit: int = 50, before: int | None = None) -> list[dict[str, Any]]:
    """The newest runs first; `before` is the id of the last one already seen."""
    statement = text(_RUN + " where cast(:before as bigint) is null or r.id < :before order by r.id desc limit :limit")
    return [
        _with_steps(row) for row in db.execute(statement, {"before": before, "limit": limit, "locks": LOCKS}).mappings()
    ]


def run(db: Connection, run_id: int) -> dict[str, Any]:
    """One run, with how many assets and areas it adds, changes, removes. Raises NotFound."""
    row = db.execute(text(_RUN + " where r.id = :id"), {"id": run_id, "locks": LOCKS}).mappings().first()
    if row is None:
        raise NotFound("There is no import run {run}.", "Look at the list of runs.", run=run_id)
    found = _with_steps(row)
    return found | {"difference": difference.counts(db, run_id), "reasons": reasons(db, run_id)}


def reasons(db: Connection, run_id: int) -> list[dict[str, Any]]:
    """Why rows were refused: reason, number of rows, one of them in words."""
    statement = text(
        "select reason, count(*) as rows, min(detail) as example from gis.import_reject where run_id = :id"
        " group by reason order by count(*) desc, reason"
    )
    return [dict(row) for row in db.execute(statement, {"id": run_id}).mappings()]


def rejects(db: Connection, run_id: int) -> list[dict[str, Any]]:
    """The rows that were refused, or taken with a remark, as they came."""
    statement = text(
        "select row, reason, detail, raw, replayed_at from gis.import_reject where run_id = :id order by id"
    )
    return [dict(row) for row in db.execute(statement, {"id": run_id}).mappings()]


def can(kind: str, state: str) -> list[str]:
    """What may be done with a run of this kind in this state. Pure."""
    if state == "previewed":
        return ["apply", "discard"]
    if state == "failed":
        return ["discard"]
    return ["undo"] if state == "applied" and kind in undo.KINDS else []


def _with_steps(row: Mapping[Any, Any]) -> dict[str, Any]:
    return dict(row) | {"can": can(row["kind"], row["state"])}
