-- Assets of :source that the staged rows describe differently: changed, with before and after of what differs and nothing else.
-- Walking the history back from the asset's row by `before` gives the asset as of any date.
with incoming as (
    select source_ref, kind, class_code, name, name_en, st_setsrid(geom, 4326) as geom, attributes,
           raw_position
    from staged_asset
), differing as (
    select a.id, s.kind, coalesce(s.class_code, a.class_code) as class_code, s.name, s.name_en, s.geom, s.attributes,
           coalesce(s.raw_position, a.raw_position) as raw_position,
           jsonb_build_object('kind', a.kind, 'class_code', a.class_code, 'name', a.name, 'name_en', a.name_en,
                              'geom', encode(st_asewkb(a.geom), 'hex'), 'attributes', a.attributes, 'raw_position', a.raw_position) as old,
           jsonb_build_object('kind', s.kind, 'class_code', coalesce(s.class_code, a.class_code), 'name', s.name, 'name_en', s.name_en,
                              'geom', encode(st_asewkb(s.geom), 'hex'), 'attributes', s.attributes,
                              'raw_position', coalesce(s.raw_position, a.raw_position)) as new
    from incoming s join gis.asset a on a.source = :source and a.source_ref = s.source_ref
    where a.kind <> s.kind or a.name <> s.name or a.name_en <> s.name_en or a.attributes <> s.attributes
       or (s.class_code is not null and a.class_code is distinct from s.class_code)
       or (s.raw_position is not null and a.raw_position is distinct from s.raw_position)
       or not st_orderingequals(a.geom, s.geom)
), updated as (
    update gis.asset a
    set kind = d.kind, class_code = d.class_code, name = d.name, name_en = d.name_en, geom = d.geom, attributes = d.attributes,
        raw_position = d.raw_position, version = a.version + 1, import_run_id = coalesce(cast(:run_id as bigint), a.import_run_id), recorded_at = gis.now()
    from differing d where a.id = d.id
    returning a.id, a.version
), recorded as (
    insert into gis.asset_history (asset_id, version, change, before, after, why, import_run_id)
    select u.id, u.version, 'changed',
           (select jsonb_object_agg(key, value) from jsonb_each(d.old) where value is distinct from d.new -> key),
           (select jsonb_object_agg(key, value) from jsonb_each(d.new) where value is distinct from d.old -> key),
           :why, cast(:run_id as bigint)
    from updated u join differing d on d.id = u.id
    returning 1
)
select count(*) from recorded
