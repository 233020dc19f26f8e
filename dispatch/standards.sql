-- Classes and their filing conditions in force on a day.
select c.code, c.kind, c.major_name, c.major_name_en, c.name, c.name_en,
       f.id, f.text, f.text_en, f.limit_kind, f.limit_amount
from dispatch.case_class c
left join dispatch.filing_condition f
    on f.class_code = c.code and f.valid_from <= :day and (f.valid_to is null or f.valid_to > :day)
where c.active
order by c.code, f.ordinal
