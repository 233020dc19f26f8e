"""What changed last is found at once."""

from gis.migrations import run_file

revision = "0043"
down_revision = "0044"


def upgrade() -> None:
    """Put another index in the place of the one on blocks."""
    run_file("0043_latest_changes")
