-- The newest staged reading of each device becomes its state, unless the state is newer. Sorted: workers never deadlock.
insert into gis.asset_state (asset_id, device_id, profile_id, occurred_at, recorded_at, "values")
select distinct on (asset_id, device_id) asset_id, device_id, profile_id, occurred_at, :recorded_at, "values"
from reading_staging
order by asset_id, device_id, occurred_at desc
on conflict (asset_id, device_id) do update
set profile_id = excluded.profile_id, occurred_at = excluded.occurred_at,
    recorded_at = excluded.recorded_at, "values" = excluded."values"
where excluded.occurred_at > gis.asset_state.occurred_at
