-- Cases as the public may see them (visible.sql). First the page that is asked for is chosen, then all that is told is looked up for
-- these rows alone. In the place of the marks come visible.sql, the caller's conditions, order and limit. Words are those that their sender agreed to show; the reporter
-- comes along only so that they can be masked.
with chosen as materialized (
    select c.id, s.id as service_id, c.occurred_at
    from dispatch.cases c
    /* visible */
      /* conditions */
    /* order */
)
select c.id, c.number, c.state, c.closed_at, c.occurred_at, c.due_at, c.location_quality, c.area_code, c.address, c.address_en,
       st_x(c.geom) as lon, st_y(c.geom) as lat,
       s.code as service_code, s.name as service_name, s.name_en as service_name_en, s.rounding_m, s.icon, s.group_name, s.group_name_en,
       u.name as unit_name, u.name_en as unit_name_en, area.name as area_name, area.name_en as area_name_en,
       into_case.number as joined_number,
       coalesce((select max(e.recorded_at) from dispatch.case_event e where e.case_id = c.id), c.occurred_at) as updated_at,
       coalesce(said.words, '') as words, coalesce(said.reporter, '{}') as reporter,
       (select count(*) from dispatch.report r where r.case_id in (select dispatch.merged_with(c.id))) as voices,
       (select array_agg(p.evidence_id order by p.evidence_id)
        from dispatch.evidence e join dispatch.released_photo p on p.evidence_id = e.id where e.case_id = c.id) as photos
from chosen
join dispatch.cases c on c.id = chosen.id
join dispatch.public_service s on s.id = chosen.service_id
left join dispatch.cases into_case on into_case.id = c.merged_into_id
left join gis.unit u on u.id = c.unit_id
left join gis.area area on area.code = c.area_code
left join lateral (
    select r.raw ->> 'words' as words, r.reporter
    from dispatch.submission b join dispatch.report r on r.id = b.report_id
    where b.case_id = c.id and b.share_words order by b.id limit 1
) said on true
