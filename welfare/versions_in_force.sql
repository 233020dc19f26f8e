-- Of each active programme the version that counts on :day.
select distinct on (v.programme_code) v.id, v.programme_code, v.rule, v.amount
from welfare.programme_version v join welfare.programme p on p.code = v.programme_code
where v.valid_from <= :day and p.active
order by v.programme_code, v.valid_from desc
