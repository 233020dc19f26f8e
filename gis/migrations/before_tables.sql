-- gis.now(): the one clock of the instance. Real time, or virtual time while gis.clock holds a row; it stands at holds_at.
-- The body is parsed when it is called, so the table may come later.
create or replace function gis.now() returns timestamptz
language plpgsql stable parallel safe as $$
declare
    moment timestamptz;
begin
    select least(virtual_at + (clock_timestamp() - real_at) * rate, holds_at) into moment from gis.clock;
    return coalesce(moment, clock_timestamp());
end
$$;

create sequence dispatch.case_number;
