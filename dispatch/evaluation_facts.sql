-- Facts of each case that the evaluation counts (D6), computed from history and clocks, never kept; the caller adds the select.
-- A case counts in the period in which it was reported, once under its key (`own`). By unit it also counts, for handling alone,
-- under every unit that let its limit pass before the case went elsewhere: lateness belongs to the unit of the clock.
-- "Late" is told by the clocks: stopped after it was due, or still running then. A closed case is in time by its own due time.
-- Cases whose own stages never ran (imported from elsewhere) have no such clocks and moves: they are reported and closed only.
with present as (
    select gis.now() as now
), chosen as (
    select c.id, c.occurred_at, c.closed_at, c.state, c.rework_count, c.class_code, c.area_code, c.source, c.unit_id, c.due_at
    from dispatch.seen_case c
    where c.occurred_at >= :since and c.occurred_at < :until
), history as (
    select e.case_id,
           bool_or(e.move in ('verify', 'deny')) as verified,
           bool_or(e.move = 'file') as filed,
           bool_or(e.move = 'void') as voided,
           bool_or(e.move in ('dispatch', 'dispatch_at_once')) as dispatched,
           min(e.unit_id) filter (where e.move in ('dispatch', 'dispatch_at_once', 'redispatch', 'adjudicate'))
               <> max(e.unit_id) filter (where e.move in ('dispatch', 'dispatch_at_once', 'redispatch', 'adjudicate')) as misdispatched,
           max(e.seq) filter (where e.move = 'feed_back')
               > coalesce(max(e.seq) filter (where e.move in ('fail_check', 'rework', 'reopen')), 0) as handled,
           bool_or(e.move in ('check', 'fail_check')) as checked,
           bool_or(e.move = 'close') as concluded,
           max(e.seq) filter (where e.move in ('close', 'force_close', 'import_close'))
               > coalesce(max(e.seq) filter (where e.move = 'reopen'), 0) as closed
    from dispatch.case_event e join chosen on chosen.id = e.case_id group by e.case_id
), clocks as (
    select k.case_id, k.stage, k.unit_id, k.stopped_at is not null as done, coalesce(k.stopped_at, present.now) > k.due_at as late
    from dispatch.clock k join chosen on chosen.id = k.case_id cross join present
), timed as (
    select k.case_id,
           bool_or(k.late) filter (where k.stage = 'verification') as verification_late,
           bool_or(k.late) filter (where k.stage = 'filing') as filing_late,
           bool_or(k.late) filter (where k.stage = 'dispatch') as dispatch_late,
           bool_or(k.late and not k.done) filter (where k.stage = 'dispatch') as dispatch_overdue,
           bool_or(k.late) filter (where k.stage = 'check') as check_late,
           bool_or(k.late) filter (where k.stage = 'closing') as closing_late
    from clocks k group by k.case_id
), handling as (
    select k.case_id, case when :by = 'unit' then k.unit_id end as unit_id, bool_or(k.late) as late
    from clocks k where k.stage = 'handling' group by 1, 2
), counted as (
    select c.id, true as own, coalesce(h.late, false) as handling_late,
           case :by when 'unit' then c.unit_id::text when 'community' then c.area_code when 'class' then c.class_code
                    when 'source' then c.source end as key
    from chosen c left join handling h on h.case_id = c.id and (:by <> 'unit' or h.unit_id is not distinct from c.unit_id)
    union all
    select c.id, false, true, h.unit_id::text
    from chosen c join handling h on h.case_id = c.id
    where :by = 'unit' and h.late and h.unit_id is distinct from c.unit_id
), facts as (
    select n.key, n.id, n.own, n.handling_late, c.closed_at, c.occurred_at,
           coalesce(h.verified, false) as verified, coalesce(h.checked, false) as checked,
           coalesce(h.concluded, false) as concluded,
           coalesce(h.filed, false) as filed, coalesce(h.voided, false) as voided,
           coalesce(h.dispatched, false) as dispatched, coalesce(h.misdispatched, false) as misdispatched,
           coalesce(h.handled, false) as handled, coalesce(h.closed, false) as closed,
           n.own and c.state = 'failed' and c.due_at < present.now as handling_lapsed,
           n.own and c.closed_at is null and coalesce(c.due_at < present.now, false) as overdue,
           c.due_at is not null as promised, coalesce(c.closed_at <= c.due_at, false) as within_due,
           c.rework_count > 0 as reworked,
           coalesce(t.verification_late, false) as verification_late, coalesce(t.filing_late, false) as filing_late,
           coalesce(t.dispatch_late, false) as dispatch_late, coalesce(t.dispatch_overdue, false) as dispatch_overdue,
           coalesce(t.check_late, false) as check_late, coalesce(t.closing_late, false) as closing_late
    from counted n join chosen c on c.id = n.id cross join present
    left join history h on n.own and h.case_id = n.id
    left join timed t on n.own and t.case_id = n.id
)
