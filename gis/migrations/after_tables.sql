insert into gis.subscription (kind, consumer) values
    ('alarm.raised', 'cases'),
    ('case.moved', 'notices'),
    ('clock.warned', 'notices'),
    ('clock.breached', 'notices'),
    ('clock.escalated', 'notices'),
    ('case.unrouted', 'notices'),
    ('routing.study', 'studies'),
    ('evidence.stored', 'pictures'),
    ('case.moved', 'callers'),
    ('callback.ended', 'callers'),
    ('ticket.message', 'ticket_push');

insert into gis.post_axis (post, axis) values
    ('intake_operator', 'command'), ('shift_leader', 'command'), ('dispatcher', 'command'),
    ('inspector', 'supervision'), ('assessor', 'supervision');

-- A partition for every day is made ahead by ingest; what comes for a day without one is not lost, it goes here.
create table ingest.reading_default partition of ingest.reading default;

-- Make the partitions of the days from `first` for `days` days; those that stand already are left alone.
create or replace function ingest.make_partitions(first date, days integer) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
    day date;
    made integer := 0;
begin
    for day in select first + n from generate_series(0, days - 1) n loop
        if to_regclass(format('ingest.reading_%s', to_char(day, 'YYYYMMDD'))) is null
           and not exists (select from ingest.reading_default
                           where occurred_at >= day::timestamp at time zone 'UTC'
                             and occurred_at < (day + 1)::timestamp at time zone 'UTC') then
            execute format('create table ingest.reading_%s partition of ingest.reading for values from (%L) to (%L)',
                           to_char(day, 'YYYYMMDD'),
                           to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00',
                           to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
            made := made + 1;
        end if;
    end loop;
    return made;
end
$$;
revoke all on function ingest.make_partitions(date, integer) from public;
grant execute on function ingest.make_partitions(date, integer) to citycommand_app;

-- A case changes its state only along a move of the workflow (dispatch/workflow/table.py), and each change raises its version.
create or replace function dispatch.refuse_unknown_change() returns trigger
language plpgsql as $$
begin
    if not exists (select from dispatch.transition where from_state = old.state and to_state = new.state) then
        raise exception 'no move leads from % to %', old.state, new.state using errcode = 'check_violation';
    end if;
    if new.version <> old.version + 1 then
        raise exception 'a change of state must raise the version by one' using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger refuse_unknown_change before update of state on dispatch.cases
    for each row when (old.state is distinct from new.state) execute function dispatch.refuse_unknown_change();

-- C1: an account that dispatched a case neither verifies, checks, closes nor voids it, and the other way round.
create or replace function dispatch.keep_duties_apart() returns trigger
language plpgsql as $$
begin
    if exists (select from dispatch.move_duty new_duty
               join dispatch.move_duty old_duty on old_duty.duty <> new_duty.duty
               join dispatch.case_event done on done.move = old_duty.move
               where new_duty.move = new.move and done.case_id = new.case_id and done.account_id = new.account_id
                 and not done.imported) then
        raise exception 'account % has done the other duty on this case', new.account_id using errcode = '23C01';
    end if;
    return new;
end
$$;
create trigger keep_duties_apart before insert on dispatch.case_event
    for each row when (new.account_id is not null and not new.imported) execute function dispatch.keep_duties_apart();

-- An application changes its state only along a move of the procedure (welfare/procedure.py), each change raising its version.
create or replace function welfare.refuse_unknown_change() returns trigger
language plpgsql as $$
begin
    if not exists (select from welfare.transition where from_state = old.state and to_state = new.state) then
        raise exception 'no move leads from % to %', old.state, new.state using errcode = 'check_violation';
    end if;
    if new.version <> old.version + 1 then
        raise exception 'a change of state must raise the version by one' using errcode = 'check_violation';
    end if;
    return new;
end
$$;
create trigger refuse_unknown_change before update of state on welfare.application
    for each row when (old.state is distinct from new.state) execute function welfare.refuse_unknown_change();

-- People are seen by area: a transaction states the range of area codes it works in (welfare/access.py), or sees nobody.
-- A range, not a pattern: it uses the index on area_code.
do $$
declare
    name text;
begin
    foreach name in array array['household', 'person', 'member', 'fact', 'assessment', 'application', 'application_event',
                                'claim', 'grants', 'access_log'] loop
        execute format('alter table welfare.%I enable row level security', name);
        execute format('create policy by_area on welfare.%I to citycommand_app'
                       ' using (area_code >= current_setting(''welfare.area_from'', true)'
                       ' and area_code <= current_setting(''welfare.area_to'', true))', name);
    end loop;
end
$$;

-- Names that a statement touched are marked; gis/naming/catch_up.py makes up for them. Names that end in a number of four digits
-- or more are those of single components: they are found by their number, not as places.
create or replace function gis.mark_names() returns trigger
language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into gis.name_change (kind, name)
        select distinct kind, name from latter where name <> '' and kind not in ('street_sign', 'bus') and name !~ '\d{4,}$'
        union
        select distinct 'address', attributes ->> 'addr:street' from latter where attributes ? 'addr:housenumber' and attributes ? 'addr:street';
    elsif tg_op = 'DELETE' then
        insert into gis.name_change (kind, name)
        select distinct kind, name from former where name <> '' and kind not in ('street_sign', 'bus') and name !~ '\d{4,}$'
        union
        select distinct 'address', attributes ->> 'addr:street' from former where attributes ? 'addr:housenumber' and attributes ? 'addr:street';
    else
        insert into gis.name_change (kind, name)
        select distinct each.kind, each.name
        from former f join latter l on l.id = f.id
        cross join lateral (values (f.kind, f.name), (l.kind, l.name),
            (case when f.attributes ? 'addr:housenumber' then 'address' end, f.attributes ->> 'addr:street'),
            (case when l.attributes ? 'addr:housenumber' then 'address' end, l.attributes ->> 'addr:street')) each(kind, name)
        where ((f.kind, f.name, f.name_en, f.status = 'removed') is distinct from (l.kind, l.name, l.name_en, l.status = 'removed')
               or f.attributes is distinct from l.attributes or not st_orderingequals(f.geom, l.geom))
          and each.kind not in ('street_sign', 'bus') and each.name <> '' and each.name !~ '\d{4,}$';
    end if;
    return null;
end
$$;
create trigger mark_added_names after insert on gis.asset
    referencing new table as latter for each statement execute function gis.mark_names();
create trigger mark_changed_names after update on gis.asset
    referencing old table as former new table as latter for each statement execute function gis.mark_names();
create trigger mark_removed_names after delete on gis.asset
    referencing old table as former for each statement execute function gis.mark_names();

create or replace function gis.mark_areas() returns trigger
language plpgsql as $$
begin
    if tg_op <> 'DELETE' then
        insert into gis.name_change (kind, name) select distinct 'area', name from latter where name <> '';
    end if;
    if tg_op <> 'INSERT' then
        insert into gis.name_change (kind, name) select distinct 'area', name from former where name <> '';
    end if;
    return null;
end
$$;
create trigger mark_added_names after insert on gis.area
    referencing new table as latter for each statement execute function gis.mark_areas();
create trigger mark_changed_names after update on gis.area
    referencing old table as former new table as latter for each statement execute function gis.mark_areas();
create trigger mark_removed_names after delete on gis.area
    referencing old table as former for each statement execute function gis.mark_areas();

-- A change of assets is noted for each network that they belong to. Always a new row: one that a build is just taking away
-- must not swallow a change that this build does not see.
create or replace function gis.note_network_change() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        insert into gis.network_change (name)
        select n.name from gis.network n where exists (select from gone g where g.kind = any (n.kinds));
    else
        insert into gis.network_change (name)
        select n.name from gis.network n where exists (select from fresh f where f.kind = any (n.kinds));
    end if;
    return null;
end
$$;
create trigger note_network_insert after insert on gis.asset
    referencing new table as fresh for each statement execute function gis.note_network_change();
create trigger note_network_update after update on gis.asset
    referencing new table as fresh for each statement execute function gis.note_network_change();
create trigger note_network_delete after delete on gis.asset
    referencing old table as gone for each statement execute function gis.note_network_change();

insert into gis.network (name, kinds) values
    ('water', '{water_main,water_pump,control_valve,valve,water_junction,water_plant,water_reservoir,water_tank}'),
    ('sewer', '{sewer,sewer_pump,sewer_orifice,sewer_weir,sewer_outlet,manhole,sewer_storage,sewer_divider,outfall}'),
    ('street', '{road}');

-- What a statement changed on the map, old place and new (gis/tiles/changes.py). Few rows are noted one by one; many are
-- gathered into one box for each kind and cell of a hundredth of a degree. What no tile shows (unit, owner, survey) is no change.
-- The statement is planned each time it runs: a plan for one changed row would take hours for a hundred thousand.
create or replace function gis.note_tile_changes() returns trigger
language plpgsql as $$
declare
    shown constant jsonb := '{"asset": ["kind", "class_code", "code", "name", "name_en", "status", "attributes", "geom"],
                              "area": ["level", "code", "name", "name_en", "geom"], "unit_grid": ["code", "geom"]}';
    kind constant text := case tg_table_name when 'asset' then 'kind' else 'null::text' end;
    changed text;
    noted bigint;
begin
    if tg_op = 'TRUNCATE' then
        insert into gis.tile_change (source, west, south, east, north) values (tg_table_name, -180, -90, 180, 90);
        noted := 1;
    else
        if tg_op = 'UPDATE' then
            select format('select r.* from olds o join news n on n.id = o.id
                           cross join lateral (values (o.geom, %1$s), (n.geom, %2$s)) r (geom, kind)
                           where (%3$s) is distinct from (%4$s)',
                          replace(kind, 'kind', 'o.kind'), replace(kind, 'kind', 'n.kind'),
                          string_agg('o.' || name, ', '), string_agg('n.' || name, ', '))
            into changed from jsonb_array_elements_text(shown -> tg_table_name) name;
        else
            changed := format('select geom, %s as kind from %s', kind, case tg_op when 'INSERT' then 'news' else 'olds' end);
        end if;
        execute format(
            'insert into gis.tile_change (source, kind, west, south, east, north)
             select %L, kind, min(st_xmin(geom)), min(st_ymin(geom)), max(st_xmax(geom)), max(st_ymax(geom))
             from (select geom, kind, count(*) over () > 200 as many, row_number() over () as number from (%s) changed) counted
             where not st_isempty(geom)
             group by kind, case when many then array[floor(st_xmin(geom) * 100), floor(st_ymin(geom) * 100)] else array[number] end',
            tg_table_name, changed);
        get diagnostics noted = row_count;
    end if;
    if noted > 0 then
        perform pg_notify('live', json_build_object('topic', 'tiles', 'ids', json_build_array(tg_table_name))::text);
        -- As an array they are sought once. As "in (select …)" they were sought again for each row of the table, where the statistics
        -- said that it is empty: half a minute for the tiles of a hundred thousand unit grids.
        delete from gis.tile_change where id = any (array(
            select id from gis.tile_change where changed_at < clock_timestamp() - interval '7 days'
            limit 1000 for update skip locked));
    end if;
    return null;
end
$$;
do $$
declare
    name text;
begin
    foreach name in array array['asset', 'area', 'unit_grid'] loop
        execute format('create trigger tiles_after_insert after insert on gis.%I referencing new table as news'
                       ' for each statement execute function gis.note_tile_changes()', name);
        execute format('create trigger tiles_after_update after update on gis.%I referencing old table as olds new table as news'
                       ' for each statement execute function gis.note_tile_changes()', name);
        execute format('create trigger tiles_after_delete after delete on gis.%I referencing old table as olds'
                       ' for each statement execute function gis.note_tile_changes()', name);
        execute format('create trigger tiles_after_truncate after truncate on gis.%I'
                       ' for each statement execute function gis.note_tile_changes()', name);
    end loop;
end
$$;

-- Long lines are cut and simplified for every tile they cross: unpacked on disk they need not be unpacked each time.
alter table gis.asset alter column geom set storage external;

-- Who may see a data set holds everywhere (gis/catalogue/seeing.py). A transaction states the sources that its reader may not see
-- in citycommand.hidden, an array of text; where it states nothing, as in all the work that no reader looks at, nothing is hidden.
create or replace function gis.hidden_now() returns text[]
language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('citycommand.hidden', true), ''), '{}')::text[] $$;

-- The sources that nobody in these posts may see. Those who keep the base see all of it.
create or replace function gis.hidden_from(posts text[]) returns text[]
language sql stable parallel safe as
$$ select case when posts && array['data_steward', 'administrator'] then '{}'
               else array(select source from gis.data_set where visible_to <> '{}' and not visible_to && posts order by source) end $$;

-- What is read for somebody: the assets that this somebody may see. The setting is read once a statement, not
-- once a row. CASE keeps the planner's estimates: of <> ALL with what it cannot know it believes that nearly nothing is left.
create view gis.seen_asset as
select * from gis.asset where case when source = any ((select gis.hidden_now())::text[]) then false else true end;

-- The first asset of a kind and name on some ground that the reader may see; null where all of them are hidden. Names are kept once
-- for all readers (gis/naming), so this is asked where something is hidden at all.
create or replace function gis.seen_by_name(kind_ text, name_ text, ground geometry) returns bigint
language sql stable as
$$ select min(id) from gis.seen_asset where kind = kind_ and name = name_ and status <> 'removed' and geom && ground $$;

-- What is made once for everybody (vector tiles): the assets of data sets that are not restricted.
create view gis.open_asset as
select * from gis.asset
where case when source = any (array(select source from gis.data_set where visible_to <> '{}')) then false else true end;

-- A data set that is restricted, or open again, changes the tiles wherever it lies.
create or replace function gis.note_restriction() returns trigger
language plpgsql as $$
begin
    insert into gis.tile_change (source, kind, west, south, east, north)
    select 'asset', kind, min(st_xmin(geom)), min(st_ymin(geom)), max(st_xmax(geom)), max(st_ymax(geom))
    from gis.asset where source = coalesce(new.source, old.source) and not st_isempty(geom) group by kind;
    if found then
        perform pg_notify('live', json_build_object('topic', 'tiles', 'ids', json_build_array('asset'))::text);
    end if;
    return null;
end
$$;
create trigger note_restriction_added after insert on gis.data_set
    for each row when (new.visible_to <> '{}') execute function gis.note_restriction();
create trigger note_restriction_changed after update on gis.data_set
    for each row when ((old.visible_to = '{}') <> (new.visible_to = '{}')) execute function gis.note_restriction();
create trigger note_restriction_removed after delete on gis.data_set
    for each row when (old.visible_to <> '{}') execute function gis.note_restriction();

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

-- In two-centre mode no account holds posts of the command and of the supervision centre (C1). gis/organisation.py says it kindly.
create or replace function gis.axis_of(post_ text, centre_ bigint) returns text
language sql stable as
$$ select coalesce((select axis from gis.centre where id = centre_), (select axis from gis.post_axis where post = post_)) $$;
create or replace function gis.keep_axes_apart() returns trigger
language plpgsql as $$
begin
    if coalesce((select value from gis.setting where name = 'two_centres')::text, 'true') = 'true'
       and exists (select from gis.post_assignment held
                   where held.account_id = new.account_id and held.id <> new.id
                     and (gis.axis_of(held.post, held.centre_id), gis.axis_of(new.post, new.centre_id))
                         in (('command', 'supervision'), ('supervision', 'command'))) then
        raise exception 'account % holds a post of the other centre', new.account_id using errcode = '23C02';
    end if;
    return new;
end
$$;
create trigger keep_axes_apart before insert or update on gis.post_assignment
    for each row execute function gis.keep_axes_apart();

-- Where somebody's posts reach: everywhere, or the areas and second-level centres of their assignments.
create or replace function gis.reach_of(account_ bigint, out everywhere boolean, out areas text[], out centres bigint[])
language sql stable as $$
    select coalesce(bool_or(p.area_id is null and coalesce(c.level, 'city') = 'city'), true),
           array_remove(array_agg(distinct coalesce(a.code, of_centre.code)), null),
           array_remove(array_agg(distinct c.id) filter (where c.level <> 'city'), null)
    from gis.post_assignment p
    left join gis.centre c on c.id = p.centre_id
    left join gis.area of_centre on of_centre.id = c.area_id
    left join gis.area a on a.id = p.area_id
    where p.account_id = account_
$$;

-- What a reader sees of the cases (dispatch/reach.py): the transaction states areas and centres; where it states nothing, all.
create or replace function dispatch.areas_now() returns text[]
language sql stable parallel safe as
$$ select nullif(current_setting('citycommand.areas', true), '')::text[] $$;
create or replace function dispatch.centres_now() returns bigint[]
language sql stable parallel safe as
$$ select coalesce(nullif(current_setting('citycommand.centres', true), ''), '{}')::bigint[] $$;
create view dispatch.seen_case as
select c.* from dispatch.cases c
where case when (select dispatch.areas_now()) is null then true
           else exists (select from unnest((select dispatch.areas_now())) area (code)
                        where c.area_code >= area.code and c.area_code < area.code || '~')
             or c.centre_id = any ((select dispatch.centres_now())::bigint[])
             or exists (select from dispatch.case_level l
                        where l.case_id = c.id and l.centre_id = any ((select dispatch.centres_now())::bigint[])) end;

-- A set of routing rules that was submitted or approved stays as it is, rules and all; only a planned one may still be withdrawn.
create or replace function dispatch.keep_routing_set() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' or (old.state in ('withdrawn', 'dropped'))
       or (old.state = 'approved' and not (new.state = 'withdrawn' and old.valid_from > gis.now()
           and to_jsonb(new) - 'state' - 'decision_note' = to_jsonb(old) - 'state' - 'decision_note')) then
        raise exception 'routing set % is % and stays as it is', old.id, old.state using errcode = '23C02';
    end if;
    return new;
end
$$;
create trigger keep_routing_set before update or delete on dispatch.routing_set
    for each row execute function dispatch.keep_routing_set();
create or replace function dispatch.keep_routing_rules() returns trigger
language plpgsql as $$
declare
    touched bigint := case when tg_op = 'DELETE' then old.set_id else new.set_id end;
begin
    if tg_op = 'UPDATE' and old.set_id <> new.set_id
       or not exists (select from dispatch.routing_set where id = touched and state = 'draft' for share) then
        raise exception 'routing set % is no draft; its rules stay as they are', touched using errcode = '23C02';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
create trigger keep_routing_rules before insert or update or delete on dispatch.routing_rule
    for each row execute function dispatch.keep_routing_rules();
-- Whatever is appended to a case's history, by whichever door: its facts are to be made again (dispatch/evaluation/keeping.py).
create or replace function dispatch.note_figure_change() returns trigger
language plpgsql as $$
begin
    insert into dispatch.figure_change (case_id) select distinct case_id from fresh;
    return null;
end
$$;
create trigger note_figure_change after insert on dispatch.case_event
    referencing new table as fresh for each statement execute function dispatch.note_figure_change();
-- What a caller said when called back counts as well, and is no row of the case's history.
create or replace function dispatch.note_answer() returns trigger
language plpgsql as $$
begin
    insert into dispatch.figure_change (case_id) values (new.case_id);
    return null;
end
$$;
create trigger note_answer after insert or update of state on dispatch.callback
    for each row when (new.state = 'done') execute function dispatch.note_answer();

-- Facts of the cases that a reader sees: the same rule as dispatch.seen_case, written so that the planner knows it to be cheap.
create view dispatch.seen_fact as
select f.* from dispatch.case_fact f
where case when (select dispatch.areas_now()) is null then true
           else f.area_code ^@ any ((select dispatch.areas_now())::text[])
             or f.centre_id = any ((select dispatch.centres_now())::bigint[])
             or f.id in (select l.case_id from dispatch.case_level l
                         where l.centre_id = any ((select dispatch.centres_now())::bigint[])) end;

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

-- Who acts, in one place: an active account with its posts, what is hidden from them, and how far they reach.
create view gis.acting as
select a.id as account_id, a.username, a.name, a.name_en, a.unit_id, a.locale,
       held.posts, gis.hidden_from(held.posts) as hidden, reach.everywhere,
       coalesce(reach.areas, '{}') as areas, coalesce(reach.centres, '{}') as centres
from gis.account a
cross join lateral (
    select array(select distinct p.post from gis.post_assignment p where p.account_id = a.id order by p.post) as posts
) held
cross join lateral gis.reach_of(a.id) reach
where a.active;

-- Custody of evidence: what is stored as evidence is entered in the log, at the end of the transaction that stored it. Entries come one
-- after another: the lock is taken last of all and held only while the transaction commits, so that it costs little and cannot be part of
-- a deadlock. Only this function writes the log: the application has no right to. The form of an entry: docs/guide/evidence.md.
create or replace function dispatch.take_into_custody(e dispatch.evidence) returns void
language plpgsql security definer set search_path = pg_catalog, public set extra_float_digits = 1 as $$
declare
    last record;
    words text;
    stamp constant text := 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
begin
    perform pg_advisory_xact_lock(hashtextextended('evidence custody', 0));
    select c.number, c.hash into last from dispatch.custody c order by c.number desc limit 1;
    words := 'citycommand evidence 1'
        || E'\nnumber ' || coalesce(last.number, 0) + 1
        || E'\nprevious ' || coalesce(encode(last.hash, 'hex'), repeat('0', 64))
        || E'\nevidence ' || e.id
        || E'\ncase ' || (select number from dispatch.cases where id = e.case_id)
        || E'\nstage ' || e.stage
        || E'\nsha256 ' || encode(e.sha256, 'hex')
        || E'\nsize ' || e.size
        || E'\ntype ' || e.media_type
        || E'\nname ' || to_json(e.file_name)
        || E'\nreceiver ' || coalesce(e.account_id::text, '-')
        || E'\noccurred ' || to_char(e.occurred_at at time zone 'UTC', stamp)
        || E'\nrecorded ' || to_char(e.recorded_at at time zone 'UTC', stamp)
        || E'\nposition ' || coalesce(st_x(e.geom)::text || ' ' || st_y(e.geom)::text, '-')
        || E'\ndistance ' || coalesce(e.distance_m::text, '-')
        || E'\ntrace ' || e.trace_id
        || E'\n';
    insert into dispatch.custody (number, evidence_id, entry, previous, hash)
    values (coalesce(last.number, 0) + 1, e.id, words, coalesce(last.hash, decode(repeat('00', 32), 'hex')),
            sha256(convert_to(words, 'UTF8')));
end
$$;
revoke all on function dispatch.take_into_custody(dispatch.evidence) from public;

create or replace function dispatch.enter_evidence() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform dispatch.take_into_custody(new);
    return null;
end
$$;
create constraint trigger enter_evidence after insert on dispatch.evidence
    deferrable initially deferred for each row execute function dispatch.enter_evidence();

-- A case and all that was merged into it, into those, and so on: its reports and evidence are one case's.
create or replace function dispatch.merged_with(case_ bigint) returns setof bigint
language sql stable rows 2 as $$
    with recursive family as (
        select case_ as id
        union
        select c.id from dispatch.cases c join family on c.merged_into_id = family.id
    )
    select id from family
$$;
