"""The catalogue of data sets, and what was exported."""

from gis.migrations import run_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add three tables."""
    run_file("0009_catalogue")
