"""What of an imported hydraulic model is no asset, kept for the way back."""

from gis.migrations import run_file

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add one table."""
    run_file("0014_network_models")
