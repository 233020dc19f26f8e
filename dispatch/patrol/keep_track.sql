-- Positions of a phone into the shifts of its owner. Off shift nothing is kept. The unit grid is found for good fixes only.
with sent as (
    select st_setsrid(st_makepoint(lon, lat), 4326) as geom, accuracy_m, at
    from jsonb_to_recordset(cast(:fixes as jsonb)) as f (lon double precision, lat double precision, accuracy_m double precision, at timestamptz)
), on_shift as (
    select s.id as shift_id, sent.* from sent
    join dispatch.shift s on s.account_id = :me and s.checked_in_at <= sent.at and sent.at < coalesce(s.checked_out_at, 'infinity')
), kept as (
    insert into dispatch.track_point (shift_id, account_id, geom, accuracy_m, unit_grid_id, occurred_at)
    select o.shift_id, :me, o.geom, o.accuracy_m,
           case when coalesce(o.accuracy_m, 0) <= :worst
                then (select g.id from gis.unit_grid g where st_covers(g.geom, o.geom) order by g.id limit 1) end,
           o.at
    from on_shift o
    on conflict (account_id, occurred_at) do nothing
    returning id
)
select (select count(*) from kept) as kept,
       (select count(*) from sent) - (select count(*) from on_shift) as outside_shift,
       (select count(*) from on_shift) - (select count(*) from kept) as known
