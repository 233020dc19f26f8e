"""What one asks of the map: what is here, what is nearest, what lies within, along, around; how many and how long (S7).

Each question is one SQL file; questions.py asks them, shapes.py checks what people draw. Distances are metres on the spheroid.
"""
