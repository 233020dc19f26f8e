"""Duty hours of units."""

from gis.migrations import run_file

revision = "0049c"
down_revision = "0049b"


def upgrade() -> None:
    """Add unit_duty."""
    run_file("0049c_unit_duty")
