-- The free attributes of the selected assets of one kind, with the JSON types that occur.
select entry.key as name, array_agg(distinct jsonb_typeof(entry.value)) as types
from selected_asset s join gis.seen_asset a on a.id = s.id cross join lateral jsonb_each(a.attributes) entry
where s.kind = :kind
group by entry.key order by entry.key
