-- A valid session with its account and posts: all that a request needs before it starts.
select a.id as account_id, a.username, a.name, a.name_en, a.unit_id, a.locale, s.csrf,
       held.posts, gis.hidden_from(held.posts) as hidden, reach.everywhere, reach.areas, reach.centres
from api.session s
join gis.account a on a.id = s.account_id and a.active
cross join lateral (
    select array(select distinct p.post from gis.post_assignment p where p.account_id = a.id order by p.post) as posts
) held
cross join lateral gis.reach_of(a.id) reach
where s.token_hash = :hash and s.expires_at > now()
