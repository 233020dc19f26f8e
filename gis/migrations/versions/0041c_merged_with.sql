-- A case and all that was merged into it, into those, and so on: its reports and evidence are one case's.
create or replace function dispatch.merged_with(case_ bigint) returns setof bigint
language sql stable rows 2 as $$
    with recursive family as (
        select case_ as id
        union
        select c.id from dispatch.cases c join family on c.merged_into_id = family.id
    )
    select id from family
$$;
