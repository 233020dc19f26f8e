"""Timetables of public transport."""

from gis.migrations import run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables that `import gtfs` fills."""
    run_file("0004_timetables")
