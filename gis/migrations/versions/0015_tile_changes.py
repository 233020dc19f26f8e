"""What the map shows and what was edited since: a row for each changed place, written by the statement that changes it."""

from gis.migrations import run_file

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the table of changes and the triggers that fill it."""
    run_file("0015_tile_changes")
