"""One change of many assets that can be undone as a whole."""

from gis.migrations import run_file

revision = "0021"
down_revision = "0019"


def upgrade() -> None:
    """Add a table and a column."""
    run_file("0021_change_sets")
