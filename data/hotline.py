"""The demonstration's hotline: who called about the cases of its history, what they were told, who was called back, the knowledge base.

Callers and numbers are invented; nothing is written past the doors that the pages use.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, text

from config.settings import Settings
from data.generator.frame import random
from data.hotline_words import ARTICLES, CALLERS, PROPOSAL, SAID_BACK, WITHOUT_CASE
from dispatch.calls import callbacks, callers, knowledge, taking
from dispatch.calls.callbacks import Said
from gis import actors, events, keyring
from gis.actors import Actor
from gis.db import named_sql
from gis.vault import KeyRing

_REPORTS = text("""
    select r.id, r.case_id, r.occurred_at, r.trace_id, c.closed_at, c.state
    from dispatch.report r join dispatch.seen_case c on c.id = r.case_id where r.source = 'hotline' order by r.occurred_at
""")
CALLED_BACK_AFTER = timedelta(hours=20)
"""Who was closed longer ago has been called back; the others wait on the desk's list."""


def load(db: Connection, settings: Settings, seed: int, now: datetime) -> None:
    """Fill the hotline's desk. Comes after the history of cases."""
    rng = random(seed, "hotline")
    keys = keyring.ring(db, settings)
    intake, leader = actors.actor(db, "intake"), actors.actor(db, "leader_shift")
    editions = _articles(db, intake, leader, now.astimezone(settings.time_zone).date(), now)
    for report in db.execute(_REPORTS).all():
        _call_about(db, keys, intake, report, rng)
    _without_case(db, keys, intake, editions, now)
    _call_back(db, settings, intake, now, rng)


def _articles(db: Connection, writer: Actor, approver: Actor, today: date, now: datetime) -> list[int]:
    """Articles in force since the spring, and one proposal that waits for approval. Returns ids of editions."""
    since = today - timedelta(days=200)
    found = []
    for words in ARTICLES:
        edition = knowledge.propose(db, writer, knowledge.Words(valid_from=since, **words))
        knowledge.decide(db, approver, edition, True, "", now)
        found.append(edition)
    knowledge.propose(db, writer, knowledge.Words(valid_from=today, **PROPOSAL))
    return found


def _call_about(db: Connection, keys: KeyRing, who: Actor, report: Row[Any], rng: np.random.Generator) -> None:
    """The call that brought a report: begun before it, ended after it. One in eight callers wishes to stay unknown."""
    caller = callers.caller(*CALLERS[int(rng.integers(len(CALLERS)))])
    begun = report.occurred_at - timedelta(seconds=int(rng.integers(40, 200)))
    call = taking.begin(db, who, keys, caller, bool(rng.random() < 0.125), begun, report.trace_id)
    taking.add_report(db, call, report.id, report.case_id)
    kind = str(rng.choice(["complaint", "request", "suggestion"], p=[0.7, 0.25, 0.05]))
    taking.end(db, who, call, kind, "", report.occurred_at + timedelta(seconds=30))


def _without_case(db: Connection, keys: KeyRing, who: Actor, editions: list[int], now: datetime) -> None:
    """Calls of the last hours that brought no case: answered, handed over, praise."""
    for number, (name, phone, kind, words, article, service) in enumerate(WITHOUT_CASE):
        begun = now - timedelta(minutes=35 + 47 * number)
        call = taking.begin(db, who, keys, callers.caller(name, phone), False, begun, events.new_trace())
        if article is not None:
            taking.answer(db, who, call, editions[article])
        if service:
            taking.hand_over(db, who, call, service, words)
        taking.end(db, who, call, kind, words, begun + timedelta(minutes=3))


def _call_back(db: Connection, settings: Settings, who: Actor, now: datetime, rng: np.random.Generator) -> None:
    """Closed cases of callers with a number: older ones were called back, the latest wait."""
    closed = text("""
        select distinct c.id, c.closed_at from dispatch.call_report r join dispatch.seen_case c on c.id = r.case_id
        where c.state = 'closed' order by c.closed_at
    """)
    for case in db.execute(closed).all():
        db.execute(named_sql("dispatch", "calls/open_callbacks"), {"case_id": case.id})
    waiting = text("""
        select b.id, b.closed_at from dispatch.callback b join dispatch.call c on c.id = b.call_id
        where b.state = 'waiting' and b.closed_at < :before order by b.closed_at, b.id
    """)
    for row in db.execute(waiting, {"before": now - CALLED_BACK_AFTER}).all():
        outcome, solved, satisfied, words = SAID_BACK[int(rng.integers(len(SAID_BACK)))]
        said = Said(outcome, solved, satisfied, words)
        at = min(row.closed_at + timedelta(hours=float(rng.uniform(1, 18))), now)
        callbacks.record(db, settings, who, row.id, said, at, events.new_trace())
