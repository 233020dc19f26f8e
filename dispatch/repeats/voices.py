"""Everybody who reported a case, through every report added to it and every case merged into it: they are kept informed of one case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from dispatch.workflow import FINAL


def told(db: Connection, case_id: int, move: str, target: str) -> list[tuple[str, dict[str, Any]]]:
    """Kinds of notice and accounts after a move: that their report was merged, split off again, or that its case has ended.

    Whoever took a call is no reporter: callers are called back, they have no account.
    """
    if move in ("merge", "split"):
        kind = "report_merged" if move == "merge" else "report_split"
    elif target in FINAL:
        kind = "report_ended"
    else:
        return []
    accounts = db.execute(
        text("""
            select distinct r.account_id from dispatch.report r
            where r.case_id in (select dispatch.merged_with(:id)) and r.account_id is not null and r.source <> 'hotline'
            order by r.account_id
        """),
        {"id": case_id},
    ).scalars()
    return [(kind, {"account_id": account}) for account in accounts]


def followed(db: Connection, case_id: int) -> int:
    """The case in which this one goes on: itself, or what it was merged into, however often."""
    found = db.execute(
        text("""
            with recursive path as (
                select id, merged_into_id from dispatch.cases where id = :id
                union select c.id, c.merged_into_id from dispatch.cases c join path on path.merged_into_id = c.id
            )
            select id from path where merged_into_id is null
        """),
        {"id": case_id},
    ).scalar()
    return int(found) if found is not None else case_id


def say_which_case(db: Connection, rows: list[dict[str, Any]], case_id: int) -> None:
    """Replace `case_id` in rows that count for a case by `merged_case`: the number of the case that they came with, None for its own."""
    others = {row["case_id"] for row in rows} - {case_id}
    which = text("select id, number from dispatch.cases where id = any(:ids)")
    numbers = {row.id: row.number for row in db.execute(which, {"ids": list(others)})} if others else {}
    for row in rows:
        row["merged_case"] = numbers.get(row.pop("case_id"))
