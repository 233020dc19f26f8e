-- A large load into an empty register does without indexes, and without looking up each row's owner, until its rows stand: all of them
-- are made again within the same transaction, from what PostgreSQL itself says of them. What is set aside stands here meanwhile; no
-- other transaction ever sees a row of it, and only the owner may read or write it.
create table gis.set_aside (
    number integer primary key,
    definition text not null
);

-- `what`: 'register' (gis.asset, its history, every table that refers to it) or 'names' (gis/naming). False, and nothing done, where
-- the first of these tables holds a row, or where somebody is using one of them at this moment: nobody waits for anybody.
create or replace function gis.set_indexes_aside(what text) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
    held constant oid[] := case what
        when 'register' then array['gis.asset'::regclass::oid, 'gis.asset_history'::regclass::oid] || array(
            select distinct r.conrelid from pg_constraint r join pg_class c on c.oid = r.conrelid
            where r.confrelid = 'gis.asset'::regclass and c.relnamespace = 'gis'::regnamespace and c.relkind = 'r' order by 1)
        when 'names' then array['gis.named_place'::regclass::oid, 'gis.spelling'::regclass::oid, 'gis.crossing'::regclass::oid,
                                'gis.house_number'::regclass::oid] end;
    filled boolean;
    one record;
    number integer := 0;
begin
    if held is null then
        raise exception 'no tables are called %', what;
    end if;
    begin
        for one in select n.at::regclass as name from unnest(held) with ordinality as n(at, place) order by place loop
            execute format('lock table %s in access exclusive mode nowait', one.name);
            if one.name::oid = held[1] then
                execute format('select exists (select from %s)', one.name) into filled;
                if filled then
                    raise lock_not_available;
                end if;
            end if;
        end loop;
    exception when lock_not_available then
        return false;  -- and the locks taken so far are gone with the block
    end;
    for one in select conname, conrelid::regclass as name, pg_get_constraintdef(oid) as said from pg_constraint
               where contype = 'f' and conrelid = any(held) and confrelid = any(held) loop
        number := number + 1;
        insert into gis.set_aside values (number, format('alter table %s add constraint %I %s', one.name, one.conname, one.said));
        execute format('alter table %s drop constraint %I', one.name, one.conname);
    end loop;
    for one in select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as said from pg_index i
               where i.indrelid = any(held) and not i.indisunique loop
        number := number + 1;
        insert into gis.set_aside values (number, one.said);
        execute format('drop index %s', one.name);
    end loop;
    return true;
end
$$;
revoke all on function gis.set_indexes_aside(text) from public;
grant execute on function gis.set_indexes_aside(text) to citycommand_app;

create or replace function gis.restore_indexes() returns void
language plpgsql security definer set search_path = pg_catalog set maintenance_work_mem = '128MB' as $$
declare
    one record;
begin
    for one in select definition from gis.set_aside order by number desc loop
        execute one.definition;
    end loop;
    delete from gis.set_aside;
end
$$;
revoke all on function gis.restore_indexes() from public;
grant execute on function gis.restore_indexes() to citycommand_app;

-- The run that brought or changed an asset is looked up once for a statement, not once for each of its rows: as a key of the table's own
-- it took a tenth of a large import. Runs are never deleted.
alter table gis.asset drop constraint fk_asset_import_run_id;
create or replace function gis.refuse_unknown_run() returns trigger
language plpgsql as $$
begin
    if exists (select from (select distinct import_run_id from became where import_run_id is not null) named
               where not exists (select from gis.import_run r where r.id = named.import_run_id)) then
        raise foreign_key_violation using message = 'an asset names an import run that there is not';
    end if;
    return null;
end
$$;
create trigger refuse_unknown_run_added after insert on gis.asset
    referencing new table as became for each statement execute function gis.refuse_unknown_run();
create trigger refuse_unknown_run_changed after update on gis.asset
    referencing new table as became for each statement execute function gis.refuse_unknown_run();
