"""What people call things: names in all their spellings, crossings, house numbers, and the triggers that mark changes."""

from gis.migrations import run_file

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add five tables and the triggers on assets and areas; mark the names that stand already."""
    run_file("0010_names")
