-- Cases as the public may see them: of a service in force, the one they were sent under before another of their class, not withheld. The caller adds conditions, order and limit.
-- Words are those that their sender agreed to show; reporter comes along only so that they can be masked.
select c.id, c.number, c.state, c.closed_at, c.occurred_at, c.due_at, c.location_quality, c.area_code, c.address, c.address_en,
       into_case.number as joined_number,
       st_x(c.geom) as lon, st_y(c.geom) as lat,
       s.code as service_code, s.name as service_name, s.name_en as service_name_en, s.rounding_m, s.icon, s.group_name, s.group_name_en,
       u.name as unit_name, u.name_en as unit_name_en, area.name as area_name, area.name_en as area_name_en,
       coalesce(last.at, c.occurred_at) as updated_at, coalesce(said.words, '') as words, coalesce(said.reporter, '{}') as reporter,
       voices.n as voices, shown.photos
from dispatch.cases c
left join lateral (
    select b.service_code from dispatch.submission b where b.case_id = c.id order by b.id limit 1
) first on true
cross join lateral (
    select p.* from dispatch.public_service p
    where p.valid_from <= :day and (p.valid_to is null or p.valid_to > :day)
      and (p.class_code = c.class_code or (c.class_code is null and p.class_code is null and p.code = first.service_code))
    order by p.code = first.service_code desc nulls last, p.ordinal, p.code limit 1
) s
left join dispatch.cases into_case on into_case.id = c.merged_into_id
left join gis.unit u on u.id = c.unit_id
left join gis.area area on area.code = c.area_code
left join lateral (select max(e.recorded_at) as at from dispatch.case_event e where e.case_id = c.id) last on true
left join lateral (
    select r.raw ->> 'words' as words, r.reporter
    from dispatch.submission b join dispatch.report r on r.id = b.report_id
    where b.case_id = c.id and b.share_words order by b.id limit 1
) said on true
left join lateral (
    select count(*) as n from dispatch.report r
    where r.case_id = c.id or r.case_id in (select m.id from dispatch.cases m where m.merged_into_id = c.id)
) voices on true
left join lateral (
    select array_agg(p.evidence_id order by p.evidence_id) as photos
    from dispatch.evidence e join dispatch.released_photo p on p.evidence_id = e.id where e.case_id = c.id
) shown on true
where s.kind <> 'blackbox' and (s.kind = 'realtime' or c.state <> 'reported')
  and not exists (select from dispatch.withheld_case w where w.case_id = c.id)
