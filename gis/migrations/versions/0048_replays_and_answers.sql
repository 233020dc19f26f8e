-- The virtual time stands still at holds_at: a replay lets it go on to what happens next, and no further.
alter table gis.clock add column holds_at timestamptz;
comment on table gis.clock is 'The instance''s virtual time; empty means real time. It does not go past holds_at. Read through gis.now().';

create or replace function gis.now() returns timestamptz
language plpgsql stable parallel safe as $$
declare
    moment timestamptz;
begin
    select least(virtual_at + (clock_timestamp() - real_at) * rate, holds_at) into moment from gis.clock;
    return coalesce(moment, clock_timestamp());
end
$$;

-- What a caller said when called back is counted by the evaluation, and is no row of the case's history.
create or replace function dispatch.note_answer() returns trigger
language plpgsql as $$
begin
    insert into dispatch.figure_change (case_id) values (new.case_id);
    return null;
end
$$;
create trigger note_answer after insert or update of state on dispatch.callback
    for each row when (new.state = 'done') execute function dispatch.note_answer();
