-- Handlers of a unit with what decides whom to propose: skills stated, cases of the class handled in the last year, orders on hand, and
-- where they were last on site within some hours, else where an order that they have on hand lies.
select a.id, a.name, a.name_en, skills.stated, skills.fits,
       (select count(distinct e.case_id) from dispatch.case_event e join dispatch.cases c on c.id = e.case_id
        where e.account_id = a.id and e.move = 'feed_back' and e.occurred_at > cast(:now as timestamptz) - interval '1 year'
          and c.class_code = :class_code) as handled,
       (select count(*) from dispatch.cases c where c.handler_id = a.id and c.state in ('handling', 'suspended') and c.id <> :id) as load,
       st_x(coalesce(last.geom, order_at.geom)) as lon, st_y(coalesce(last.geom, order_at.geom)) as lat,
       st_distance(coalesce(last.geom, order_at.geom)::geography, (select geom from dispatch.cases where id = :id)::geography) as straight_m
from gis.account a
join gis.post_assignment p on p.account_id = a.id and p.post = 'handler'
cross join lateral (
    select count(*) > 0 as stated, coalesce(bool_or(:class_code like s.class_prefix || '%'), false) as fits
    from dispatch.skill s where s.account_id = a.id
) skills
left join lateral (
    select e.geom from dispatch.case_event e
    where e.account_id = a.id and e.geom is not null
      and e.occurred_at > cast(:now as timestamptz) - make_interval(secs => cast(:hours as double precision) * 3600)
    order by e.occurred_at desc limit 1
) last on true
left join lateral (
    select c.geom from dispatch.cases c where c.handler_id = a.id and c.state = 'handling' and c.geom is not null and c.id <> :id
    order by c.stage_due_at limit 1
) order_at on true
where a.active and a.unit_id = :unit_id
group by a.id, a.name, a.name_en, skills.stated, skills.fits, last.geom, order_at.geom
