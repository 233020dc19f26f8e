-- Blocks of the history tell roughly when; feeds and updates want the latest rows in their order.
drop index dispatch.ix_case_event_recorded_at;
create index ix_case_event_recorded_at on dispatch.case_event (recorded_at);
