"""What leaves the city's base in files: any selection of assets as GeoPackage, GeoJSON, Shapefile or CSV, and timetables as GTFS (C3)."""
