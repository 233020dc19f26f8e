-- gis.now(): the one clock of the instance. Real time, or virtual time while gis.clock holds a row.
-- The body is parsed when it is called, so the table may come later.
create or replace function gis.now() returns timestamptz
language plpgsql stable parallel safe as $$
declare
    moment timestamptz;
begin
    select virtual_at + (clock_timestamp() - real_at) * rate into moment from gis.clock;
    return coalesce(moment, clock_timestamp());
end
$$;

create sequence dispatch.case_number;
