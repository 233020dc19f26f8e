"""Who loads many assets says so to the planner, within the same transaction."""

from gis.migrations import run_file

revision = "0025"
down_revision = "0023"


def upgrade() -> None:
    """Add a function."""
    run_file("0025_fresh_statistics")
