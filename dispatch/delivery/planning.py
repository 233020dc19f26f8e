"""From notices to what is to be sent: one row of the outbox for each notice, person and channel, in the notices' own transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, Row, text

from config.settings import Settings
from dispatch.delivery import moments
from dispatch.delivery.moments import Hours
from gis import clock
from gis.db import named_sql

_OPEN_CHANNELS = text("select exists (select from dispatch.channel where ended_at is null)")

_INSERT = text("""
    insert into dispatch.delivery (notice_id, channel_id, account_id, due_at, grouped)
    select r.notice_id, r.channel_id, r.account_id, r.due_at, r.grouped
    from jsonb_to_recordset(cast(:rows as jsonb))
         as r (notice_id bigint, channel_id bigint, account_id bigint, due_at timestamptz, grouped boolean)
    on conflict do nothing
""")


def plan(db: Connection, settings: Settings, notice_ids: Sequence[int]) -> None:
    """Enter in the outbox who gets these notices by which channel, and when. Where no channel is set up, nothing."""
    if not notice_ids or not db.execute(_OPEN_CHANNELS).scalar():
        return
    found = db.execute(named_sql("dispatch.delivery", "planning"), {"ids": list(notice_ids)}).all()
    now = clock.now(db)
    rows = [_row(one, settings, now) for one in found]
    if rows:
        db.execute(_INSERT, {"rows": json.dumps(rows, default=str)})


def _row(one: Row[Any], settings: Settings, now: datetime) -> dict[str, Any]:
    hours = Hours(one.quiet_from, one.quiet_until, one.daily_at or time(8))
    planned = moments.plan(now, one.mode, hours, one.urgent, settings.time_zone)
    return {
        "notice_id": one.id,
        "channel_id": one.channel_id,
        "account_id": one.account_id,
        "due_at": planned.due_at,
        "grouped": planned.grouped or one.shared,
    }
