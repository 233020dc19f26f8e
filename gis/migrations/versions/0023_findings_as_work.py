"""Findings of networks are given to somebody; ends that touch and are not joined are findings of their own."""

from gis.migrations import run_file

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the column, tell the two sorts of ends apart, have all networks checked again."""
    run_file("0023_findings_as_work")
