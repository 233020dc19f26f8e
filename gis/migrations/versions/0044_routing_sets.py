"""Routing rules in sets that a second person approves."""

from gis.migrations import run_file

revision = "0044"
down_revision = "0042"


def upgrade() -> None:
    """Add sets, changes, proposals' answers, studies, skills; what stands becomes the first set in force."""
    run_file("0044_routing_sets")
