"""Mappings made in the browser: what a handed-in layer holds, what its columns probably mean, where it lies, how it would read (C3).

Nothing here changes the register. What comes out is a mapping as config/mappings/ has them, for gis/importing to work by.
"""
