-- Who looks after a finding of a network.
alter table gis.finding add column assignee_id bigint;
alter table gis.finding add constraint fk_finding_assignee_id foreign key (assignee_id) references gis.account (id);

-- Gaps are said in centimetres. Those within the tolerance of half a metre are no gaps: two nodes stand for one place.
update gis.finding set facts = jsonb_build_object('gap_cm', round(cast(facts ->> 'gap_m' as numeric) * 100, 1)) where facts ? 'gap_m';
update gis.finding set "check" = 'unjoined', identity = replace(identity, '/unsnapped_end/', '/unjoined/')
where "check" = 'unsnapped_end' and cast(facts ->> 'gap_cm' as numeric) <= 50;
