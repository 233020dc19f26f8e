-- Applications with the names that lists show. Row-level security narrows them to the area.
select a.id, a.number, a.household_id, a.programme_code, g.name as programme, g.name_en as programme_en, g.statutory,
       p.name as applicant, c.name as community, c.name_en as community_en, s.name as subdistrict, s.name_en as subdistrict_en,
       a.state, a.version, a.applied_at, a.stage_started_at, a.stage_due_at, a.notice_until, a.decided_at, a.amount
from welfare.application a
join welfare.programme g on g.code = a.programme_code
join welfare.person p on p.id = a.applicant_id
join gis.area c on c.code = a.area_code
left join gis.area s on s.id = c.parent_id
where (cast(:id as bigint) is null or a.id = :id)
  and (not :open_only or a.decided_at is null)
  and (cast(:states as text[]) is null or a.state = any(:states))
order by a.decided_at desc nulls first, a.stage_due_at nulls last, a.id
limit :limit
