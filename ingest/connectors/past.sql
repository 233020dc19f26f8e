-- What is known of the attempts to read one connected system (ingest/connectors/schedule.py).
with good as (
    select max(id) as id, max(recorded_at) as succeeded_at, max(data_at) as data_at
    from ingest.fetch where connector_code = :code and outcome <> 'failed'
)
select (select count(*) from ingest.fetch f where f.connector_code = :code and f.outcome = 'failed' and f.id > coalesce(good.id, 0))::int as failures,
       good.succeeded_at,
       (select min(f.started_at) from ingest.fetch f where f.connector_code = :code and f.outcome = 'failed' and f.id > coalesce(good.id, 0))
           as first_failure_at,
       good.data_at,
       coalesce((select outcome from ingest.fetch f where f.connector_code = :code order by f.id desc limit 1), '') as outcome
from good
