-- C1: an account that dispatched a case neither verifies, checks, closes nor voids it, and the other way round.
create or replace function dispatch.keep_duties_apart() returns trigger
language plpgsql as $$
begin
    if exists (select from dispatch.case_event
               where case_id = new.case_id and account_id = new.account_id and not imported
                 and (move in ('dispatch', 'redispatch', 'rework')) <> (new.move in ('dispatch', 'redispatch', 'rework'))
                 and move in ('dispatch', 'redispatch', 'rework', 'verify', 'deny', 'check', 'fail_check', 'close', 'void')) then
        raise exception 'account % has done the other duty on this case', new.account_id using errcode = '23C01';
    end if;
    return new;
end
$$;
drop trigger keep_duties_apart on dispatch.case_event;
create trigger keep_duties_apart before insert on dispatch.case_event
    for each row when (new.account_id is not null and not new.imported
                       and new.move in ('dispatch', 'redispatch', 'rework', 'verify', 'deny', 'check', 'fail_check', 'close', 'void'))
    execute function dispatch.keep_duties_apart();

-- A task can be given to somebody else while it is open.
insert into dispatch.transition (move, from_state, to_state) values
    ('send_check', 'checking', 'checking'),
    ('send_verification', 'verifying', 'verifying');

-- A mistyped year must not get into a history that nobody can mend.
alter table dispatch.report add constraint ck_report_year_plausible
    check (occurred_at >= '1970-01-01 00:00:00+00' and occurred_at < '2200-01-01 00:00:00+00');
alter table dispatch.case_event add constraint ck_case_event_year_plausible
    check (occurred_at >= '1970-01-01 00:00:00+00' and occurred_at < '2200-01-01 00:00:00+00');
