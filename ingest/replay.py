"""Kept messages tried again after a correction: `python -m ingest.replay REASON`."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import CityCommandError, InvalidInput
from config.settings import from_environment as settings_from_environment
from config.telemetry import Limits
from gis import clock
from gis.db import make_engine, transaction
from ingest import batch
from ingest.batch import Message, Outcome
from ingest.refusal import REASONS
from ingest.registry import Registry

ROWS_A_BATCH = 1000

_TAKE = text("""
    select id, topic, payload, recorded_at from ingest.quarantine
    where reason = :reason and replayed_at is null and id > :after
    order by id limit :most for update skip locked
""")


def replay_quarantine(db: Connection, reason: str) -> dict[str, int]:
    """Try every message kept for `reason` again. The caller commits.

    Each is judged as of its first arrival. What is stored now is marked replayed; what is refused again stays, with the
    reason that holds now. Returns {"tried", "stored", "repeated", "refused"} and raises InvalidInput for an unknown reason.
    """
    if reason not in REASONS:
        raise InvalidInput(
            "Nothing is kept for the reason '{reason}'.",
            "Choose one of: {known}.",
            reason=reason,
            known=", ".join(REASONS),
        )
    counts: Counter[str] = Counter(tried=0, stored=0, repeated=0, refused=0)
    registry, after = Registry(), 0
    while rows := db.execute(_TAKE, {"reason": reason, "after": after, "most": ROWS_A_BATCH}).all():
        messages = [Message(row.topic, bytes(row.payload), row.recorded_at) for row in rows]
        outcome = batch.process(db, registry, messages, Limits())
        _mark(db, rows, outcome)
        counts.update(tried=len(rows), stored=outcome.stored, repeated=outcome.repeated, refused=len(outcome.refused))
        after = rows[-1].id
    return dict(counts)


def _mark(db: Connection, rows: Sequence[Row[Any]], outcome: Outcome) -> None:
    used = [row.id for place, row in enumerate(rows) if place not in outcome.refused]
    db.execute(
        text("update ingest.quarantine set replayed_at = :now where id = any(:ids)"),
        {"now": clock.now(db), "ids": used},
    )
    for place, refusal in outcome.refused.items():
        db.execute(
            text("update ingest.quarantine set reason = :reason, detail = :detail where id = :id"),
            {"id": rows[place].id, "reason": refusal.reason, "detail": refusal.detail},
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay on the command line; prints the counts as JSON. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ingest.replay", description="Try kept messages again.")
    parser.add_argument("reason", choices=sorted(REASONS), help="why they were refused")
    reason = parser.parse_args(arguments).reason
    try:
        engine = make_engine(settings_from_environment().database_url, pool_size=1)
        with transaction(engine) as db:
            print(json.dumps(replay_quarantine(db, reason)))
    except CityCommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
