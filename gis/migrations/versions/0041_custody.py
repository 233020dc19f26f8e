"""Custody of evidence: an append-only log, each entry with the hash of the one before; what is stored already enters it."""

from gis.migrations import run_file

revision = "0041"
down_revision = "0034"


def upgrade() -> None:
    """Add a table, a function that alone writes it, a trigger; enter what there is."""
    run_file("0041_custody")
