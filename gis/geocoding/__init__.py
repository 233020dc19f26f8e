"""From an address to a point and back (S7, D3).

parsing.py (pure) reads an address as people say it, in Chinese or with road and number; numbers.py (pure) finds a house number
along its road; geocode.py looks both up; describe.py says where a point is in words; plane.py (pure) holds metres and directions.
"""
