"""What people call things: names in all their spellings, crossings of roads, house numbers; found in spite of a slip (S7).

Everything here is derived: of gis.asset and gis.area. Triggers mark the names that a statement touched (gis.name_change), and
whoever searches first makes up for them (catch_up.py), so that an edit is found at once by every process.

folding.py (pure) makes writings comparable, spellings.py (pure) makes the keys by which a name with one slip is still found,
ranking.py (pure) orders what was found and says why, catch_up.py keeps the derived tables, candidates.sql asks them.
"""
