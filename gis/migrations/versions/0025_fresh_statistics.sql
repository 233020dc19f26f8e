-- After a large load within a transaction the planner knows nothing of its rows, and after one that was rolled back it believes that
-- the register is empty. Both make later statements of an import hundreds of times slower. Only a table's owner may analyse it.
create or replace function gis.analyse_assets() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    analyze gis.asset;
    analyze gis.asset_history;
end
$$;
revoke all on function gis.analyse_assets() from public;
grant execute on function gis.analyse_assets() to citycommand_app;
