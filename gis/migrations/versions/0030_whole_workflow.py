"""The whole state machine of a case."""

from gis.migrations import run_file

revision = "0030"
down_revision = "0026"


def upgrade() -> None:
    """Add states, moves, requests and assisting units."""
    run_file("0030_whole_workflow")
