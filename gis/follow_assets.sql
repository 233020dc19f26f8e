-- Assets that exist only in their source follow it: gone from the staged rows → removed, back in them → intact again.
with turned as (
    update gis.asset a
    set status = case a.status when 'removed' then 'intact' else 'removed' end, version = a.version + 1,
        import_run_id = cast(:run_id as bigint), recorded_at = gis.now()
    where a.source = :source and starts_with(a.source_ref, :prefix)
      and (a.status = 'removed') = exists (select from staged_asset s where s.source_ref = a.source_ref)
    returning a.id, a.version, a.status
), recorded as (
    insert into gis.asset_history (asset_id, version, change, before, after, why, import_run_id)
    select id, version, case status when 'removed' then 'removed' else 'changed' end,
           jsonb_build_object('status', case status when 'removed' then 'intact' else 'removed' end),
           jsonb_build_object('status', status), :why, cast(:run_id as bigint)
    from turned
    returning change
)
select count(*) filter (where change = 'removed') from recorded
