"""Connectors in the database: defined, due, what came of each attempt, and how each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from config.errors import NotFound
from gis.db import named_sql
from gis.tables import NOW
from ingest.connectors import schedule
from ingest.connectors.definition import Definition
from ingest.connectors.schedule import Past
from ingest.connectors.tables import connector, fetch


def define(db: Connection, said: Definition) -> None:
    """Add a connector, or replace its definition; it is read at once."""
    values = asdict(said) | {"settings": dict(said.settings)}
    replaced = {name: value for name, value in values.items() if name != "code"} | {"next_at": NOW, "recorded_at": NOW}
    db.execute(upsert(connector).values(**values).on_conflict_do_update(index_elements=["code"], set_=replaced))


def get(db: Connection, code: str) -> Row[Any]:
    """A connector's row. Raises NotFound."""
    row = db.execute(select(connector).where(connector.c.code == code)).first()
    if row is None:
        raise NotFound("There is no connector {code}.", "Look at the list: ./citycommand connectors list", code=code)
    return row


def due(db: Connection, now: datetime) -> str | None:
    """The code of the connector that has waited longest for its turn, or None."""
    waiting = select(connector.c.code).where(connector.c.active, connector.c.next_at <= now)
    return db.execute(waiting.order_by(connector.c.next_at).limit(1)).scalar()


def soon(db: Connection, code: str) -> None:
    """Read it at the next look. Raises NotFound."""
    get(db, code)
    db.execute(update(connector).where(connector.c.code == code).values(next_at=NOW))


def pause(db: Connection, code: str, active: bool) -> None:
    """Stop reading it, or go on. Raises NotFound."""
    get(db, code)
    db.execute(update(connector).where(connector.c.code == code).values(active=active, next_at=NOW))


def record(db: Connection, code: str, outcome: str, started_at: datetime, now: datetime, **facts: Any) -> None:
    """Write down what came of an attempt and when the next one is."""
    db.execute(insert(fetch).values(connector_code=code, outcome=outcome, started_at=started_at, **facts))
    row = get(db, code)
    following = schedule.next_at(now, row.every_s, past(db, code).failures)
    db.execute(update(connector).where(connector.c.code == code).values(next_at=following))


def past(db: Connection, code: str) -> Past:
    """What is known of the attempts up to now."""
    row = db.execute(named_sql("ingest.connectors", "past"), {"code": code}).mappings().one()
    return Past(**row)


def last_applied(db: Connection, code: str) -> str | None:
    """Fingerprint of the last file that was applied, or found to be the same, and of one that waits for a decision."""
    newest = select(fetch.c.sha256).where(fetch.c.connector_code == code, fetch.c.sha256.is_not(None))
    return db.execute(newest.order_by(fetch.c.id.desc()).limit(1)).scalar()


def listed(db: Connection, now: datetime) -> list[dict[str, Any]]:
    """All connectors with how they stand, those in trouble first; addresses and secrets are left out."""
    rows = db.execute(select(connector).order_by(connector.c.code)).mappings().all()
    found = [_listed(db, row, now) for row in rows]
    order = ("failing", "late", "held", "new", "ok", "paused")
    return sorted(found, key=lambda each: (order.index(each["standing"]), each["code"]))


def attempts(db: Connection, code: str, limit: int = 30) -> list[dict[str, Any]]:
    """The newest attempts first. Raises NotFound."""
    get(db, code)
    rows = db.execute(select(fetch).where(fetch.c.connector_code == code).order_by(fetch.c.id.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


def _listed(db: Connection, row: Mapping[Any, Any], now: datetime) -> dict[str, Any]:
    shown = ("code", "name", "name_en", "reads", "import_kind", "mapping", "every_s", "hold_share", "active", "next_at")
    known = past(db, row["code"])
    latest = attempts(db, row["code"], 1)
    return (
        {name: row[name] for name in shown}
        | asdict(schedule.state(known, row["active"], row["every_s"], now))
        | {"succeeded_at": known.succeeded_at, "data_at": known.data_at}
        | {
            "last": {name: latest[0][name] for name in ("outcome", "run_id", "problem", "recorded_at")}
            if latest
            else None
        }
    )


WAITING = text("select state from gis.import_run where id = :id")


def still_held(db: Connection, run_id: int) -> bool:
    """Whether a held run still waits for a steward."""
    return db.execute(WAITING, {"id": run_id}).scalar() == "previewed"
