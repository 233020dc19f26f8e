"""What was suggested for a report, and what people chose."""

from gis.migrations import run_file

revision = "0041b"
down_revision = "0041"


def upgrade() -> None:
    """Add a table."""
    run_file("0041b_suggestions")
