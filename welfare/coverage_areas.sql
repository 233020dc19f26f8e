-- Outlines of the communities in the range of areas of this transaction, simplified to about five metres (EPSG:4326).
select code, name, name_en, st_asgeojson(st_simplifypreservetopology(geom, 0.00005), 5) as geojson,
       st_x(st_pointonsurface(geom)) as lon, st_y(st_pointonsurface(geom)) as lat,
       st_xmin(geom) as west, st_ymin(geom) as south, st_xmax(geom) as east, st_ymax(geom) as north
from gis.area
where level = 'community'
  and code >= current_setting('welfare.area_from') and code <= current_setting('welfare.area_to')
order by code
