"""What a feed says beside the timetable's own tables, so that it can be written out again."""

from gis.migrations import run_file

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Add two tables."""
    run_file("0018_timetable_rows")
