-- Spellings that may be meant: begun like the query, one slip away, holding it, or sharing its words; ranking.py judges.
with hit as (
    (select place_id, sort, form from gis.spelling where form like :start order by length(form), form limit 80)
    union
    (select place_id, sort, form from gis.spelling where keys && cast(:whole as integer[]) limit 400)
    union
    (select place_id, sort, form from gis.spelling where keys && cast(:begun as integer[]) limit 200)
    union
    (select place_id, sort, form from gis.spelling
     where cardinality(cast(:pairs as integer[])) > 0 and keys @> cast(:pairs as integer[]) and form like :any order by length(form) limit 80)
    union
    (select place_id, sort, form from gis.spelling
     where cardinality(cast(:word_1 as integer[])) > 0 and keys && cast(:word_1 as integer[])
       and (cardinality(cast(:word_2 as integer[])) = 0 or keys && cast(:word_2 as integer[]))
       and (cardinality(cast(:word_3 as integer[])) = 0 or keys && cast(:word_3 as integer[]))
       and (cardinality(cast(:word_4 as integer[])) = 0 or keys && cast(:word_4 as integer[])) limit 300)
)
select p.id, p.kind, p.name, p.name_en, p.other_names, p.size_m, hit.sort, hit.form
from hit join gis.named_place p on p.id = hit.place_id
where (select gis.hidden_now()) = '{}' or p.kind = 'area'
   or gis.seen_by_name(p.kind, p.name, st_makeenvelope(p.extent[1], p.extent[2], p.extent[3], p.extent[4], 4326)) is not null
