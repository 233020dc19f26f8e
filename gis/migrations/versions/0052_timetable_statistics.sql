-- A timetable of hundreds of thousands of calls is read in the transaction that wrote it, and soon after: without fresh statistics a
-- join of its tables takes minutes instead of a second. Only a table's owner may analyse it.
create or replace function gis.analyse_timetables() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    analyze gis.transit_trip;
    analyze gis.transit_pattern;
    analyze gis.transit_pattern_stop;
    analyze gis.transit_stop_time;
end
$$;
revoke all on function gis.analyse_timetables() from public;
grant execute on function gis.analyse_timetables() to citycommand_app;
