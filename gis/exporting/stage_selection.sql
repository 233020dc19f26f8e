-- The ids of the selected assets, once for the whole export (gis/exporting/selection.py says what the conditions mean).
create temporary table selected_asset on commit drop as
with region as materialized (select st_setsrid(st_geomfromwkb(decode(:region, 'hex')), 4326) as geom)
select a.id, a.kind
from region cross join gis.seen_asset a
where (cast(:kinds as text[]) is null or a.kind = any(cast(:kinds as text[])))
  and (cast(:sources as text[]) is null or a.source = any(cast(:sources as text[])))
  and (cast(:ids as bigint[]) is null or a.id = any(cast(:ids as bigint[])))
  and (:removed or a.status <> 'removed') and a.source <> all(cast(:hidden as text[]))
  and (region.geom is null or (a.geom && region.geom and st_intersects(a.geom, region.geom)))
