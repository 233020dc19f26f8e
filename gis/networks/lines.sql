-- The assets behind edges of a version, each once.
with part as (
    select asset_id, sum(length_m) as length_m, max(width) as width from gis.network_edge
    where name = :name and version = :version and edge = any (cast(:edges as integer[])) group by asset_id
)
select a.id as asset_id, a.source_ref as ref, a.kind, a.name, a.code, round(part.length_m::numeric, 1)::float as length_m,
       nullif(part.width, 0) as diameter_mm, a.attributes ->> 'material' as material, a.attributes ->> 'year' as year
from part join gis.seen_asset a on a.id = part.asset_id
order by part.length_m desc, a.id
