-- What one says to tell somebody where a point is: its grid, the named road within 60 m, its nearest door, ranges of numbers and
-- crossing within 500 m, and the nearest named thing within 300 m. Distances are metres on the spheroid.
with p as (
    select st_setsrid(st_makepoint(:lon, :lat), 4326) as geom, 1 / (111000.0 * greatest(cos(radians(:lat)), 0.01)) as per_m
), road as (
    select a.id, a.name, a.name_en
    from p join gis.seen_asset a on a.kind = 'road' and a.name <> '' and a.status <> 'removed' and a.geom && st_expand(p.geom, 60 * p.per_m)
     and st_dwithin(a.geom::geography, p.geom::geography, 60)
    order by st_distance(a.geom::geography, p.geom::geography), a.id limit 1
)
select grid.code as grid, road.id as road_id, road.name as road, road.name_en as road_en,
       door.label as door, ranges.known as ranges,
       crossing.other, crossing.other_en, st_x(crossing.geom) as crossing_lon, st_y(crossing.geom) as crossing_lat,
       thing.name as thing, thing.name_en as thing_en, st_x(thing.geom) as thing_lon, st_y(thing.geom) as thing_lat
from p
left join road on true
left join lateral (select g.code from gis.unit_grid g where st_covers(g.geom, p.geom) order by g.code limit 1) grid on true
left join lateral (
    select h.label from gis.house_number h
    where h.street = road.name and h.side = '' and ((select gis.hidden_now()) = '{}' or exists (select from gis.seen_asset a where a.id = h.asset_id))
      and h.geom && st_expand(p.geom, 40 * p.per_m)
      and st_dwithin(h.geom::geography, p.geom::geography, 40)
    order by st_distance(h.geom::geography, p.geom::geography), h.label limit 1
) door on true
left join lateral (
    select jsonb_agg(jsonb_build_object('low', h.low, 'high', h.high, 'side', h.side, 'geom', encode(st_asbinary(h.geom), 'hex'))) as known
    from gis.house_number h
    where h.side in ('left', 'right') and h.street = road.name
      and ((select gis.hidden_now()) = '{}' or exists (select from gis.seen_asset a where a.id = h.asset_id)) and h.asset_id = (
        select near.asset_id from gis.house_number near
        where near.street = road.name and near.side in ('left', 'right') and near.geom && st_expand(p.geom, 60 * p.per_m)
        order by st_distance(near.geom::geography, p.geom::geography), near.asset_id limit 1
    )
) ranges on true
left join lateral (
    select x.other, x.geom,
           (select max(a.name_en) from gis.named_place a where a.kind = 'road' and a.name = x.other) as other_en
    from gis.crossing x
    where x.road = road.name
      and ((select gis.hidden_now()) = '{}' or gis.seen_by_name('road', x.other, st_expand(x.geom, 0.0006)) is not null)
      and x.geom && st_expand(p.geom, 500 * p.per_m)
    order by st_distance(x.geom::geography, p.geom::geography), x.other limit 1
) crossing on true
left join lateral (
    select n.name, n.name_en, n.geom from gis.named_place n
    where ((select gis.hidden_now()) = '{}' or gis.seen_by_name(n.kind, n.name, st_makeenvelope(n.extent[1], n.extent[2], n.extent[3], n.extent[4], 4326)) is not null)
      and n.geom && st_expand(p.geom, 300 * p.per_m) and n.kind not in ('road', 'area', 'bus_line', 'lamp_cabinet', 'address')
      and st_dwithin(n.geom::geography, p.geom::geography, 300)
    order by st_distance(n.geom::geography, p.geom::geography), n.id limit 1
) thing on true
