-- The roads named in changed_name, and those of other names that may meet one of them: for few, those whose boxes do; for many, all.
with piece as materialized (
    select a.name, a.geom from gis.asset a
    where a.kind = 'road' and a.status <> 'removed' and a.name in (select name from changed_name where kind = 'road')
), near as (
    select a.name, a.geom from gis.asset a
    where (select count(*) from piece) > 10000 and a.kind = 'road' and a.name <> '' and a.status <> 'removed'
    union all
    -- "offset 0": each piece asks the index of roads, whatever the planner believes of how many there are
    (select distinct on (b.id) b.name, b.geom from piece a cross join lateral (
        select b.id, b.name, b.geom from gis.asset b
        where b.kind = 'road' and b.geom && a.geom and b.name <> '' and b.status <> 'removed' offset 0
     ) b
     where (select count(*) from piece) <= 10000)
)
select name, true as anew, encode(st_asbinary(geom), 'hex') as wkb from piece
union all
select name, false, encode(st_asbinary(geom), 'hex') from near
where name not in (select name from changed_name where kind = 'road')
