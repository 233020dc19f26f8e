-- Staged readings that are stored already, or older than what their device has sent before: they are history, not news.
select s.asset_id, s.occurred_at, s.device_id
from reading_staging s
join gis.asset_state a on a.asset_id = s.asset_id and a.device_id = s.device_id and a.occurred_at >= s.occurred_at
