"""The PostGIS core: one base of areas, assets, people who answer for them, and the log of what happened."""
