-- Cases as the other system left them, numbered in the order of the files.
insert into dispatch.cases (
    id, number, state, source, title, class_code, condition_id, geom, location_quality, address, address_en, grid_id, grid_code, area_code,
    asset_id, unit_id, inspector_id, stage, stage_started_at, stage_warn_at, stage_due_at, due_at, occurred_at, recorded_at,
    closed_at, imported, import_run_id, trace_id)
select case_id, :number_prefix || lpad(number::text, greatest(6, length(number::text)), '0'),
       case when closed_at is null then 'reported' else 'closed' end, source, title, class_code, condition_id, geom,
       location_quality, address, coalesce(road.name_en, ''), grid_id, grid_code, area_code, asset_id, unit_id, inspector_id,
       case when closed_at is null then :stage end, case when closed_at is null then occurred_at end,
       case when closed_at is null then stage_warn_at end, case when closed_at is null then stage_due_at end,
       due_at, occurred_at, :now, closed_at, true, :run_id, trace_id
from (select s.*, nextval('dispatch.case_number') as number from (select * from staged_report order by position) s) numbered
left join (select name as road, max(name_en) as name_en from gis.asset where kind = 'road' and name <> '' group by name) road on road.road = numbered.address
