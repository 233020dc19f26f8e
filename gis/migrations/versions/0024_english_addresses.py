"""The address of a case in English beside the one that was said."""

from gis.migrations import run_file

revision = "0024"
down_revision = "0021"


def upgrade() -> None:
    """Add a column."""
    run_file("0024_english_addresses")
