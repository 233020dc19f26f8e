-- Whoever reports says how urgent it is; intake decides on emergencies; they stand first on lists (D7).
alter table dispatch.report add column urgency text not null default 'normal',
    add constraint ck_report_urgency_known check (urgency in ('normal', 'urgent', 'emergency'));
alter table dispatch.cases add column emergency_claimed boolean not null default false;
comment on table dispatch.cases is '案件: what the centre follows from acceptance to close. closed_at is set in every final state. emergency_claimed: somebody reported it as an emergency, and intake has not decided yet.';
create index ix_cases_first on dispatch.cases
    ((case when priority = 'emergency' or emergency_claimed then 0 else 1 end), coalesce(stage_due_at, 'infinity'::timestamptz), id)
    where closed_at is null;
create or replace view dispatch.seen_case as
select c.* from dispatch.cases c
where case when (select dispatch.areas_now()) is null then true
           else exists (select from unnest((select dispatch.areas_now())) area (code)
                        where c.area_code >= area.code and c.area_code < area.code || '~')
             or c.centre_id = any ((select dispatch.centres_now())::bigint[])
             or exists (select from dispatch.case_level l
                        where l.case_id = c.id and l.centre_id = any ((select dispatch.centres_now())::bigint[])) end;
insert into dispatch.transition (move, from_state, to_state) values
    ('decline_emergency', 'reported', 'reported'),
    ('decline_emergency', 'accepted', 'accepted'),
    ('decline_emergency', 'verifying', 'verifying'),
    ('decline_emergency', 'not_found', 'not_found'),
    ('decline_emergency', 'verified', 'verified');
