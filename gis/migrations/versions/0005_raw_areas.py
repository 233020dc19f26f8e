"""Areas keep what came in, with its coordinate system."""

from gis.migrations import run_file

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add gis.area.raw_position."""
    run_file("0005_raw_areas")
