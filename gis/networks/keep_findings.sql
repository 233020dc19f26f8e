-- found_now (a temporary table) into the work list of network :name. What was decided stays while it holds; what was corrected and
-- comes back is a new occurrence: open, whatever was said of the old one, whose words stay as its note.
with now_gone as (
    update gis.finding f set gone_at = gis.now()
    where f.name = :name and f.gone_at is null and not exists (select from found_now n where n.identity = f.identity)
)
insert into gis.finding (identity, name, "check", asset_id, other_id, facts, geom)
select distinct on (identity) identity, name, "check", asset_id, other_id, facts, geom from found_now
on conflict (identity) do update
set facts = excluded.facts, geom = excluded.geom, gone_at = null,
    state = case when finding.state = 'done' or finding.gone_at is not null then 'open' else finding.state end,
    recorded_at = case when finding.gone_at is not null then gis.now() else finding.recorded_at end
