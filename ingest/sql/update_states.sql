-- The newest staged reading of each asset becomes its state, unless the state is newer. Sorted: workers never deadlock.
insert into gis.asset_state (asset_id, device_id, profile_id, occurred_at, recorded_at, "values")
select distinct on (asset_id) asset_id, device_id, profile_id, occurred_at, :recorded_at, "values"
from reading_staging
order by asset_id, occurred_at desc, device_id
on conflict (asset_id) do update
set device_id = excluded.device_id, profile_id = excluded.profile_id, occurred_at = excluded.occurred_at,
    recorded_at = excluded.recorded_at, "values" = excluded."values"
where excluded.occurred_at > gis.asset_state.occurred_at
