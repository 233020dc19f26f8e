-- Entries in their order beside the rows they speak of, then rows that no entry speaks of.
select c.number, c.entry, c.previous, c.hash, coalesce(c.evidence_id, e.id) as evidence_id, e.id as found_id, k.number as case_number,
       e.stage, e.sha256, e.size, e.media_type, e.file_name, e.account_id, e.occurred_at, e.recorded_at, st_x(e.geom) as lon,
       st_y(e.geom) as lat, e.distance_m, e.trace_id
from dispatch.custody c full join dispatch.evidence e on e.id = c.evidence_id left join dispatch.cases k on k.id = e.case_id
order by c.number nulls last, e.id
