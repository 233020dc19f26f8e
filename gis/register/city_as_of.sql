-- Assets of :kinds inside the box as they were at :moment: those that lie there now, and those that a later change moved away.
with box as (
    select st_makeenvelope(:west, :south, :east, :north, 4326) as reach
), near as (
    select a.id from gis.seen_asset a, box where a.kind = any(:kinds) and a.geom && box.reach
    union
    select h.asset_id from gis.asset_history h, box
    where h.recorded_at > :moment and h.before ? 'geom' and cast(h.before ->> 'geom' as geometry) && box.reach
), was as (
    select near.id,
           coalesce(jsonb_object_agg(e.key, e.value order by h.version desc) filter (where e.key is not null), '{}') as fields,
           count(*) filter (where h.change = 'added') as born_later, count(h.id) as changed
    from near left join gis.asset_history h on h.asset_id = near.id and h.recorded_at > :moment
    left join lateral jsonb_each(h.before) e on true
    group by near.id
), stood as (
    select a.id, coalesce(cast(was.fields ->> 'geom' as geometry), a.geom) as geom, was.changed > 0 as changed,
           coalesce(was.fields ->> 'kind', a.kind) as kind, coalesce(was.fields ->> 'status', a.status) as status,
           coalesce(was.fields ->> 'name', a.name) as name, coalesce(was.fields ->> 'name_en', a.name_en) as name_en,
           case when was.fields ? 'code' then was.fields ->> 'code' else a.code end as code
    from was join gis.seen_asset a on a.id = was.id
    where was.born_later = 0
)
select s.id, s.kind, s.status, s.name, coalesce(nullif(s.name_en, ''), s.name) as name_en, s.code, s.changed,
       cast(st_asgeojson(s.geom, 7) as jsonb) as geometry
from stood s, box
where s.kind = any(:kinds) and s.status <> 'removed' and s.geom && box.reach
order by s.id
limit :most
