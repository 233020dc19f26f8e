"""A case and all that was merged into it, as a function."""

from gis.migrations import run_file

revision = "0041c"
down_revision = "0041b"


def upgrade() -> None:
    """Add a function."""
    run_file("0041c_merged_with")
