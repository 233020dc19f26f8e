-- Who gets these notices by which channel, and in which mode: persons at their own address, and whoever reads a shared channel.
with new as (
    select n.id, n.kind, n.account_id, n.unit_id, n.post, n.centre_id, n.urgent from dispatch.notice n where n.id = any(:ids)
), addressed as (
    select n.id, n.kind, n.urgent, n.account_id from new n where n.account_id is not null
    union
    select n.id, n.kind, n.urgent, a.id from new n join gis.account a on a.unit_id = n.unit_id
    union
    select n.id, n.kind, n.urgent, p.account_id from new n
    join gis.post_assignment p on p.post = n.post
    left join gis.centre c on c.id = p.centre_id
    where case when c.level is distinct from 'city' then p.centre_id end is not distinct from n.centre_id
), person as (
    select to_.id, to_.kind, to_.urgent, to_.account_id, c.id as channel_id,
           coalesce(chosen.mode, usual.mode) as mode, h.quiet_from, h.quiet_until, h.daily_at
    from addressed to_
    join gis.account a on a.id = to_.account_id and a.active
    join dispatch.channel c on c.kind in ('mail', 'sms') and c.ended_at is null
    join dispatch.notice_address d on d.account_id = to_.account_id and d.channel_kind = c.kind
    left join dispatch.notice_hours h on h.account_id = to_.account_id
    left join dispatch.notice_choice chosen on chosen.account_id = to_.account_id and chosen.kind = to_.kind and chosen.channel_kind = c.kind
    left join lateral (
        select f.mode from dispatch.notice_default f join gis.post_assignment p on p.post = f.post and p.account_id = to_.account_id
        where f.kind = to_.kind and f.channel_kind = c.kind
        order by array_position(array['at_once', 'hourly', 'daily', 'never'], f.mode) limit 1
    ) usual on true
)
select id, kind, urgent, account_id, channel_id, mode, quiet_from, quiet_until, daily_at, false as shared from person
where coalesce(mode, 'never') <> 'never'
union all
select n.id, n.kind, n.urgent, null, c.id, 'at_once', null, null, null, c.kind <> 'webhook' from new n
join dispatch.channel c on c.kind not in ('mail', 'sms') and c.ended_at is null
    and (c.unit_id is null or c.unit_id = n.unit_id) and (c.post is null or c.post = n.post)
    and (c.kinds = '{}' or n.kind = any(c.kinds))
order by 1, 5, 4
