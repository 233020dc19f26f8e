-- A valid session with its account and posts: all that a request needs before it starts.
select acting.*, s.csrf
from api.session s
join gis.acting on acting.account_id = s.account_id
where s.token_hash = :hash and s.expires_at > now()
