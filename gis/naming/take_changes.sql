-- The marks that stand, taken away and kept once each in the temporary table changed_name.
with taken as (delete from gis.name_change returning kind, name)
insert into changed_name select distinct kind, name from taken
