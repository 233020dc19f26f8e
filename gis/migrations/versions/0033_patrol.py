"""Inspectors at work."""

from gis.migrations import run_file

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Add shifts, tracks, surveys and bulletins."""
    run_file("0033_patrol")
