-- The house numbers known of a street, near the road that is meant: another street of the same name elsewhere has its own.
select h.low, h.high, h.side, st_asbinary(h.geom) as geom, h.asset_id
from gis.house_number h
where h.street = :street and h.geom && st_expand(st_makeenvelope(:west, :south, :east, :north, 4326), 0.003)
  and ((select gis.hidden_now()) = '{}' or exists (select from gis.seen_asset a where a.id = h.asset_id))
order by h.low, h.asset_id
