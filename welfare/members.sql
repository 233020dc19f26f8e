-- Who lives in the households :ids on :day, the head first.
select m.household_id, m.person_id, m.relation, m.since, p.name, p.sex, p.birth_date, p.id_kind, p.id_index, p.id_cipher,
       p.id_algorithm, p.id_key_version
from welfare.member m join welfare.person p on p.id = m.person_id
where m.household_id = any(:ids) and daterange(m.since, m.until) @> cast(:day as date)
order by m.household_id, m.relation <> 'head', p.birth_date, m.person_id
