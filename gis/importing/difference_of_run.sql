-- What run {run_id} has done to assets, areas and the list of divisions, one row each, without numbers that a sequence made: the same work on the
-- same ground gives the same rows. Of several changes of one asset the first `before` and the last `after` count.
with mine as (
    select asset_id, version, change, before, after from gis.asset_history where import_run_id = {run_id}
), whole as (
    select asset_id, bool_or(change = 'added') as added, (array_agg(change order by version desc))[1] as last from mine group by asset_id
), befores as (
    select asset_id, jsonb_object_agg(key, value order by version desc) as before from mine, jsonb_each(before) group by asset_id
), afters as (
    select asset_id, jsonb_object_agg(key, value order by version) as after from mine, jsonb_each(after) group by asset_id
)
select 'asset' as object, a.source_ref as ref, a.kind, a.name,
       case when w.added then 'added' when w.last = 'removed' then 'removed' else 'changed' end as change,
       case when not w.added then b.before - '{{geom,raw_position}}'::text[] end as before,
       case when not w.added then f.after - '{{geom,raw_position}}'::text[] end as after,
       a.geom, case when not w.added then (b.before ->> 'geom')::geometry end as old_geom
from whole w join gis.asset a on a.id = w.asset_id left join befores b using (asset_id) left join afters f using (asset_id)
union all
select 'area', h.code, coalesce(h.after ->> 'level', h.before ->> 'level', a.level, ''),
       coalesce(h.after ->> 'name', a.name, h.before ->> 'name', ''), h.change,
       case when h.change <> 'added' then h.before - '{{geom,raw_position,parent_id}}'::text[] end,
       case when h.change <> 'added' then h.after - '{{geom,raw_position,parent_id}}'::text[] end,
       coalesce((h.after ->> 'geom')::geometry, a.geom, (h.before ->> 'geom')::geometry),
       case when h.change = 'changed' then (h.before ->> 'geom')::geometry end
from gis.area_history h left join gis.area a on a.id = h.area_id
where h.import_run_id = {run_id}
union all
select 'division', h.code, case length(h.code) when 2 then 'province' when 4 then 'city' when 6 then 'district' when 9 then 'subdistrict' else 'community' end,
       coalesce(h.after ->> 'name', h.before ->> 'name'), h.change,
       case when h.change <> 'added' then h.before end, case when h.change <> 'added' then h.after end, null::geometry, null::geometry
from gis.division_history h
where h.import_run_id = {run_id}
