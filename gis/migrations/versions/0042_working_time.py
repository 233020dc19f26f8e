"""Editions of the working calendar, seasons of working hours, provisional clocks, the ladder of escalation."""

from gis.migrations import run_file

revision = "0042"
down_revision = "0040"


def upgrade() -> None:
    """Keep the days there are as the first edition."""
    run_file("0042_working_time")
