"""Places of assets in one index for all and small ones by kind, in the stead of two that begin with a text."""

from gis.migrations import run_file

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Change indexes."""
    run_file("0019_places_by_kind")
