"""The catalogue of data sets, what was exported, and which data set a run refreshes."""

from gis.migrations import run_file

revision = "0014"
down_revision = "0007"


def upgrade() -> None:
    """Add three tables and a column."""
    run_file("0014_catalogue")
