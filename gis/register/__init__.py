"""The asset register as people use it: typed details, versioned edits, the city as of a date, photos and inspections.

Start reading at `editing.py` (one change by one person), `asof.py` (what was when) and `details.py` (typed tables that the database
keeps itself). Kinds and their attributes are data: config/kinds.toml.
"""
