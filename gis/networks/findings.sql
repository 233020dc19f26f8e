-- Lamps farther than 30 m from any street, stops farther than 40 m from any bus line (where the city has streets and lines).
insert into found_now (identity, name, "check", asset_id, other_id, facts, geom)
select :name || '/' || v.rule || '/' || a.id || '/', :name, v.rule, a.id, near.id,
       jsonb_build_object('distance_m', round(near.away::numeric, 1)), st_pointonsurface(a.geom)
from (values ('lamp_off_street', 'street_lamp', 'road', 30.0), ('stop_off_line', 'bus_stop', 'bus_line', 40.0)) v (rule, kind, host, reach)
join gis.asset a on a.kind = v.kind and a.status <> 'removed'
cross join lateral (
    select h.id, st_distance(h.geom::geography, a.geom::geography) as away from gis.asset h
    where h.kind = v.host and h.status <> 'removed' order by h.geom <-> a.geom limit 1
) near
where near.away > v.reach
