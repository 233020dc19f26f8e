-- Takes back what run :run_id did to assets, as run :undo_id: what it added is removed, what it changed is as it was before.
-- Assets that were changed since are left out; the caller has asked about them.
with mine as (
    select asset_id, version, change, before from gis.asset_history where import_run_id = :run_id
), whole as (
    select asset_id, max(version) as version, bool_or(change = 'added') as added from mine group by asset_id
), befores as (
    select asset_id, jsonb_object_agg(key, value order by version desc) as before from mine, jsonb_each(before) group by asset_id
), wanted as (
    select a.id, (case when w.added then '{"status": "removed"}'::jsonb else coalesce(b.before, '{}') end) as facts, w.added
    from whole w join gis.asset a on a.id = w.asset_id and a.version = w.version left join befores b on b.asset_id = w.asset_id
), differing as (
    select w.id, w.facts, w.added,
           (select jsonb_object_agg(n.key, case n.key when 'geom' then to_jsonb(encode(st_asewkb(a.geom), 'hex')) else to_jsonb(a) -> n.key end)
            from jsonb_each(w.facts) n) as was
    from wanted w join gis.asset a on a.id = w.id
), turned as (
    update gis.asset a
    set {columns}, version = a.version + 1, import_run_id = :undo_id, recorded_at = gis.now()
    from differing d, jsonb_populate_record(null::gis.asset, d.facts) n
    where a.id = d.id and d.was is distinct from d.facts
    returning a.id, a.version, d.added, d.was, d.facts
), recorded as (
    insert into gis.asset_history (asset_id, version, change, before, after, why, import_run_id)
    select id, version, case when added then 'removed' else 'changed' end, was, facts, :why, :undo_id from turned
    returning change
)
select count(*) filter (where change = 'removed') as removed, count(*) filter (where change = 'changed') as restored from recorded
