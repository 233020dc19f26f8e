-- Rungs whose moment has come: told where the clock runs, else put aside. Every row leaves the queue here, once.
with due as (
    select id from dispatch.escalation
    where fired_at is null and lapsed_at is null and fires_at <= :now
    order by fires_at limit :most for update skip locked
), ended as (
    update dispatch.escalation e
    set fired_at = case when k.stopped_at is null then cast(:now as timestamptz) end,
        lapsed_at = case when k.stopped_at is not null then cast(:now as timestamptz) end
    from due, dispatch.clock k
    where e.id = due.id and k.id = e.clock_id
    returning e.rung_id, e.fired_at, k.case_id, k.stage, k.due_at
)
select ended.*, c.trace_id from ended join dispatch.cases c on c.id = ended.case_id
