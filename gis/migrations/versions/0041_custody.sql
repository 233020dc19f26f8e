-- The log of evidence: one entry a file, each with the hash of the one before.
CREATE TABLE dispatch.custody (
    number BIGINT NOT NULL,
    evidence_id BIGINT NOT NULL,
    entry TEXT NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_custody PRIMARY KEY (number),
    CONSTRAINT ck_custody_number_positive CHECK (number > 0),
    CONSTRAINT ck_custody_hashes_whole CHECK (octet_length(previous) = 32 and octet_length(hash) = 32),
    CONSTRAINT fk_custody_evidence_id FOREIGN KEY(evidence_id) REFERENCES dispatch.evidence (id),
    CONSTRAINT uq_custody_evidence_id UNIQUE (evidence_id),
    CONSTRAINT uq_custody_previous UNIQUE (previous)
);
comment on table dispatch.custody is '存证链: one entry a file, in the order of commits. hash: SHA-256 of entry, which names the hash before.';
grant select on dispatch.custody to citycommand_app;

-- Custody of evidence: what is stored as evidence is entered in the log, at the end of the transaction that stored it. Entries come one
-- after another: the lock is taken last of all and held only while the transaction commits, so that it costs little and cannot be part of
-- a deadlock. Only this function writes the log: the application has no right to. The form of an entry: docs/guide/evidence.md.
create or replace function dispatch.take_into_custody(e dispatch.evidence) returns void
language plpgsql security definer set search_path = pg_catalog, public set extra_float_digits = 1 as $$
declare
    last record;
    words text;
    stamp constant text := 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';
begin
    perform pg_advisory_xact_lock(hashtextextended('evidence custody', 0));
    select c.number, c.hash into last from dispatch.custody c order by c.number desc limit 1;
    words := 'citycommand evidence 1'
        || E'\nnumber ' || coalesce(last.number, 0) + 1
        || E'\nprevious ' || coalesce(encode(last.hash, 'hex'), repeat('0', 64))
        || E'\nevidence ' || e.id
        || E'\ncase ' || (select number from dispatch.cases where id = e.case_id)
        || E'\nstage ' || e.stage
        || E'\nsha256 ' || encode(e.sha256, 'hex')
        || E'\nsize ' || e.size
        || E'\ntype ' || e.media_type
        || E'\nname ' || to_json(e.file_name)
        || E'\nreceiver ' || coalesce(e.account_id::text, '-')
        || E'\noccurred ' || to_char(e.occurred_at at time zone 'UTC', stamp)
        || E'\nrecorded ' || to_char(e.recorded_at at time zone 'UTC', stamp)
        || E'\nposition ' || coalesce(st_x(e.geom)::text || ' ' || st_y(e.geom)::text, '-')
        || E'\ndistance ' || coalesce(e.distance_m::text, '-')
        || E'\ntrace ' || e.trace_id
        || E'\n';
    insert into dispatch.custody (number, evidence_id, entry, previous, hash)
    values (coalesce(last.number, 0) + 1, e.id, words, coalesce(last.hash, decode(repeat('00', 32), 'hex')),
            sha256(convert_to(words, 'UTF8')));
end
$$;
revoke all on function dispatch.take_into_custody(dispatch.evidence) from public;

create or replace function dispatch.enter_evidence() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform dispatch.take_into_custody(new);
    return null;
end
$$;
create constraint trigger enter_evidence after insert on dispatch.evidence
    deferrable initially deferred for each row execute function dispatch.enter_evidence();

-- What was stored before there was a log enters it in the order in which it came.
do $$
declare
    stored dispatch.evidence;
begin
    for stored in select * from dispatch.evidence order by id loop
        perform dispatch.take_into_custody(stored);
    end loop;
end
$$;
