-- Where the roads named in changed_name meet roads of another name: once for each of the two, the corners of two broad roads as one.
with piece as materialized (
    select a.name, a.geom from gis.asset a
    where a.kind = 'road' and a.status <> 'removed' and a.name in (select name from changed_name where kind = 'road')
), met as (
    select a.name as road, b.name as other, st_pointonsurface(st_intersection(a.geom, b.geom)) as geom
    from piece a cross join lateral (
        -- "offset 0": each piece asks the index of roads, whatever the planner believes of how many there are
        select b.name, b.geom from gis.asset b
        where b.kind = 'road' and b.geom && a.geom and b.name <> '' and b.name <> a.name and b.status <> 'removed' offset 0
    ) b
    where st_intersects(a.geom, b.geom)
      -- of two roads that are both made anew, each pair is met once
      and (b.name > a.name or not exists (select from changed_name d where d.kind = 'road' and d.name = b.name))
), both_ways as (
    select road, other, geom from met
    union
    select other, road, geom from met
), gathered as (
    select road, other, geom, st_clusterdbscan(geom, 0.0006, 1) over (partition by road, other) as spot from both_ways
)
insert into gis.crossing (road, other, geom)
select road, other, st_centroid(st_collect(geom)) from gathered group by road, other, spot
