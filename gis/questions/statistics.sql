-- How many things a shape meets, by kind, class or state, with the length and the ground of what lies inside it.
select case :by when 'class' then coalesce(a.class_code, '') when 'status' then a.status else a.kind end as what,
       count(*) as number,
       coalesce(sum(st_length(st_intersection(a.geom, s.geom)::geography)) filter (where st_dimension(a.geom) = 1), 0) as length_m,
       coalesce(sum(st_area(st_intersection(a.geom, s.geom)::geography)) filter (where st_dimension(a.geom) = 2), 0) as area_m2
from (select st_geomfromwkb(:shape, 4326) as geom) s
join gis.seen_asset a on a.status <> 'removed' and a.geom && s.geom and st_intersects(a.geom, s.geom)
where :kind = '' or a.kind = :kind
group by what
order by number desc, what
