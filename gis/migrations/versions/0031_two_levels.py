"""Centres on two levels, and who sees which case."""

from gis.migrations import run_file

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add levels, axes of posts, refusals and the view of what is seen."""
    run_file("0031_two_levels")
