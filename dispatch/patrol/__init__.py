"""Inspectors' work: shifts, attendance, tracks, coverage of their ground, special surveys, bulletins (D2, D6, D9)."""
