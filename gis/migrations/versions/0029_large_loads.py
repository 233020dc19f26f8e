"""A large load into an empty register makes its indexes at the end."""

from gis.migrations import run_file

revision = "0029"
down_revision = "0031"


def upgrade() -> None:
    """Add a table of the owner's and two functions."""
    run_file("0029_large_loads")
