-- Households of the area by a member's name, the address, or the blind indexes of an ID number.
select h.id, h.address, c.name as community, c.name_en as community_en,
       (select p.name from welfare.member m join welfare.person p on p.id = m.person_id
        where m.household_id = h.id and m.until is null order by m.relation <> 'head', m.id limit 1) as head,
       (select count(*) from welfare.member m where m.household_id = h.id and m.until is null) as size,
       array(select g.programme_code from welfare.grants g
             where g.household_id = h.id and daterange(g.since, g.until) @> cast(gis.now() as date) order by 1) as receiving
from welfare.household h join gis.area c on c.code = h.area_code
where :all or h.address like :like
   or exists (select from welfare.member m join welfare.person p on p.id = m.person_id
              where m.household_id = h.id and m.until is null
                and (p.name like :like or p.id_index = any(cast(:indexes as bytea[]))))
order by h.id
limit :limit
