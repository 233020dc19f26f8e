-- What the households :ids receive on :day. Aid paid once counts for a year.
select household_id, programme_code, amount, every, since
from welfare.grants
where household_id = any(:ids) and daterange(since, until) @> cast(:day as date)
order by household_id, programme_code
