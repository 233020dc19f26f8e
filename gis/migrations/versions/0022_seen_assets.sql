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

-- Counting what stands of some kinds without looking at the rows; it serves what the index on the kind alone did.
drop index gis.ix_asset_kind;
create index ix_asset_standing on gis.asset (kind, source) where status <> 'removed';

grant select, update on gis.seen_asset to citycommand_app;
grant select on gis.open_asset to citycommand_app;

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
