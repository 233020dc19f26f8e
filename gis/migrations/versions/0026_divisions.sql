-- Official codes and names of administrative divisions, known before anybody has their borders.
CREATE TABLE gis.division (
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    import_run_id BIGINT NOT NULL,
    CONSTRAINT pk_division PRIMARY KEY (code),
    CONSTRAINT fk_division_import_run_id FOREIGN KEY(import_run_id) REFERENCES gis.import_run (id)
);
CREATE INDEX ix_division_name ON gis.division (name);
comment on table gis.division is '行政区划代码: 2, 4, 6, 9 or 12 digits, province to community; a code begins with the one above it.';

grant select, insert, update, delete on gis.division to citycommand_app;
