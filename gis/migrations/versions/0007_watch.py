"""Rules that need time, neighbours or silence: what holds since when, what is usual, alarms with members and a place."""

from gis.migrations import run_file

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add two tables, kinds and settings of rules, members and place of alarms."""
    run_file("0007_watch")
