-- Unit grids of responsibility grids with their visits in [since, until) and the latest one ever.
with stay as (
    select t.unit_grid_id,
           t.occurred_at - lag(t.occurred_at) over (partition by t.unit_grid_id, t.account_id order by t.occurred_at)
               > interval '15 minutes' as after_a_while,
           lag(t.occurred_at) over (partition by t.unit_grid_id, t.account_id order by t.occurred_at) is null as first
    from dispatch.track_point t
    where t.occurred_at >= :since and t.occurred_at < :until and t.unit_grid_id is not null
), visited as (
    select unit_grid_id, count(*) filter (where first or after_a_while) as visits from stay group by 1
)
select g.code, w.code as walk, case when :en and a.name_en <> '' then a.name_en else a.name end as inspector,
       coalesce(v.visits, 0) as visits, st_asgeojson(g.geom, 6)::jsonb as geometry,
       (select max(t.occurred_at) from dispatch.track_point t where t.unit_grid_id = g.id) as last_at
from gis.unit_grid g
join gis.responsibility_grid w on w.id = g.responsibility_grid_id
left join gis.account a on a.id = w.inspector_id
left join visited v on v.unit_grid_id = g.id
order by w.code, g.code
