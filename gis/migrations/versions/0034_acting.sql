-- Who acts, in one place: an active account with its posts, what is hidden from them, and how far they reach.
create view gis.acting as
select a.id as account_id, a.username, a.name, a.name_en, a.unit_id, a.locale,
       held.posts, gis.hidden_from(held.posts) as hidden, reach.everywhere,
       coalesce(reach.areas, '{}') as areas, coalesce(reach.centres, '{}') as centres
from gis.account a
cross join lateral (
    select array(select distinct p.post from gis.post_assignment p where p.account_id = a.id order by p.post) as posts
) held
cross join lateral gis.reach_of(a.id) reach
where a.active;
grant select on gis.acting to citycommand_app;
