"""One change of many assets that can be undone as a whole; the English address of a case."""

from gis.migrations import run_file

revision = "0021"
down_revision = "0019"


def upgrade() -> None:
    """Add a table and two columns."""
    run_file("0021_change_sets")
