"""What of an imported hydraulic model is no asset, kept for the way back."""

from gis.migrations import run_file

revision = "0018"
down_revision = "0015"


def upgrade() -> None:
    """Add one table."""
    run_file("0018_network_models")
