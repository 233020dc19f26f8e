"""Counting: cases of a period by a dimension, the cases behind each number, and how they lie over days and grids (D6).

Figures read what the reader sees (C2): the kept facts through dispatch.seen_fact, those of a past date through dispatch.seen_case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.i18n import _
from dispatch.evaluation import facts, keeping, named_counts
from dispatch.evaluation.dimensions import DIMENSIONS, Part, values_of
from dispatch.evaluation.named_counts import BITS, COUNTS, OF_CALLBACKS, OF_SHIFTS, ROLES
from gis import clock

LONGEST_LIST = 500

_FILTERS = {
    "area": "f.area_code >= :area and f.area_code < :area || '~'",
    "unit_id": "f.unit_id = :unit_id",
    "class_code": "f.class_code like :class_code || '%'",
    "source": "f.source = :source",
    "centre_id": "f.centre_id = :centre_id",
}
"""`class_code` is a whole code or its beginning: a kind, a major class, a minor class."""


@dataclass(frozen=True)
class Query:
    """Which cases: reported in [since, until), narrowed by what is not None; `known`: as it was known at that moment.

    `zone` is the city's, in which a month begins.
    """

    since: datetime
    until: datetime
    zone: str = "UTC"
    area: str | None = None
    unit_id: int | None = None
    class_code: str | None = None
    source: str | None = None
    centre_id: int | None = None
    known: datetime | None = None

    def moved(self, since: datetime, until: datetime) -> Query:
        """The same cases of another period."""
        return replace(self, since=since, until=until)

    def narrowed(self, **filters: Any) -> Query:
        """The same period, only some of the cases."""
        return replace(self, **filters)

    def as_known(self, moment: datetime) -> Query:
        """The same cases as they were known at `moment`."""
        return replace(self, known=moment)

    @property
    def values(self) -> dict[str, Any]:
        """Bound values of the statements."""
        filters = {name: getattr(self, name) for name in _FILTERS if getattr(self, name) is not None}
        when = {} if self.known is None else {"known": self.known, "now": self.known}
        return {"since": self.since, "until": self.until, "zone": self.zone} | filters | when

    @property
    def where(self) -> str:
        """The condition over facts `f`."""
        narrowed = [condition for name, condition in _FILTERS.items() if getattr(self, name) is not None]
        return " and ".join(["f.occurred_at >= :since and f.occurred_at < :until", *narrowed])

    @property
    def facts(self) -> str:
        """What is counted: the kept facts, or those computed as they were known."""
        return "dispatch.seen_fact" if self.known is None else f"({facts.computed(_CHOSEN)})"


_CHOSEN = """
    select c.* from dispatch.seen_case c where c.occurred_at >= :since and c.occurred_at < :until
    and exists (select from dispatch.case_event e where e.case_id = c.id and e.seq = 1 and e.recorded_at <= :known)
"""


def ready(db: Connection) -> int:
    """Bring the kept facts up to now, as far as a reader can wait; returns how many changes are still to be counted."""
    now = clock.now(db)
    return keeping.behind(db) if keeping.refresh(db, now) >= keeping.ON_DEMAND else 0


Counts = dict[str | None, dict[str, int | None]]


def counts(db: Connection, by: str, query: Query) -> Counts:
    """Counts of each key of a dimension; None is the key of cases that have none. Raises InvalidInput for an unknown dimension."""
    found = counts_of_periods(db, by, query, None)[0]
    found.pop(TOTAL, None)
    return found


def counts_of_periods(db: Connection, by: str, query: Query, before: Query | None) -> tuple[Counts, Counts]:
    """Counts of a period and of one that ended before it; in one pass where they adjoin. The total is under TOTAL."""
    if before is None:
        return _told(db, query, _groups(db, by, query)[True]), {}
    if before.until != query.since:
        return _told(db, query, _groups(db, by, query)[True]), _told(db, before, _groups(db, by, before)[True])
    groups = _groups(db, by, query.moved(before.since, query.until), query.since)
    return _told(db, query, groups[True]), _told(db, before, groups[False])


TOTAL = "\x00total"
"""The key of all cases together, told in the same pass; no other key begins like it."""

Groups = dict[str | None, list[tuple[int, int]]]


def _groups(db: Connection, by: str, query: Query, split: datetime | None = None) -> dict[bool, Groups]:
    """Cases by key and marks: those since `split` (or all) under True, those before it under False."""
    groups: dict[bool, Groups] = {True: {}, False: {}}
    values = query.values | values_of(db, by) | {"split": split or query.since}
    for part in (*parts(by), *(() if _whole(by) else DIMENSIONS["city"])):
        statement = text(
            f"select {part.key} as key, {part.marks} & {part.bits} as marks, f.marks as whole, f.occurred_at >= :split as late,"
            f" count(*) as cases from {query.facts} f {part.join} where {query.where} and {part.only} group by 1, 2, 3, 4"
        )
        of_total = part is (parts(by)[0] if _whole(by) else DIMENSIONS["city"][0])
        for row in db.execute(statement, values):
            if of_total:
                groups[row.late].setdefault(TOTAL, []).append((row.whole, row.cases))
            if part in parts(by):
                groups[row.late].setdefault(row.key, []).append((row.marks, row.cases))
    return groups


def _whole(by: str) -> bool:
    """Whether the first part of a dimension counts every case once, so that its total is that of all cases."""
    return by not in ROLES


def _told(db: Connection, query: Query, groups: Groups) -> Counts:
    told = unknown(db, query)
    return {key: named_counts.counted(found, told) for key, found in groups.items()}


def unknown(db: Connection, query: Query) -> dict[str, str]:
    """Counts that nothing tells in this period, and what would: never taken for nought."""
    row = db.execute(_TELLING, {"known": facts.CURRENT} | query.values).one()
    return ({} if row.shifts else OF_SHIFTS) | ({} if row.callbacks else OF_CALLBACKS)


_TELLING = text("""
    select exists (select from dispatch.shift
                   where checked_in_at < :until and coalesce(checked_out_at, ends_at) > :since) as shifts,
           exists (select from dispatch.callback where state = 'done' and ended_at >= :since and ended_at <= :known) as callbacks
""")


def median_hours(db: Connection, by: str, query: Query) -> dict[str | None, float]:
    """Median hours from report to close, of each key that has closed cases, and of all under TOTAL."""
    part = parts(by)[0] if _whole(by) else DIMENSIONS["city"][0]
    statement = (
        f"select {part.key} as key, grouping({part.key}) as whole, percentile_cont(0.5) within group (order by f.hours_to_close) as hours"
        f" from {query.facts} f {part.join} where {query.where} and {part.only} and f.hours_to_close is not null"
        f" group by grouping sets (({part.key}), ())"
    )
    rows = db.execute(text(statement), query.values | values_of(db, by))
    return {TOTAL if row.whole else row.key: float(row.hours) for row in rows if row.hours is not None}


def case_ids(db: Connection, by: str, key: str | None, figure: str, query: Query) -> list[int]:
    """The newest 500 cases that one number counts. Raises InvalidInput for an unknown dimension or figure."""
    ids: set[int] = set()
    for part in parts(by):
        statement = (
            f"select f.id from {query.facts} f {part.join} where {query.where} and {part.only}"
            f" and {part.key} is not distinct from :key and {part.marks} & {part.bits} & :bit <> 0 order by f.id desc limit :limit"
        )
        values = query.values | values_of(db, by) | {"key": key, "bit": bit(figure), "limit": LONGEST_LIST}
        ids.update(db.execute(text(statement), values).scalars())
    return sorted(ids, reverse=True)[:LONGEST_LIST]


def closed_ids(db: Connection, query: Query) -> list[int]:
    """The newest 500 cases that were closed in the period, as the curve of the days counts them."""
    statement = f"select f.id from dispatch.seen_fact f where {_closed(query)} order by f.id desc limit :limit"
    return list(db.execute(text(statement), query.values | {"limit": LONGEST_LIST}).scalars())


def _closed(query: Query) -> str:
    return query.where.replace("f.occurred_at", "f.closed_at") + " and f.state = 'closed'"


def by_grid(db: Connection, figure: str, query: Query, most: int = 5000) -> dict[str, int]:
    """How many cases of a figure lie in each unit grid: the `most` with the most."""
    statement = (
        f"select f.grid_code as code, count(*) as cases from {query.facts} f"
        f" where {query.where} and f.grid_code is not null and f.marks & :bit <> 0 group by 1 order by 2 desc, 1 limit :most"
    )
    return {
        row.code: row.cases for row in db.execute(text(statement), query.values | {"bit": bit(figure), "most": most})
    }


def daily(db: Connection, query: Query) -> list[dict[str, Any]]:
    """Cases reported and closed on each day of the city's own calendar."""
    where = query.where
    statement = f"""
        with days as (
            select day::date from generate_series(
                (cast(:since as timestamptz) at time zone :zone)::date::timestamp,
                ((cast(:until as timestamptz) - interval '1 microsecond') at time zone :zone)::date::timestamp, interval '1 day') day
        ), reported as (
            select (f.occurred_at at time zone :zone)::date as day, count(*) as n from dispatch.seen_fact f where {where} group by 1
        ), closed as (
            select (f.closed_at at time zone :zone)::date as day, count(*) as n from dispatch.seen_fact f
            where {_closed(query)} group by 1
        )
        select days.day::text as date, coalesce(reported.n, 0) as reported, coalesce(closed.n, 0) as closed
        from days left join reported using (day) left join closed using (day) order by 1
    """
    return [dict(row._mapping) for row in db.execute(text(statement), query.values)]


def parts(by: str) -> tuple[Part, ...]:
    """The parts of a dimension. Raises InvalidInput for an unknown one."""
    return DIMENSIONS[_known(by, DIMENSIONS, _("There is no dimension '{by}'."))]


def bit(figure: str) -> int:
    """The bit of a figure. Raises InvalidInput for an unknown one."""
    return BITS[_known(figure, COUNTS, _("There is no figure '{by}'."))]


def _known(by: str, known: Iterable[str] | Mapping[str, Any], message: str) -> str:
    if by not in known:
        raise InvalidInput(message, "Choose one of: {known}.", by=by, known=", ".join(known))
    return by
