-- What is shown of the places chosen: where they are, and the areas they lie in, the smallest first.
select p.id, p.kind,
       case when (select gis.hidden_now()) = '{}' or p.kind = 'area' then p.subject_id
            else gis.seen_by_name(p.kind, p.name, st_makeenvelope(p.extent[1], p.extent[2], p.extent[3], p.extent[4], 4326)) end as subject_id,
       p.parts, p.size_m, p.extent, st_x(p.geom) as lon, st_y(p.geom) as lat, p.name, p.name_en,
       array(select case when :en and a.name_en <> '' then a.name_en else a.name end
             from gis.area a
             where st_covers(a.geom, p.geom) and a.level <> 'city' and not (p.kind = 'area' and a.id = p.subject_id)
             order by array_position(array['community', 'subdistrict', 'district'], a.level)) as areas
from gis.named_place p where p.id = any(cast(:ids as bigint[]))
