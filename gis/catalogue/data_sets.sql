-- Every source that the base holds something of, with its description where there is one, its last run, and figures of quality.
with held as (
    select source, count(*) filter (where status <> 'removed') as assets,
           array_agg(distinct kind) as kinds,
           count(*) filter (where name <> '') as named, count(*) filter (where code is not null) as coded,
           count(*) filter (where unit_id is not null) as with_unit,
           count(*) filter (where accuracy_class is not null) as with_accuracy,
           max(survey_date) as surveyed, max(recorded_at) as changed_at
    from gis.asset group by source
), areas as (
    select split_part(source, ':', 1) as source, count(*) as areas, max(recorded_at) as changed_at  -- areas name their reference, too
    from gis.area where source <> '' group by 1
), last_run as (
    select distinct on (effects ->> 'source') effects ->> 'source' as source, id, file_name, finished_at, counts
    from gis.import_run where effects ->> 'source' <> '' and state = 'applied' order by effects ->> 'source', finished_at desc
), refused as (
    select r.source, count(*) filter (where j.replayed_at is null) as refused
    from last_run r join gis.import_reject j on j.run_id = r.id group by r.source
), known as (
    select source from held union select source from areas union select source from gis.data_set
)
select k.source, coalesce(d.name, '') as name, coalesce(d.name_en, '') as name_en, coalesce(d.classification, 'internal') as classification,
       d.source is not null as described, u.code as owner, u.name as owner_name, u.name_en as owner_name_en,
       coalesce(d.contact, '') as contact, coalesce(d.rhythm, 'none') as rhythm, coalesce(d.visible_to, '{}') as visible_to,
       coalesce(d.note, '') as note, coalesce(d.version, 0) as version,
       coalesce(h.assets, 0) as assets, coalesce(h.kinds, '{}') as kinds, coalesce(a.areas, 0) as areas,
       h.named, h.coded, h.with_unit, h.with_accuracy, h.surveyed,
       r.id as run_id, r.file_name, r.finished_at as refreshed_at, coalesce(f.refused, 0) as refused,
       greatest(h.changed_at, a.changed_at) as changed_at
from known k
left join gis.data_set d on d.source = k.source
left join gis.unit u on u.id = d.owner_unit_id
left join held h on h.source = k.source
left join areas a on a.source = k.source
left join last_run r on r.source = k.source
left join refused f on f.source = k.source
order by coalesce(h.assets, 0) + coalesce(a.areas, 0) desc, k.source
