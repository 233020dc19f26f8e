"""What the standard doors hand out: collections of the core as features, chosen by box, time and CQL2 filters, page by page.

`collections.py` is the one literal of collections, `filters.py` makes SQL of a CQL2 filter with bound parameters only,
`systems.py` knows the coordinate systems that a client may name, `items.py` asks the database. HTTP is api/routes/ogc.py.
"""
