-- One row for each thing that bears one of the names in changed_name. Things of one kind and name within 0.003 degrees (about
-- 300 m) of each other are one: the pieces of a road, the two sides of a stop, the parts of a park.
with piece as (
    select a.kind, a.name, a.id, a.name_en, a.geom, array_remove(array[
               a.attributes ->> 'old_name', a.attributes ->> 'alt_name', a.attributes ->> 'official_name', a.attributes ->> 'loc_name',
               a.attributes ->> 'short_name', a.attributes ->> 'name:zh', a.attributes ->> 'bridge:name'], null) as others,
           st_clusterdbscan(a.geom, 0.003, 1) over (partition by a.kind, a.name) as part
    from changed_name c join gis.asset a on a.kind = c.kind and a.name = c.name
    where a.status <> 'removed'
    union all
    select 'area', a.name, a.id, a.name_en, a.geom, '{}', row_number() over (order by a.id)
    from changed_name c join gis.area a on c.kind = 'area' and a.name = c.name
), former as materialized (
    select h.asset_id, jsonb_agg(h.before ->> 'name') as names
    from gis.asset_history h
    where h.change = 'changed' and h.before ->> 'name' <> '' and h.asset_id in (select id from piece where kind <> 'area')
    group by h.asset_id
), thing as (
    select p.kind, p.name, p.part, max(p.name_en) as name_en, min(p.id) as subject_id, count(*) as parts, st_collect(p.geom) as geom,
           -- most things have no other name, and need not be asked for each
           case when max(cardinality(p.others)) = 0 and count(f.names) = 0 then '{}' else array(select distinct trim(o) from (
               select unnest(string_to_array(x, ';')) as o from unnest(string_to_array(string_agg(array_to_string(p.others, ';'), ';'), ';')) x
               union all
               select jsonb_array_elements_text(each) from jsonb_array_elements(jsonb_agg(f.names) filter (where f.names is not null)) each
           ) o where trim(o) not in ('', p.name)) end as other_names
    from piece p left join former f on p.kind <> 'area' and f.asset_id = p.id
    group by p.kind, p.name, p.part
)
insert into gis.named_place (kind, name, name_en, other_names, subject_id, parts, size_m, extent, geom)
select kind, name, name_en, other_names, subject_id, parts,
       case when kind in ('area', 'place') then st_distance(st_setsrid(st_makepoint(st_xmin(geom), st_ymin(geom)), 4326)::geography,
                                                          st_setsrid(st_makepoint(st_xmax(geom), st_ymax(geom)), 4326)::geography)
            else st_length(geom::geography) end,
       array[st_xmin(geom), st_ymin(geom), st_xmax(geom), st_ymax(geom)],
       case when st_dimension(geom) = 2 then st_pointonsurface(geom) else st_closestpoint(geom, st_centroid(geom)) end
from thing
returning id, name, name_en, other_names
