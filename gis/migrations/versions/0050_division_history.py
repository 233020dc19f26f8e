"""The list of administrative divisions keeps its history, so that an import of it can be looked at before and undone."""

from gis.migrations import run_file

revision = "0050"
down_revision = "0051"


def upgrade() -> None:
    """Add gis.division_history."""
    run_file("0050_division_history")
