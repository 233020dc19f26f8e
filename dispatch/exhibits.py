"""Evidence rows of a case: which stored file belongs to which stage, who sent it, when, from where (D2, D9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from dispatch.evidence import StoredFile
from gis import events
from gis.actors import Actor

_INSERT = text("""
    insert into dispatch.evidence (case_id, stage, sha256, size, media_type, file_name, account_id, geom, distance_m,
                                   occurred_at, recorded_at, trace_id)
    values (:case_id, :stage, :sha256, :size, :media_type, :file_name, :account_id,
            case when cast(:lon as double precision) is null then null else st_setsrid(st_makepoint(:lon, :lat), 4326) end,
            :distance_m, :occurred_at, :now, :trace_id)
    returning id
""")


def add(
    db: Connection,
    case_id: int,
    stage: str,
    files: Sequence[StoredFile],
    actor: Actor | None,
    point: tuple[float, float] | None,
    distance_m: float | None,
    occurred_at: datetime,
    now: datetime,
    trace_id: str,
) -> list[int]:
    """Enter stored files as evidence of a stage; what is in the pictures is read after commit. Returns their ids."""
    ids = []
    for file in files:
        values = {
            "case_id": case_id,
            "stage": stage,
            "sha256": file.sha256,
            "size": file.size,
            "media_type": file.media_type,
            "file_name": file.file_name,
            "account_id": actor.account_id if actor else None,
            "lon": point[0] if point else None,
            "lat": point[1] if point else None,
            "distance_m": distance_m,
            "occurred_at": occurred_at,
            "now": now,
            "trace_id": trace_id,
        }
        ids.append(int(db.execute(_INSERT, values).scalar_one()))
        events.append(db, "evidence.stored", f"evidence:{ids[-1]}", {"evidence_id": ids[-1]}, trace_id, occurred_at)
    return ids
