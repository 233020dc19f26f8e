-- A case with what decides about its next move: who reported it, open tasks and requests, assisting units, evidence, lateness.
select c.*, st_x(c.geom) as lon, st_y(c.geom) as lat,
       last.occurred_at as last_moved_at, first.account_id as reporter_id,
       (select a.id from gis.account a where a.id = c.inspector_id and a.active) as active_inspector_id,
       array(select t.inspector_id from dispatch.task t where t.case_id = c.id and t.done_at is null) as task_inspectors,
       array(select r.kind from dispatch.request r where r.case_id = c.id and r.answered_at is null) as open_requests,
       array(select s.unit_id from dispatch.assist s where s.case_id = c.id and s.state = 'sent') as assist_sent,
       array(select s.unit_id from dispatch.assist s where s.case_id = c.id and s.state = 'accepted') as assist_accepted,
       exists (select from dispatch.evidence e
               where e.case_id in (select dispatch.merged_with(c.id)) and e.stage = 'report'
                 and e.media_type not like 'audio/%') as shown_before,
       exists (select from dispatch.evidence e where e.case_id in (select dispatch.merged_with(c.id))) as has_evidence,
       array(select distinct k.unit_id from dispatch.clock k
             where k.case_id = c.id and k.stage = 'handling' and k.stopped_at > k.due_at) as late_units
from dispatch.cases c
left join lateral (select max(e.occurred_at) as occurred_at from dispatch.case_event e where e.case_id = c.id) last on true
left join dispatch.case_event first on first.case_id = c.id and first.seq = 1
where c.id = :id
