-- Doors and ranges of the streets named in changed_name. A door stands where an asset carries addr:street and addr:housenumber; a line
-- that also carries addr:interpolation (even, odd, all) has a range of numbers (12-98) along itself;
-- a range where a road carries numbers_left or numbers_right: [at its first point, at its last].
insert into gis.house_number (street, low, high, label, asset_id, geom)
select c.name, n.number, n.number, a.attributes ->> 'addr:housenumber', a.id, st_pointonsurface(a.geom)
from (select distinct name from changed_name where kind in ('road', 'address')) c
join gis.asset a on a.attributes ->> 'addr:street' = c.name and a.attributes ? 'addr:housenumber' and a.status <> 'removed'
  and not (a.attributes ? 'addr:interpolation' and st_dimension(a.geom) = 1)
cross join lateral (select cast(substring(a.attributes ->> 'addr:housenumber' from '\d{1,6}') as integer) as number) n
where n.number is not null;
insert into gis.house_number (street, low, high, side, asset_id, geom)
select c.name, cast(r.numbers ->> 0 as integer), cast(r.numbers ->> 1 as integer), r.side, a.id, a.geom
from (select distinct name from changed_name where kind = 'road') c
join gis.asset a on a.kind = 'road' and a.name = c.name and a.status <> 'removed'
cross join lateral (values ('left', a.attributes -> 'numbers_left'), ('right', a.attributes -> 'numbers_right')) r(side, numbers)
where jsonb_typeof(r.numbers) = 'array' and jsonb_array_length(r.numbers) = 2;
insert into gis.house_number (street, low, high, side, asset_id, geom)
select c.name, cast(n.ends[1] as integer), cast(n.ends[2] as integer), a.attributes ->> 'addr:interpolation', a.id, a.geom
from (select distinct name from changed_name where kind in ('road', 'address')) c
join gis.asset a on a.attributes ->> 'addr:street' = c.name and a.attributes ? 'addr:housenumber' and a.status <> 'removed'
cross join lateral (select regexp_match(a.attributes ->> 'addr:housenumber', '^(\d{1,6})-(\d{1,6})$') as ends) n
where a.attributes ->> 'addr:interpolation' in ('even', 'odd', 'all') and st_dimension(a.geom) = 1 and n.ends is not null
