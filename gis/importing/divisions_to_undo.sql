-- The codes that run :run added or renamed, and which of them must stay: those with another name since, and those under which
-- codes of others stand, for a code must begin with one that is in the list.
create temporary table division_to_undo on commit drop as
with mine as (
    select distinct on (code) code, change, before ->> 'name' as before, after ->> 'name' as after
    from gis.division_history where import_run_id = :run order by code, id desc
), staged as (
    select m.*, d.name <> m.after as renamed from mine m join gis.division d using (code)
), above as (
    select distinct left(d.code, n) as code from gis.division d cross join unnest('{2,4,6,9}'::int[]) n
    where length(d.code) > n
      and not exists (select from staged s where s.code = d.code and s.change = 'added' and not s.renamed)
)
select s.code, s.change, s.before, s.after, s.renamed or (s.change = 'added' and a.code is not null) as kept
from staged s left join above a using (code)
