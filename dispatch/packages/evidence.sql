-- Evidence of a case and of what was merged into it, each with its entry in the log, the entry before, and what its picture says.
select e.id, e.case_id, k.number as case_number, k.source as case_source, e.stage, e.sha256, e.size, e.media_type, e.file_name,
       e.account_id, a.name as receiver, a.name_en as receiver_en, e.occurred_at, e.recorded_at, st_x(e.geom) as lon, st_y(e.geom) as lat,
       e.distance_m, e.trace_id, c.number, c.entry, c.previous, c.hash, before.hash as hash_before, r.taken_text,
       coalesce(r.thumbnail, false) as has_thumbnail
from dispatch.evidence e
join dispatch.cases k on k.id = e.case_id
left join gis.account a on a.id = e.account_id
left join dispatch.custody c on c.evidence_id = e.id
left join dispatch.custody before on before.number = c.number - 1
left join dispatch.evidence_reading r on r.evidence_id = e.id
where e.case_id in (select dispatch.merged_with(:id))
order by e.case_id <> :id, e.id
