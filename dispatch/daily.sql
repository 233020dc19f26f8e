-- Cases reported and closed on each local day, days without any included.
with days as (
    select day::date from generate_series((cast(:since as timestamptz) at time zone :zone)::date::timestamp,
                                          ((cast(:until as timestamptz) - interval '1 microsecond') at time zone :zone)::date::timestamp,
                                          interval '1 day') day
), reported as (
    select (occurred_at at time zone :zone)::date as day, count(*) as n from dispatch.seen_case
    where occurred_at >= :since and occurred_at < :until group by 1
), closed as (
    select (closed_at at time zone :zone)::date as day, count(*) as n from dispatch.seen_case
    where closed_at >= :since and closed_at < :until and state = 'closed' group by 1
)
select days.day::text as date, coalesce(reported.n, 0) as reported, coalesce(closed.n, 0) as closed
from days left join reported using (day) left join closed using (day) order by 1
