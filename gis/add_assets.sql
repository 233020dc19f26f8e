-- Staged rows that the register does not hold yet. The first row of an asset's history carries no copy of it: what it was
-- stands in the register, or in the `before` of its next change.
with incoming as (
    select source_ref, kind, class_code, name, name_en, st_setsrid(geom, 4326) as geom, attributes,
           raw_position
    from staged_asset
), added as (
    insert into gis.asset (kind, class_code, name, name_en, geom, attributes, raw_position, source, source_ref, import_run_id,
                           recorded_at)
    select s.kind, s.class_code, s.name, s.name_en, s.geom, s.attributes, s.raw_position, :source, s.source_ref,
           cast(:run_id as bigint), (select gis.now())
    from incoming s
    where not exists (select from gis.asset a where a.source = :source and a.source_ref = s.source_ref)
    returning id
), recorded as (
    insert into gis.asset_history (asset_id, version, change, why, import_run_id, recorded_at)
    select id, 1, 'added', :why, cast(:run_id as bigint), (select gis.now()) from added
    returning 1
)
select count(*) from recorded
