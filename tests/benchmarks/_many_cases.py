"""A million cases of a year with their whole history, clocks and reports, written set by set: for benchmarks alone.

Cases lie on the demonstration's assets. Closed ones have every move of the usual way; open ones stand at every stage, their clocks
running out between two days ago and in five days. Foreign keys and indexes of the big tables are taken off while they are filled and
put on again (keys unchecked): the rows are right by construction, and the planner sees what it sees in a city.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, text

TABLES = ("dispatch.cases", "dispatch.case_event", "dispatch.clock", "dispatch.report")

POSTS = ("intake_operator", "inspector", "shift_leader", "dispatcher", "unit_desk")

LIMIT_HOURS = "case {kind} when 'urgent_hour' then 1 when 'work_hour' then 3 when 'work_day' then 33.6 else 24 end"
"""What a unit of each kind takes by the clock on the wall, about."""

_SPOTS = f"""
    create unlogged table many_spot as
    select row_number() over (order by a.id) - 1 as n, a.id as asset_id, a.class_code, f.id as condition_id, f.limit_kind,
           f.limit_amount, f.limit_amount * {LIMIT_HOURS.format(kind="f.limit_kind")} as hours,
           coalesce(a.unit_id, f.unit_id) as unit_id, st_pointonsurface(a.geom) as geom, g.id as grid_id, g.code as grid_code,
           r.code as area_code
    from gis.asset a
    join dispatch.filing_condition f on f.class_code = a.class_code and f.ordinal = 1
    join gis.unit_grid g on st_covers(g.geom, st_pointonsurface(a.geom)) join gis.area r on r.id = g.area_id
    where coalesce(a.unit_id, f.unit_id) is not null order by a.id limit 20000
"""

# `chance`: a share of a case's own, the same each time. `reached`: how many moves of the usual way it has made.
_PLAN = """
    create unlogged table many_case as
    with drawn as (
        select i, :base + i as id, i <= :open as is_open, spot.*,
               (hashint8(i::bigint) & 1048575) / 1048576.0 as chance, (hashint8(-i::bigint) & 1048575) / 1048576.0 as other
        from generate_series(1, :count) i join many_spot spot on spot.n = (i * 7919::bigint) % (select count(*) from many_spot)
    ), timed as (
        select *, case when is_open then (array[1, 2, 3, 5, 7, 7, 7, 7, 7, 9])[1 + i % 10] else 11 end as reached,
               case when is_open then :now - interval '5 days' else :now - interval '6 days' - chance * :days * interval '1 day' end as at
        from drawn
    )
    select i, id, is_open, asset_id, class_code, condition_id, limit_kind, limit_amount, hours, unit_id, geom, grid_id, grid_code,
           area_code, reached, at, md5(i::text) as trace_id, (i % 20) as kind,
           at + interval '8 min' as accepted, at + interval '10 min' as sent, at + (12 + 25 * other) * interval '1 min' as verified,
           at + (45 + 10 * other) * interval '1 min' as filed, at + (56 + 10 * other) * interval '1 min' as dispatched,
           at + interval '80 min' as taken, at + interval '90 min' + hours * (0.1 + 1.1 * other) * interval '1 hour' as handled,
           :now + (chance * 7 - 2) * interval '1 day' as runs_out
    from timed
"""

# Stage, its limit in hours, the moves that begin and end it, when it begins and ends.
_STAGES = """
    values ('acceptance', 'urgent_hour', 0.25, 0.25, 1, 3, m.at, m.sent),
           ('verification', 'urgent_hour', 0.5, 0.5, 3, 4, m.sent, m.verified),
           ('filing', 'urgent_hour', 0.25, 0.25, 4, 5, m.verified, m.filed),
           ('dispatch', 'urgent_hour', 0.25, 0.25, 5, 6, m.filed, m.dispatched),
           ('handling', m.limit_kind, m.limit_amount, m.hours, 6, 8, m.dispatched, m.handled),
           ('closing', 'urgent_hour', 0.25, 0.25, 8, 9, m.handled, m.handled + interval '5 min'),
           ('check', 'urgent_hour', 0.5, 0.5, 9, 10, m.handled + interval '5 min', m.handled + interval '20 min'),
           ('closing', 'urgent_hour', 0.25, 0.25, 10, 11, m.handled + interval '20 min', m.handled + interval '30 min')
"""

_RUNS = f"""
    create unlogged table many_run as
    select m.id as case_id, m.unit_id, s.stage, s.kind, s.amount, s.ends > m.reached as running,
           case when s.ends > m.reached then least(m.runs_out - s.hours * interval '1 hour', :now - interval '1 min')
                else s.start end as start,
           case when s.ends > m.reached then m.runs_out else s.start + s.hours * interval '1 hour' end as due,
           case when s.ends <= m.reached then s.stop end as stop
    from many_case m cross join lateral ({_STAGES}) s (stage, kind, amount, hours, begins, ends, start, stop)
    where s.begins <= m.reached
"""

_CASES = """
    insert into dispatch.cases (id, number, state, version, source, title, class_code, condition_id, geom, address, grid_id, grid_code,
                                area_code, asset_id, unit_id, inspector_id, stage, stage_started_at, stage_warn_at, stage_due_at, due_at,
                                rework_count, occurred_at, recorded_at, closed_at, trace_id)
    select m.id, 'M' || m.id, (array['reported', 'accepted', 'verifying', 'verified', 'filed', 'dispatched', 'handling', 'handled',
                                     'checking', 'checked', 'closed'])[m.reached],
           m.reached, case when m.kind < 9 then 'inspector' when m.kind < 14 then 'hotline' when m.kind < 17 then 'citizen' when m.kind < 19
                      then 'sensor' else 'other' end,
           'case ' || m.i, m.class_code, m.condition_id, m.geom, '', m.grid_id, m.grid_code, m.area_code, m.asset_id, m.unit_id,
           :inspector, run.stage, run.start, run.start + (run.due - run.start) * 0.8, run.due,
           case when m.reached >= 6 then coalesce(handling.due, run.due) else m.at + m.hours * interval '1 hour' end,
           case when m.kind = 7 then 1 else 0 end, m.at, m.at,
           case when m.reached = 11 then m.handled + interval '30 min' end, m.trace_id
    from many_case m
    left join many_run run on run.case_id = m.id and run.running
    left join many_run handling on handling.case_id = m.id and handling.stage = 'handling'
    order by m.at
"""

_CLOCKS = """
    insert into dispatch.clock (case_id, stage, limit_kind, limit_amount, unit_id, started_at, warn_at, due_at, stopped_at, warned_at,
                                breached_at, laddered)
    select case_id, stage, kind, amount, unit_id, start, start + (due - start) * 0.8, due, stop,
           case when start + (due - start) * 0.8 <= coalesce(stop, :now) then start + (due - start) * 0.8 end,
           case when due <= coalesce(stop, :now) then due end, true
    from many_run order by start
"""

_HISTORY = """
    insert into dispatch.case_event (case_id, seq, move, from_state, to_state, account_id, post, unit_id, occurred_at, recorded_at,
                                     trace_id)
    select m.id, e.seq, e.move, e.source, e.target, e.account, e.post, m.unit_id, e.at, e.at, m.trace_id
    from many_case m cross join lateral (
        values (1, 'report', 'none', 'reported', :inspector, 'inspector', m.at),
               (2, 'accept', 'reported', 'accepted', :intake_operator, 'intake_operator', m.accepted),
               (3, 'send_verification', 'accepted', 'verifying', :intake_operator, 'intake_operator', m.sent),
               (4, 'verify', 'verifying', 'verified', :inspector, 'inspector', m.verified),
               (5, 'file', 'verified', 'filed', :shift_leader, 'shift_leader', m.filed),
               (6, 'dispatch', 'filed', 'dispatched', :dispatcher, 'dispatcher', m.dispatched),
               (7, 'accept_order', 'dispatched', 'handling', :unit_desk, 'unit_desk', m.taken),
               (8, 'feed_back', 'handling', 'handled', :unit_desk, 'unit_desk', m.handled),
               (9, 'send_check', 'handled', 'checking', :intake_operator, 'intake_operator', m.handled + interval '5 min'),
               (10, 'check', 'checking', 'checked', :inspector, 'inspector', m.handled + interval '20 min'),
               (11, 'close', 'checked', 'closed', :shift_leader, 'shift_leader', m.handled + interval '30 min')
    ) e (seq, move, source, target, account, post, at)
    where e.seq <= m.reached
"""

_REPORTS = """
    insert into dispatch.report (case_id, source, description, class_code, condition_id, geom, occurred_at, recorded_at, trace_id)
    select c.id, c.source, 'stored before', c.class_code, c.condition_id, c.geom, c.occurred_at, c.occurred_at, c.trace_id
    from dispatch.cases c join many_case m on m.id = c.id
"""


def make(owner: Engine, count: int, still_open: int, days: int = 365) -> None:
    """Write `count` cases, `still_open` of them open, reported in the `days` before now. `owner` owns the tables of a demonstration."""
    with owner.begin() as db:
        db.execute(text("set local work_mem = '256MB'"))
        db.execute(text("set local maintenance_work_mem = '512MB'"))
        db.execute(text("set local synchronous_commit = off"))
        values = _values(db) | {"count": count, "open": still_open, "days": days}
        with bare(db):
            for statement in (_SPOTS, _PLAN, _RUNS, _CASES, _CLOCKS, _HISTORY, _REPORTS):
                _run(db, statement, values)
        for name in ("many_run", "many_case", "many_spot"):
            db.execute(text(f"drop table {name}"))
        db.execute(
            text("select setval(pg_get_serial_sequence('dispatch.cases', 'id'), (select max(id) from dispatch.cases))")
        )
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        for table in TABLES:
            db.execute(text(f"vacuum (analyze) {table}"))


def _values(db: Connection) -> dict[str, Any]:
    """Now, the first free id, and one account of each post; the last posts differ, so no duties meet on one case."""
    found = db.execute(text("select post, min(account_id) as id from gis.post_assignment group by post"))
    accounts = {row.post: row.id for row in found}
    base = db.execute(text("select coalesce(max(id), 0) from dispatch.cases")).scalar_one()
    now = db.execute(text("select gis.now()")).scalar_one()
    return {post: accounts[post] for post in POSTS} | {"base": base, "now": now}


def _run(db: Connection, statement: str, values: dict[str, Any]) -> None:
    """Run a statement with those of `values` that it names."""
    prepared = text(statement)
    db.execute(prepared, {name: values[name] for name in prepared._bindparams})
    db.execute(text("analyze many_spot"))


@contextmanager
def bare(db: Connection) -> Iterator[None]:
    """Take foreign keys, triggers and indexes that are no keys off the big tables, and put them on again."""
    keys = db.execute(
        text("""
            select conrelid::regclass::text as on_table, conname, pg_get_constraintdef(oid) as made from pg_constraint
            where contype = 'f' and conrelid::regclass::text = any(:tables)
        """),
        {"tables": list(TABLES)},
    ).all()
    indexes = db.execute(
        text("""
            select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made from pg_index i
            where i.indrelid::regclass::text = any(:tables) and not i.indisunique
        """),
        {"tables": list(TABLES)},
    ).all()
    for key in keys:
        db.exec_driver_sql(f'alter table {key.on_table} drop constraint "{key.conname}"')
    for index in indexes:
        db.exec_driver_sql(f"drop index {index.name}")
    for table in TABLES:
        db.exec_driver_sql(f"alter table {table} disable trigger user")
    yield
    for index in indexes:
        db.exec_driver_sql(index.made)
    for key in keys:
        db.exec_driver_sql(f'alter table {key.on_table} add constraint "{key.conname}" {key.made} not valid')
    for table in TABLES:
        db.exec_driver_sql(f"alter table {table} enable trigger user")
