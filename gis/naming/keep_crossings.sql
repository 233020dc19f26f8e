-- Places where two roads of different names meet (met_road), once for each of the two; the corners of two broad roads are one.
with gathered as (
    select road, other, geom, st_clusterdbscan(geom, 0.0006, 1) over (partition by road, other) as spot
    from (select distinct road, other, st_setsrid(geom, 4326) as geom from met_road) met
), corner as materialized (
    select road, other, st_centroid(st_collect(geom)) as geom from gathered group by road, other, spot
)
insert into gis.crossing (road, other, geom)
select road, other, geom from corner
union all
select other, road, geom from corner
