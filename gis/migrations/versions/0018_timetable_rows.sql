-- What a feed says beside the timetable's own tables, row by row, so that it can be written out again.
CREATE TABLE gis.transit_shape (
    feed_id BIGINT NOT NULL,
    shape_id TEXT NOT NULL,
    points JSONB NOT NULL,
    CONSTRAINT pk_transit_shape PRIMARY KEY (feed_id, shape_id),
    CONSTRAINT fk_transit_shape_feed_id FOREIGN KEY(feed_id) REFERENCES gis.transit_feed (id)
);
comment on table gis.transit_shape is 'Points of a line as the feed wrote them, row by row: patterns are drawn from them, exports give them back.';

CREATE TABLE gis.transit_row (
    feed_id BIGINT NOT NULL,
    file TEXT NOT NULL,
    line INTEGER NOT NULL,
    values JSONB NOT NULL,
    CONSTRAINT pk_transit_row PRIMARY KEY (feed_id, file, line),
    CONSTRAINT fk_transit_row_feed_id FOREIGN KEY(feed_id) REFERENCES gis.transit_feed (id)
);
comment on table gis.transit_row is 'Rows of a feed without a table of their own (stops whole, fares, transfers, …), so that it can be written out again.';

grant select, insert, update, delete on gis.transit_shape, gis.transit_row to citycommand_app;
