-- Classes and their filing conditions in force on a day; `ordinary` is the one that a report without a condition gets (dispatch/policy.py).
select c.code, c.kind, c.major_name, c.major_name_en, c.name, c.name_en,
       f.id, f.text, f.text_en, f.limit_kind, f.limit_amount,
       row_number() over (partition by c.code
           order by f.limit_kind like 'urgent%', case when f.limit_kind like 'urgent%' then -f.limit_amount end, f.ordinal) = 1 as ordinary
from dispatch.case_class c
left join dispatch.filing_condition f
    on f.class_code = c.code and f.valid_from <= :day and (f.valid_to is null or f.valid_to > :day)
where c.active
order by c.code, f.ordinal
