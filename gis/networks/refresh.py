"""Networks renewed behind the scenes: one process of the city builds the next version while questions work in the last (C3, S5).

What has been read stays in memory with the mark of its row, so that a build after an edit reads what was edited. A session's
advisory lock says that somebody keeps the networks; where nobody does, the question that comes builds by itself (store.py).
"""

from __future__ import annotations

import threading

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from config.errors import CityCommandError, ServiceUnavailable
from gis.db import transaction
from gis.networks import store
from gis.networks.kinds import NETWORKS, Kind
from gis.networks.reading import Known

log = structlog.get_logger()

LOOK_S = 0.5
"""How often the keeper asks whether anything was noted: one short statement."""

_NOTED = text("select distinct name from gis.network_change")


class Keeper:
    """Renews what was noted; `known` is what it has read of each network so far."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known = {name: Known() for name in NETWORKS}

    def renew(self) -> list[str]:
        """Build each network whose assets were changed, each in a transaction of its own; returns their names."""
        with transaction(self._engine) as db:
            noted = set(db.execute(_NOTED).scalars())
        return [name for name, kind in NETWORKS.items() if name in noted and self._renewed(kind)]

    def _renewed(self, kind: Kind) -> bool:
        with transaction(self._engine) as db:
            return store.renew(db, kind, self._known[kind.name])


def keep(engine: Engine, stopping: threading.Event) -> None:
    """Keep the networks until told to stop. A database that is away is waited for, a second keeper waits for the first."""
    while not stopping.wait(LOOK_S):
        try:
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as aside:
                if aside.execute(text("select pg_try_advisory_lock(:key)"), {"key": store.KEEPER}).scalar():
                    _keep(engine, aside, stopping)
        except (SQLAlchemyError, ServiceUnavailable) as error:
            log.warning("database_unavailable", error=str(error).strip())


def _keep(engine: Engine, aside: Connection, stopping: threading.Event) -> None:
    keeper = Keeper(engine)
    while not stopping.is_set():
        aside.execute(text("select 1"))  # the lock is this connection's: without it nobody may count on us
        try:
            for name in keeper.renew():
                log.info("network_renewed", network=name)
        except CityCommandError as error:
            log.error("network_not_renewed", error=str(error))
        stopping.wait(LOOK_S)
    aside.execute(text("select pg_advisory_unlock(:key)"), {"key": store.KEEPER})
