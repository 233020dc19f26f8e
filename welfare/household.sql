-- One household with the names of its areas. Row-level security hides those of other areas.
select h.id, h.area_code, h.registered_area_code, h.address, h.phone, h.recorded_at, h.source,
       st_x(h.geom) as lon, st_y(h.geom) as lat,
       c.name as community, c.name_en as community_en, s.name as subdistrict, s.name_en as subdistrict_en
from welfare.household h
join gis.area c on c.code = h.area_code
left join gis.area s on s.id = c.parent_id
where h.id = :id
