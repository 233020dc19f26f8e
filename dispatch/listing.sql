-- A case as lists, maps and panels show it. The caller adds `where`, `order by` and `limit`.
select c.id, c.number, c.state, c.title, c.class_code, cc.name as class_name, cc.name_en as class_name_en, c.condition_id,
       c.source, c.priority, c.emergency_claimed, c.occurred_at, c.recorded_at, c.closed_at, c.due_at, c.stage, c.stage_warn_at, c.stage_due_at,
       st_x(c.geom) as lon, st_y(c.geom) as lat, c.location_quality, c.address, c.address_en, c.grid_code, c.area_code,
       community.name as community, community.name_en as community_en,
       subdistrict.name as subdistrict, subdistrict.name_en as subdistrict_en,
       asset.id as asset_id, asset.code as asset_code, asset.name as asset_name, asset.name_en as asset_name_en, asset.kind as asset_kind,
       c.unit_id, unit.name as unit_name, unit.name_en as unit_name_en,
       handler.name as handler, handler.name_en as handler_en, c.rework_count, c.reopened_count, c.pressed, c.resume_at, c.merged_into_id,
       c.version, c.imported, c.trace_id, alarm.raw as alarm, coalesce(running.provisional, false) as provisional
from dispatch.seen_case c
left join dispatch.case_class cc on cc.code = c.class_code
left join gis.area community on community.code = c.area_code
left join gis.area subdistrict on subdistrict.id = community.parent_id
left join gis.seen_asset asset on asset.id = c.asset_id
left join gis.unit unit on unit.id = c.unit_id
left join gis.account handler on handler.id = c.handler_id
left join dispatch.clock running on running.case_id = c.id and running.stopped_at is null
left join lateral (
    select r.raw from dispatch.report r
    where c.source = 'sensor' and r.case_id = c.id and r.source_system = 'alarm' and r.raw is not null order by r.id limit 1
) alarm on true
