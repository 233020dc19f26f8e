"""Who may see a data set holds wherever assets are read."""

from gis.migrations import run_file

revision = "0022"
down_revision = "0024"


def upgrade() -> None:
    """Add two views, two functions and a trigger."""
    run_file("0022_seen_assets")
