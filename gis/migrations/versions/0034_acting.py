"""Who acts, in one place."""

from gis.migrations import run_file

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Add the view."""
    run_file("0034_acting")
