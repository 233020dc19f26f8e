"""Connected systems that are read on a schedule."""

from gis.migrations import run_file

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add two tables."""
    run_file("0013_connectors")
