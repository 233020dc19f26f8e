"""Named statements of ingest, each in its own file (`gis.db.named_sql`)."""
