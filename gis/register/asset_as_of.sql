-- One asset as it was at :moment: its row, with every field that a later change touched set back to what the first such change found.
with later as (
    select h.change, h.version, e.key, e.value
    from gis.asset_history h left join lateral jsonb_each(h.before) e on true
    where h.asset_id = :id and h.recorded_at > :moment
), was as (
    select coalesce(jsonb_object_agg(key, value order by version desc) filter (where key is not null), '{}') as fields,
           count(*) filter (where change = 'added') as born_later,
           coalesce(min(version), 0) as first_later
    from later
)
select a.id, a.source, a.source_ref,
       case when was.first_later > 0 then was.first_later - 1 else a.version end as version,
       f.kind, f.class_code, f.code, f.name, f.name_en, f.status, f.unit_id, f.authority, f.owner, f.maintainer, f.survey_source,
       f.accuracy_class, f.survey_date, f.installed_on, f.inspected_on, f.attributes,
       cast(st_asgeojson(coalesce(cast(was.fields ->> 'geom' as geometry), a.geom), 9) as jsonb) as geometry
from gis.seen_asset a cross join was
cross join lateral jsonb_to_record(to_jsonb(a) - 'geom' || was.fields - 'geom') as f (
    kind text, class_code text, code text, name text, name_en text, status text, unit_id bigint, authority text, owner text,
    maintainer text, survey_source text, accuracy_class text, survey_date date, installed_on date, inspected_on date, attributes jsonb)
where a.id = :id and was.born_later = 0
