"""The exchange process: reads connected systems on their schedules and imports what they bring (C6). `python -m api.exchange`.

Each attempt ends in one row of ingest.fetch: applied, unchanged, held for a steward because too much would change, or failed with the
reason. What is brought goes through the same import in steps as a file that somebody uploads. One process does it, one system after
the other; a lock keeps a second process from doing it too. Beside that it renews the networks after edits (gis/networks/refresh.py).
"""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.exc import SQLAlchemyError

from api import import_work
from api.import_work import Task
from config.errors import CityCommandError, ServiceUnavailable
from config.logs import configure
from config.settings import Settings, from_environment
from gis import clock
from gis.db import make_engine, transaction
from gis.importing import difference, mappings, runs, steps
from gis.networks import refresh
from ingest.connectors import register
from ingest.connectors.definition import READERS
from ingest.connectors.reader import Brought, Request, secrets_of

log = structlog.get_logger()

LOOK_S = 2.0
LOCK = 4_014
"""Key of the advisory lock that the working process holds."""


def read_now(engine: Engine, settings: Settings, code: str) -> str:
    """Read one system and import what it brings; returns the outcome. What goes wrong is written down, not raised."""
    with transaction(engine) as db:
        row, started = register.get(db, code), clock.now(db)
        known, since = register.last_applied(db, code), register.past(db, code).data_at
    try:
        outcome, facts = _read(engine, settings, row, known, since)
    except CityCommandError as error:
        outcome, facts = "failed", {"problem": error.kept()}
    with transaction(engine) as db:
        register.record(db, code, outcome, started, clock.now(db), **facts)
    return outcome


def _read(
    engine: Engine, settings: Settings, row: Row[Any], known: str | None, since: datetime | None
) -> tuple[str, dict[str, Any]]:
    secrets = secrets_of(settings.connector_secrets, str(row.settings.get("secret", "")))
    with tempfile.TemporaryDirectory(prefix=f"connector-{row.code}-") as folder:
        brought = READERS[row.reads](Request(row.code, row.settings, secrets, Path(folder), since))
        try:
            return _take(engine, settings, row, known, brought)
        finally:
            brought.close()


def _take(
    engine: Engine, settings: Settings, row: Row[Any], known: str | None, brought: Brought
) -> tuple[str, dict[str, Any]]:
    facts: dict[str, Any] = {"data_at": brought.data_at}
    if not brought.files:
        return "unchanged", facts
    facts |= {"sha256": runs.fingerprint(brought.files), "bytes": sum(path.stat().st_size for path in brought.files)}
    if facts["sha256"] == known:
        brought.settle()
        return "unchanged", facts
    with transaction(engine) as db:
        mapping = mappings.load(db, row.mapping) if row.mapping else None
    task = Task(row.import_kind, list(brought.files), mapping, {"connector": row.code})
    _give_up_held(engine, settings, row.code)
    run_id = import_work.preview(engine, settings, task)
    with transaction(engine) as db:
        held = share_touched(difference.counts(db, run_id), _standing(db, run_id)) > row.hold_share
    if not held:
        import_work.apply(engine, settings, run_id)
    brought.settle()
    return "held" if held else "applied", facts | {"run_id": run_id}


def share_touched(counts: Mapping[str, int], standing: int) -> float:
    """Which part of what stands would be changed or removed. Pure; 0 where nothing stands. What a file lacks stays as it is."""
    return (counts.get("changed", 0) + counts.get("removed", 0)) / standing if standing else 0.0


def _standing(db: Connection, run_id: int) -> int:
    source = steps.get(db, run_id).effects.get("source", "")
    held = text("select count(*) from gis.asset where source = :source and status <> 'removed'")
    return int(db.execute(held, {"source": source}).scalar_one())


def _give_up_held(engine: Engine, settings: Settings, code: str) -> None:
    """A newer edition takes the place of one that still waits for a steward."""
    with transaction(engine) as db:
        waiting = [
            each["run_id"]
            for each in register.attempts(db, code)
            if each["outcome"] == "held" and each["run_id"] and register.still_held(db, each["run_id"])
        ]
    for run_id in waiting:
        import_work.discard(engine, settings, run_id)


def work(engine: Engine, settings: Settings, stopping: threading.Event) -> None:
    """Read what is due, until told to stop. A database that is away is waited for."""
    while not stopping.wait(LOOK_S):
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as aside:
                if not aside.execute(text("select pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar():
                    continue
                while not stopping.is_set() and (code := _due(engine)):
                    _guarded(engine, settings, code)
                aside.execute(text("select pg_advisory_unlock(:key)"), {"key": LOCK})
        except (SQLAlchemyError, ServiceUnavailable) as error:
            log.warning("database_unavailable", error=str(error).strip())


def _guarded(engine: Engine, settings: Settings, code: str) -> None:
    """A fault of our own with one system must not keep the others from being read."""
    try:
        log.info("connector_read", connector=code, outcome=read_now(engine, settings, code))
    except (SQLAlchemyError, ServiceUnavailable):
        raise
    except Exception as error:
        log.error("connector_broken", connector=code, exc_info=error)
        broken = CityCommandError("Reading it failed unexpectedly ({problem}).", problem=type(error).__name__)
        with transaction(engine) as db:
            now = clock.now(db)
            register.record(db, code, "failed", now, now, problem=broken.kept())


def _due(engine: Engine) -> str | None:
    with transaction(engine) as db:
        return register.due(db, clock.now(db))


def main() -> None:
    """Entry of the process."""
    configure("exchange")
    settings = from_environment()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    engine = make_engine(settings.database_url, pool_size=4)
    log.info("started")
    with transaction(engine) as db:
        steps.settle_interrupted(db)
    keeper = threading.Thread(target=refresh.keep, args=(engine, stopping), name="networks", daemon=True)
    keeper.start()
    work(engine, settings, stopping)
    keeper.join(5)
    engine.dispose()
    sys.exit(0)


if __name__ == "__main__":
    main()
