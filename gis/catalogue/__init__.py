"""The catalogue of data sets: what the base consists of, whose it is, how fresh and how good, and who may see it (C3)."""
