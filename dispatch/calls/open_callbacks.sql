-- One call-back for each report of a closed case, and of those merged into it, whose caller left a number.
insert into dispatch.callback (report_id, case_id, call_id, ticket_id, unit_id, closing, closed_at)
select voice.report_id, closed.id, voice.call_id, voice.ticket_id, closed.unit_id, closed.reopened_count + 1, closed.closed_at
from dispatch.cases closed
cross join (
    select r.report_id, r.call_id, cast(null as bigint) as ticket_id, r.case_id
    from dispatch.call_report r join dispatch.call c on c.id = r.call_id where c.number_index is not null
    union all
    select t.report_id, null, t.id, t.case_id from dispatch.ticket t where t.call_back and t.number_index is not null
) voice
where closed.id = :case_id and closed.state = 'closed' and not closed.imported and voice.case_id in (select dispatch.merged_with(:case_id))
on conflict do nothing
