-- Facts of each chosen case, computed from history and clocks as they were known at :known, for counting at :now (D6). The caller adds
-- `with chosen as (...)` before and the select after. Known is what was recorded by then: later rows of history are taken back, column
-- by column, with what they say stood before; clocks stop at moments, so those of later rows are told by their time.
-- Each lateness is the moment from which it is one (`…_from`): late means that this moment is before :now. A clock that was stopped
-- too late is late for good; one that runs is late from its due time on.
, events as materialized (
    select e.case_id, e.seq, e.move, e.from_state, e.to_state, e.account_id, e.post, e.unit_id, e.occurred_at, e.recorded_at, e.before
    from dispatch.case_event e join chosen c on c.id = e.case_id
), told as (
    select * from events where recorded_at <= :known
), undone as (
    select case_id, jsonb_object_agg(key, value) as was from (
        select distinct on (e.case_id, b.key) e.case_id, b.key, b.value
        from events e cross join lateral jsonb_each_text(e.before) b where e.recorded_at > :known order by e.case_id, b.key, e.seq
    ) first group by case_id
), history as (
    select e.case_id, max(e.seq) as version, max(e.occurred_at) as last_at, (array_agg(e.to_state order by e.seq desc))[1] as state,
           max(e.occurred_at) filter (where e.to_state in ({final}) and e.from_state <> e.to_state) as ended_at,
           bool_or(e.move in ('verify', 'deny')) as verified,
           bool_or(e.move = 'accept') as accepted, min(e.occurred_at) filter (where e.move = 'accept') as accepted_at,
           bool_or(e.move = 'send_verification') as verification_sent, bool_or(e.move = 'send_check') as check_sent,
           bool_or(e.move = 'file') as filed, bool_or(e.move = 'void') as voided,
           bool_or(e.move in ('dispatch', 'dispatch_at_once')) as dispatched,
           min(e.unit_id) filter (where e.move in ('dispatch', 'dispatch_at_once', 'redispatch', 'adjudicate'))
               <> max(e.unit_id) filter (where e.move in ('dispatch', 'dispatch_at_once', 'redispatch', 'adjudicate')) as misdispatched,
           max(e.seq) filter (where e.move = 'feed_back')
               > coalesce(max(e.seq) filter (where e.move in ('fail_check', 'rework', 'reopen')), 0) as handled,
           bool_or(e.move in ('check', 'fail_check')) as checked, bool_or(e.move = 'close') as concluded,
           max(e.seq) filter (where e.move in ('close', 'force_close', 'import_close'))
               > coalesce(max(e.seq) filter (where e.move = 'reopen'), 0) as closed,
           bool_or(e.move = 'rework') as reworked, bool_or(e.move = 'quick_handle') as quick_handled,
           bool_or(e.move = 'ask_extension') as extension_asked, bool_or(e.move = 'grant_extension') as extended,
           bool_or(e.move = 'ask_suspension') as suspension_asked, bool_or(e.move = 'grant_suspension') as suspended,
           bool_or(e.move in ('return_order', 'grant_return')) as returned,
           bool_or(e.move = 'appeal') as appealed, bool_or(e.move = 'allow_appeal') as exempt, bool_or(e.move = 'reopen') as reopened,
           bool_or(e.move = 'urge') as urged, bool_or(e.move = 'press') as pressed, bool_or(e.move = 'instruct') as instructed,
           bool_or(e.move in ('declare_emergency', 'dispatch_at_once')) as emergency, bool_or(e.move = 'dispute') as disputed,
           bool_or(e.move = 'fall_back') as fallback, bool_or(e.move in ('accept_assist', 'finish_assist')) as assisted,
           bool_or(e.move = 'force_close') as force_closed,
           (array_agg(e.account_id order by e.seq) filter (where e.move = 'report' and e.post = 'inspector'))[1] as reporter_id,
           (array_agg(e.account_id order by e.seq) filter (where e.move = 'accept'))[1] as accepter_id,
           (array_agg(e.account_id order by e.seq) filter (where e.move = 'send_verification'))[1] as verification_sender_id,
           (array_agg(e.account_id order by e.seq) filter (where e.move = 'send_check'))[1] as check_sender_id,
           (array_agg(e.account_id order by e.seq desc) filter (where e.move = 'file'))[1] as filer_id,
           (array_agg(e.account_id order by e.seq) filter (where e.move in ('dispatch', 'dispatch_at_once')))[1] as dispatcher_id,
           (array_agg(e.account_id order by e.seq desc) filter (where e.move = 'feed_back' and e.post = 'handler'))[1] as feeder_id,
           (array_agg(e.account_id order by e.seq desc) filter (where e.move in ('close', 'force_close')))[1] as closer_id
    from told e group by e.case_id
), stood as (
    select c.id, h.version, h.state, c.occurred_at, case when h.state in ({final}) then h.ended_at end as closed_at,
           c.area_code, c.grid_id, c.grid_code, c.source, c.imported, h.last_at,
           case when u.was ? 'class_code' then u.was ->> 'class_code' else c.class_code end as class_code,
           case when u.was ? 'unit_id' then (u.was ->> 'unit_id')::bigint else c.unit_id end as unit_id,
           case when u.was ? 'centre_id' then (u.was ->> 'centre_id')::bigint else c.centre_id end as centre_id,
           case when u.was ? 'handler_id' then (u.was ->> 'handler_id')::bigint else c.handler_id end as handler_id,
           case when u.was ? 'due_at' then (u.was ->> 'due_at')::timestamptz else c.due_at end as due_at
    from chosen c join history h on h.case_id = c.id left join undone u on u.case_id = c.id
), runs as (
    select k.case_id, k.stage, k.unit_id, k.due_at, k.started_at, s.unit_id as own_unit_id,
           k.stopped_at is null or k.stopped_at > s.last_at as running,
           case when k.stopped_at is null or k.stopped_at > s.last_at then k.due_at when k.stopped_at > k.due_at then '-infinity' end as late_from
    from dispatch.clock k join stood s on s.id = k.case_id where k.started_at <= s.last_at
), phases as (
    -- The centre closes in two steps, each with a clock: sending the check, and closing what was checked.
    select r.case_id, min(r.late_from) filter (where e.to_state = 'handled') as check_sending_from,
           min(r.late_from) filter (where e.to_state <> 'handled') as closing_from
    from runs r join told e on e.case_id = r.case_id and e.occurred_at = r.started_at and e.from_state <> e.to_state
    where r.stage = 'closing' and e.to_state in ('handled', 'checked') group by r.case_id
), timed as (
    select r.case_id,
           min(r.due_at) filter (where r.stage = 'acceptance') as accept_by,
           min(r.late_from) filter (where r.stage = 'acceptance') as acceptance_from,
           min(r.late_from) filter (where r.stage = 'verification') as verification_from,
           min(r.late_from) filter (where r.stage = 'filing') as filing_from,
           min(r.late_from) filter (where r.stage = 'dispatch') as dispatch_from,
           min(r.due_at) filter (where r.stage = 'dispatch' and r.running) as dispatch_by,
           min(r.late_from) filter (where r.stage = 'check') as check_from,
           min(r.late_from) filter (where r.stage = 'handling') as handling_from,
           min(r.late_from) filter (where r.stage = 'handling' and r.unit_id is not distinct from r.own_unit_id) as unit_from,
           array_agg(distinct r.unit_id) filter (where r.stage = 'handling' and r.late_from < :now
                                                 and r.unit_id is distinct from r.own_unit_id) as other_units,
           array_agg(r.late_from) filter (where r.stage = 'handling' and r.unit_id is distinct from r.own_unit_id) as others_from
    from runs r group by r.case_id
), sent as (
    select distinct on (t.case_id, t.kind) t.case_id, t.kind, t.inspector_id
    from dispatch.task t join stood s on s.id = t.case_id where t.created_at <= s.last_at order by t.case_id, t.kind, t.id desc
), asked as (
    -- 回访: what was said when called back after the last close that was asked about; of several callers each has to be content.
    select distinct on (b.case_id) b.case_id, true as asked_back, bool_and(b.solved = 'yes') as solved,
           bool_or(b.satisfied is not null) as graded, coalesce(bool_and(b.satisfied >= {content}), false) as satisfied
    from dispatch.callback b join stood s on s.id = b.case_id where b.state = 'done' and b.ended_at <= :known
    group by b.case_id, b.closing order by b.case_id, b.closing desc
), due as (
    select s.*, h.reporter_id, h.accepter_id, h.verification_sender_id, h.check_sender_id, h.filer_id, h.dispatcher_id, h.closer_id,
           coalesce(s.handler_id, h.feeder_id) as handled_by_id, missed.account_id as missed_by_id, verifying.inspector_id as verifier_id, checking.inspector_id as checker_id,
           h.verified, h.accepted, h.verification_sent, h.check_sent, h.filed, h.voided, h.dispatched, h.checked, h.concluded, h.reworked,
           h.quick_handled, h.extension_asked, h.extended, h.suspension_asked, h.suspended, h.returned, h.appealed, h.exempt, h.reopened,
           h.urged, h.pressed, h.instructed, h.emergency, h.disputed, h.fallback, h.assisted, h.force_closed,
           coalesce(h.misdispatched, false) as misdispatched, coalesce(h.handled, false) as handled, coalesce(h.closed, false) as closed,
           s.due_at is not null as promised, coalesce(s.closed_at <= s.due_at, false) as within_due,
           coalesce(h.accepted_at <= t.accept_by, false) as accepted_in_time,
           case when s.state = 'failed' then s.due_at end as lapses_from, case when s.closed_at is null then s.due_at end as overdue_from,
           t.acceptance_from, t.verification_from, t.filing_from, t.dispatch_from, t.dispatch_by, t.check_from, t.handling_from, t.unit_from,
           p.check_sending_from, p.closing_from, t.other_units, t.others_from,
           coalesce(a.asked_back, false) as asked_back, coalesce(a.solved, false) as solved, coalesce(a.graded, false) as graded,
           coalesce(a.satisfied, false) as satisfied
    from stood s join history h on h.case_id = s.id
    left join timed t on t.case_id = s.id left join phases p on p.case_id = s.id
    left join sent verifying on verifying.case_id = s.id and verifying.kind = 'verify'
    left join sent checking on checking.case_id = s.id and checking.kind = 'check'
    left join asked a on a.case_id = s.id
    left join lateral (
        -- 漏报: filed from another source though an inspector was on shift on that ground when it happened.
        select k.account_id from gis.unit_grid g join gis.responsibility_grid w on w.id = g.responsibility_grid_id
        join dispatch.shift k on k.account_id = w.inspector_id and k.checked_in_at <= s.occurred_at
                             and s.occurred_at < coalesce(k.checked_out_at, k.ends_at)
        where h.filed and not s.imported and s.source not in ('inspector', 'sensor') and g.id = s.grid_id order by k.id limit 1
    ) missed on true
), facts as (
    select d.*, coalesce(acceptance_from < :now, false) as acceptance_late, coalesce(verification_from < :now, false) as verification_late,
           coalesce(filing_from < :now, false) as filing_late, coalesce(dispatch_from < :now, false) as dispatch_late,
           coalesce(dispatch_by < :now, false) as dispatch_overdue, coalesce(check_from < :now, false) as check_late,
           coalesce(check_sending_from < :now, false) as check_sending_late, coalesce(closing_from < :now, false) as closing_late,
           coalesce(handling_from < :now, false) as handling_late, coalesce(unit_from < :now, false) as unit_late,
           coalesce(lapses_from < :now, false) as handling_lapsed, coalesce(overdue_from < :now, false) as overdue,
           changes.until as holds_until, changes.since as holds_from
    from due d cross join lateral (
        select min(m) filter (where m >= :now) as until, max(m) filter (where m < :now and m > '-infinity') as since
        from unnest(array[acceptance_from, verification_from, filing_from, dispatch_from, dispatch_by, check_from, check_sending_from,
                          closing_from, handling_from, unit_from, lapses_from, overdue_from] || others_from) m
    ) changes
)
