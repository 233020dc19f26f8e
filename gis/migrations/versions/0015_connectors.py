"""Connected systems that are read on a schedule."""

from gis.migrations import run_file

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    """Add two tables."""
    run_file("0015_connectors")
