"""A case as its next move is decided from: its row, what stands around it, and the moves made so far."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import NotFound
from dispatch.workflow.guards import Made
from gis.db import named_sql


def case(db: Connection, case_id: int) -> Row[Any]:
    """The row of dispatch/case_facts.sql. Raises NotFound."""
    row = db.execute(named_sql("dispatch", "case_facts"), {"id": case_id}).first()
    if row is None:
        raise NotFound("There is no case {case}.", case=case_id)
    return row


def made(db: Connection, case_id: int) -> Made:
    """The moves made on the case, imported ones left out: they were made under other rules."""
    rows = db.execute(
        text(
            "select account_id, move, count(*) as n from dispatch.case_event where case_id = :id and not imported"
            " group by account_id, move"
        ),
        {"id": case_id},
    )
    found: dict[int | None, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.account_id][row.move] = int(row.n)
    return found
