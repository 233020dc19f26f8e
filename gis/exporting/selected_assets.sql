-- The selected assets of one kind, whole.
select a.id, a.kind, a.class_code, a.code, a.name, a.name_en, a.status, u.code as unit, a.authority, a.owner, a.source, a.source_ref,
       a.survey_date, a.accuracy_class, a.version, a.recorded_at, a.attributes, st_asbinary(a.geom) as geom
from selected_asset s join gis.seen_asset a on a.id = s.id left join gis.unit u on u.id = a.unit_id
where s.kind = :kind
order by a.id
