-- Corrections by people since a moment: of the last decision of the rules before each, by rule, community, class and the unit that people
-- chose; with how many cases the rule decided there in all. What was answered counts only beyond what was known at the answer.
with corrected as (
    select distinct d.case_id, rule.number, rule.priority, rule.name, rule.name_en, c.area_code, c.class_code, d.unit_id
    from dispatch.routing_decision d
    join dispatch.seen_case c on c.id = d.case_id and c.area_code is not null and c.class_code is not null and not c.imported
    cross join lateral (
        select p.rule_id, p.unit_id from dispatch.routing_decision p
        where p.case_id = d.case_id and p.id < d.id and p.reason not in ('person', 'imported') order by p.id desc limit 1
    ) before
    left join dispatch.routing_rule rule on rule.id = before.rule_id
    where d.reason = 'person' and d.recorded_at >= :since and d.unit_id <> before.unit_id
      and not exists (select from dispatch.routing_decision later
                      where later.case_id = d.case_id and later.id > d.id and later.reason = 'person')
), counted as (
    select number, min(priority) as priority, min(name) as name, min(name_en) as name_en, area_code, class_code, unit_id,
           count(*) as corrected
    from corrected group by number, area_code, class_code, unit_id having count(*) >= :fewest
)
select n.*, a.name as area, a.name_en as area_en, k.name as class_name, k.name_en as class_name_en, u.name as unit, u.name_en as unit_en,
       (select count(distinct c.id) from dispatch.seen_case c
        join dispatch.routing_decision d on d.case_id = c.id and d.recorded_at >= :since and d.reason not in ('person', 'imported')
        left join dispatch.routing_rule r on r.id = d.rule_id
        where c.area_code = n.area_code and c.class_code = n.class_code and r.number is not distinct from n.number) as decided
from counted n
join gis.unit u on u.id = n.unit_id
left join gis.area a on a.code = n.area_code
left join dispatch.case_class k on k.code = n.class_code
left join lateral (
    select (w.facts ->> 'corrected')::integer as corrected from dispatch.routing_answer w
    where w.number is not distinct from n.number and w.area_code = n.area_code and w.class_code = n.class_code and w.unit_id = n.unit_id
    order by w.id desc limit 1
) answered on true
where answered.corrected is null or n.corrected >= 2 * answered.corrected
order by n.corrected desc, n.area_code, n.class_code
