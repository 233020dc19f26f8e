"""The outbox: what is due is claimed one message at a time, then marked. Killed at any moment, nothing is lost (rule 6).

A claim is committed before anything is sent: it counts the attempt, gives the message an id that it keeps for good, and says when it
may be tried again should its worker die. What was marked as sent is never claimed again; only a worker that dies between sending and
marking sends a message twice, under the same id.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, text

from config.errors import CityCommandError, NotDelivered

MOST_ATTEMPTS = 8
"""After so many failures a delivery is a dead letter: kept with its reason, listed, and tried again when somebody says so."""

FIRST_RETRY_S, LONGEST_RETRY_S = 30, 3600
LONGEST_PAUSE_S = 300
"""A channel that fails rests 5, 10, 20 … seconds, so that an outage costs one letter its attempts and not thousands."""

LINES = 100
"""Notices in one message at most."""


@dataclass(frozen=True)
class Claimed:
    """One message to send: its channel, its id, for whom (None: whoever reads the channel), and its rows of the outbox."""

    channel_id: int
    message_id: str
    account_id: int | None
    rows: tuple[Row[Any], ...]


def claim(db: Connection, busy: Collection[int] = ()) -> Claimed | None:
    """Take the next message of a channel that is not busy and may send now; None where nothing is due. Commit before sending."""
    channel = db.execute(_CHANNEL, {"busy": list(busy)}).first()
    if channel is None:
        return None
    first = db.execute(_FIRST, {"channel": channel.id}).first()
    if first is None:
        return None
    message_id = first.message_id or str(uuid4())
    values = {
        "channel": channel.id,
        "first": first.id,
        "known": first.message_id,
        "message": message_id,
        "account": first.account_id,
        "grouped": first.grouped,
        "lines": LINES,
        "retry": FIRST_RETRY_S,
        "longest": LONGEST_RETRY_S,
        "why": json.dumps(NotDelivered("It was not finished.", "").kept()),
    }
    rows = db.execute(_CLAIM, values).all()
    return Claimed(channel.id, message_id, first.account_id, tuple(sorted(rows, key=lambda row: int(row.id))))


def sent(db: Connection, claimed: Claimed, fell_back: Collection[int] = ()) -> None:
    """The message has gone out; the channel is well."""
    ids = [row.id for row in claimed.rows]
    db.execute(_SENT, {"ids": ids, "fell_back": list(fell_back)})
    db.execute(
        text("update dispatch.channel set failures = 0, last_error = null, last_sent_at = gis.now() where id = :id"),
        {"id": claimed.channel_id},
    )


def failed(db: Connection, claimed: Claimed, error: CityCommandError) -> None:
    """The message has not gone out: keep the reason; it comes again later, or is a dead letter. The channel rests for a while."""
    why = json.dumps(error.kept(), ensure_ascii=False)
    db.execute(_FAILED, {"ids": [row.id for row in claimed.rows], "why": why, "most": MOST_ATTEMPTS})
    db.execute(_REST, {"id": claimed.channel_id, "why": why, "longest": LONGEST_PAUSE_S})


def drop(db: Connection, ids: Sequence[int], error: CityCommandError) -> None:
    """These go to nobody any more, with the reason: no address, an account that was closed, a case out of sight."""
    why = json.dumps(error.kept(), ensure_ascii=False)
    db.execute(
        text("update dispatch.delivery set state = 'dropped', error = cast(:why as jsonb) where id = any(:ids)"),
        {"ids": list(ids), "why": why},
    )


def put_off(db: Connection, ids: Sequence[int], until: datetime) -> None:
    """Quiet hours have begun meanwhile: these wait until then, together, and this was no attempt."""
    db.execute(
        text(
            "update dispatch.delivery set state = 'pending', due_at = :until, grouped = true, message_id = null,"
            " attempts = attempts - 1, next_at = clock_timestamp(), error = null where id = any(:ids)"
        ),
        {"ids": list(ids), "until": until},
    )


_CHANNEL = text("""
    update dispatch.channel set next_at = clock_timestamp() + 60.0 / per_minute * interval '1 second'
    where id = (
        select c.id from dispatch.channel c
        where c.ended_at is null and c.next_at <= clock_timestamp() and c.id <> all(:busy)
          and exists (select from dispatch.delivery d where d.channel_id = c.id and d.state in ('pending', 'failed')
                      and d.due_at <= gis.now() and d.next_at <= clock_timestamp())
        order by c.next_at limit 1 for update skip locked)
    returning id
""")

_FIRST = text("""
    select id, account_id, grouped, message_id from dispatch.delivery
    where channel_id = :channel and state in ('pending', 'failed') and due_at <= gis.now() and next_at <= clock_timestamp()
    order by due_at, id limit 1 for update skip locked
""")

_CLAIM = text("""
    update dispatch.delivery d
    set state = 'failed', attempts = d.attempts + 1, message_id = :message, error = cast(:why as jsonb),
        next_at = clock_timestamp() + least(:retry * power(2, d.attempts), :longest) * interval '1 second'
    from dispatch.notice n
    where n.id = d.notice_id and d.id in (
        select o.id from dispatch.delivery o
        where o.channel_id = :channel and o.state in ('pending', 'failed') and o.due_at <= gis.now() and o.next_at <= clock_timestamp()
          and (o.id = :first or o.message_id = cast(:known as text)
               or (cast(:known as text) is null and :grouped and o.grouped and o.message_id is null
                   and o.account_id is not distinct from cast(:account as bigint)))
        order by o.due_at, o.id limit :lines for update skip locked)
    returning d.id, d.notice_id, d.attempts, n.kind, n.case_id, n.urgent, n.facts, n.recorded_at
""")

_SENT = text("""
    update dispatch.delivery set state = 'sent', sent_at = gis.now(), error = null, fell_back = notice_id = any(:fell_back)
    where id = any(:ids)
""")

_FAILED = text("""
    update dispatch.delivery set state = case when attempts >= :most then 'dead' else 'failed' end, error = cast(:why as jsonb)
    where id = any(:ids)
""")

_REST = text("""
    update dispatch.channel set failures = failures + 1, last_error = cast(:why as jsonb),
        next_at = clock_timestamp() + least(5 * power(2, least(failures, 10)), :longest) * interval '1 second'
    where id = :id
""")
