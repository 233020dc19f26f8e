"""What the map shows and what was edited since: a row for each changed place, written by the statement that changes it."""

from gis.migrations import run_file

revision = "0010"
down_revision = "0018"


def upgrade() -> None:
    """Add the table of changes and the triggers that fill it."""
    run_file("0010_tile_changes")
