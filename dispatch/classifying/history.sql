-- Past reports by people with what their case turned out to be, the newest first: the first report of each case. What the classifier decided alone
-- and nobody has looked at since teaches nothing.
select r.description, r.source, c.occurred_at, c.class_code, c.condition_id, k.name, k.name_en
from dispatch.cases c
join lateral (select * from dispatch.report where case_id = c.id order by id limit 1) r on true
join dispatch.case_class k on k.code = c.class_code
left join dispatch.filing_condition f on f.id = c.condition_id
where r.description <> '' and r.raw is null and r.source not in ('sensor', 'camera')
  and not exists (select from dispatch.suggestion s where s.report_id = r.id and s.alone and c.state = 'reported')
order by c.occurred_at desc, c.id desc
limit :most
