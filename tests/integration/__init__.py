"""Parts against the real PostGIS and the real broker."""
