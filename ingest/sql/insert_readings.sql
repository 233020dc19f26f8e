-- Redelivered messages meet their own row and change nothing.
insert into ingest.reading (asset_id, occurred_at, device_id, recorded_at, profile_id, "values", trace_id)
select asset_id, occurred_at, device_id, :recorded_at, profile_id, "values", trace_id
from reading_staging
order by asset_id, occurred_at
on conflict do nothing
