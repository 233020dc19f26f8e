-- What was suggested for a report, and what people chose.
CREATE TABLE dispatch.suggestion (
    report_id BIGINT NOT NULL,
    shown JSONB NOT NULL,
    class_code TEXT,
    condition_id BIGINT,
    rank SMALLINT,
    alone BOOLEAN DEFAULT false NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE DEFAULT gis.now() NOT NULL,
    CONSTRAINT pk_suggestion PRIMARY KEY (report_id),
    CONSTRAINT ck_suggestion_rank_positive CHECK (rank > 0),
    CONSTRAINT fk_suggestion_report_id FOREIGN KEY(report_id) REFERENCES dispatch.report (id)
);
comment on table dispatch.suggestion is '分类建议: classes shown for a report and the one chosen; rank: its place among them, null where another was chosen. alone: no person chose, the classifier did.';
grant select, insert on dispatch.suggestion to citycommand_app;
