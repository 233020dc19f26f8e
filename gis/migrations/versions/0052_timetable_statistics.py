"""Who loads a timetable says so to the planner, within the same transaction."""

from gis.migrations import run_file

revision = "0052"
down_revision = "0045"


def upgrade() -> None:
    """Add a function."""
    run_file("0052_timetable_statistics")
