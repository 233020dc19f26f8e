-- Areas keep what came in with its coordinate system, as assets do (C5).
alter table gis.area add column raw_position jsonb;
