"""Unit grids and responsibility grids, drawn as a surveyor would: along streets and banks, community by community.

Pure: `borders` (which lines count), `mesh` (faces between lines, who borders whom), `merging`
(small faces), `cutting` (large ones), `knitting` (every vertex known to both sides), `drawing` (all of that for a community),
`numbering`, `quality` (the report), `walks` (responsibility grids). With a database: `tables`, `sources`,
`editions`, `standing` (what holds now), `inspectors`.
"""
