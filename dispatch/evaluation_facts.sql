-- Facts of each case that the evaluation counts (D6), computed from history and clocks, never kept; the caller adds the select.
-- A case counts in the period in which it was reported. "In time" is told by the clocks: stopped before it was due.
-- Cases whose own stages never ran (imported from elsewhere) count as reported and closed only.
with chosen as (
    select c.id, c.occurred_at, c.closed_at, c.state, c.imported, c.rework_count, c.class_code, c.area_code, c.source, c.unit_id,
           c.due_at
    from dispatch.cases c
    where c.occurred_at >= :since and c.occurred_at < :until
), history as (
    select e.case_id,
           bool_or(e.move = 'file') as filed,
           bool_or(e.move = 'dispatch') as dispatched,
           bool_or(e.move = 'redispatch') as misdispatched,
           bool_or(e.move = 'feed_back') as handled,
           bool_or(e.move in ('close', 'import_close')) as closed,
           bool_or(e.move = 'void') as voided
    from dispatch.case_event e join chosen on chosen.id = e.case_id group by e.case_id
), timed as (
    select k.case_id,
           bool_and(coalesce(k.stopped_at, gis.now()) <= k.due_at) filter (where k.stage = 'handling') as handling_in_time,
           bool_and(coalesce(k.stopped_at, gis.now()) <= k.due_at) filter (where k.stage = 'filing') as filing_in_time,
           bool_and(coalesce(k.stopped_at, gis.now()) <= k.due_at) filter (where k.stage = 'dispatch') as dispatch_in_time,
           bool_and(coalesce(k.stopped_at, gis.now()) <= k.due_at) filter (where k.stage = 'closing') as closing_in_time,
           bool_or(k.stopped_at is null and k.due_at < gis.now() and k.stage = 'handling') as handling_overdue,
           bool_or(k.stopped_at is null and k.due_at < gis.now() and k.stage in ('closing', 'check')) as closing_overdue
    from dispatch.clock k join chosen on chosen.id = k.case_id group by k.case_id
), facts as (
    select case :by when 'unit' then c.unit_id::text when 'community' then c.area_code when 'class' then c.class_code
                    when 'source' then c.source end as key,
           c.id, c.closed_at, c.occurred_at, c.rework_count,
           coalesce(h.filed, false) as filed, coalesce(h.dispatched, false) as dispatched,
           coalesce(h.misdispatched, false) as misdispatched,
           coalesce(h.handled, false) as handled, coalesce(h.closed, false) as closed, coalesce(h.voided, false) as voided,
           coalesce(t.handling_in_time, c.imported and c.closed_at <= coalesce(c.due_at, c.closed_at)) as handling_in_time,
           t.filing_in_time, t.dispatch_in_time,
           coalesce(t.closing_in_time, c.imported and c.closed_at <= coalesce(c.due_at, c.closed_at)) as closing_in_time,
           coalesce(t.handling_overdue, false) as handling_overdue, coalesce(t.closing_overdue, false) as closing_overdue
    from chosen c left join history h on h.case_id = c.id left join timed t on t.case_id = c.id
)
