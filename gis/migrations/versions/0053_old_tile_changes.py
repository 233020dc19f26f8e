"""Old tile changes are sought once a statement, whatever the planner believes."""

from gis.migrations import run_file

revision = "0053"
down_revision = "0047"


def upgrade() -> None:
    """Replace a trigger's function."""
    run_file("0053_old_tile_changes")
