-- Staged readings that are stored already, or older than what their device has sent before: they are history, not news.
-- An asset's state is at least as new as any reading of it, so most rows need no look into the history.
select s.asset_id, s.occurred_at, s.device_id
from reading_staging s
join gis.asset_state a on a.asset_id = s.asset_id and a.occurred_at >= s.occurred_at
where a.device_id = s.device_id
   or exists (select from ingest.reading r
              where r.asset_id = s.asset_id and r.device_id = s.device_id and r.occurred_at >= s.occurred_at)
