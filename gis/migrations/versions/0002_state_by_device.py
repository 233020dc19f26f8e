"""The latest state is kept for each device of an asset."""

from gis.migrations import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Widen the key of gis.asset_state."""
    run_file("0002_state_by_device")
