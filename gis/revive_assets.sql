-- Staged assets that only the undo of an earlier run had removed stand again as they stood. Counted are those in which this
-- load has changed nothing else. There are few undone runs, so the search begins there.
with back as (
    select a.id, coalesce(h.before ->> 'status', 'intact') as status
    from gis.import_run r
    join gis.asset_history h on h.import_run_id = r.id and h.change = 'removed'
    join gis.asset a on a.id = h.asset_id and a.version = h.version
    where r.undoes is not null and a.source = :source and a.status = 'removed'
      and exists (select from staged_asset s where s.source_ref = a.source_ref)
    union all
    select a.id, coalesce(h.before ->> 'status', 'intact')
    from gis.import_run r
    join gis.asset_history h on h.import_run_id = r.id and h.change = 'removed'
    join gis.asset_history mine on mine.asset_id = h.asset_id and mine.version = h.version + 1
                               and mine.import_run_id = cast(:run_id as bigint)
    join gis.asset a on a.id = h.asset_id and a.version = mine.version
    where r.undoes is not null and a.source = :source and a.status = 'removed'
), turned as (
    update gis.asset a
    set status = b.status, version = a.version + 1, import_run_id = coalesce(cast(:run_id as bigint), a.import_run_id),
        recorded_at = gis.now()
    from back b where a.id = b.id
    returning a.id, a.version, a.status
), recorded as (
    insert into gis.asset_history (asset_id, version, change, before, after, why, import_run_id)
    select id, version, 'changed', jsonb_build_object('status', 'removed'), jsonb_build_object('status', status), :why,
           cast(:run_id as bigint)
    from turned returning asset_id
)
select count(*) from recorded r
where not exists (
    select from gis.asset_history h where h.asset_id = r.asset_id and h.import_run_id = cast(:run_id as bigint)
)
