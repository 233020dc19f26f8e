-- The ground of an area.
select st_asbinary(geom) as shape from gis.area where code = :code
