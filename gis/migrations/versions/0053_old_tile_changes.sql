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
