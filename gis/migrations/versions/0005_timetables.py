"""Timetables of public transport."""

from gis.migrations import run_file

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables that `import gtfs` fills."""
    run_file("0005_timetables")
