"""Open311 GeoReport v2: pure translation between its documents and what dispatch/public knows (S5)."""
