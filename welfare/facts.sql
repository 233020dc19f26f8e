-- The newest statement of each fact of the households :ids that holds on :day.
select distinct on (household_id, person_id, name) household_id, person_id, name, value, since, source, recorded_at
from welfare.fact
where household_id = any(:ids) and since <= :day
order by household_id, person_id, name, since desc, id desc
