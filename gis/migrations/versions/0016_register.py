"""The asset register: typed tables kept by triggers, photos, inspections, more facts of each asset."""

from gis.migrations import run_file

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add them, and fill the typed tables from the assets that stand."""
    run_file("0016_register")
