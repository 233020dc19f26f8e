"""The official list of administrative divisions."""

from gis.migrations import run_file

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add a table."""
    run_file("0026_divisions")
