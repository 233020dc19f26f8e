"""Unit grids in editions: since when each holds, and those that held before."""

from gis.migrations import run_file

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add two tables and the time of each unit grid."""
    run_file("0012_grids")
