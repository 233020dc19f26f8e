-- The edge of a version nearest to a place, where along it (0 start, 1 end), none farther than :within_m.
with here as (
    select st_setsrid(st_makepoint(:lon, :lat), 4326) as geom
), near as (
    select e.*, here.geom as here from here, gis.network_edge e
    where e.name = :name and e.version = :version
      and ((select gis.hidden_now()) = '{}' or exists (select from gis.seen_asset a where a.id = e.asset_id))
    order by e.geom <-> here.geom limit 1
)
select edge, asset_id, start_node, end_node, st_linelocatepoint(geom, here) as share
from near where st_dwithin(geom::geography, here::geography, :within_m)
