"""Imports in steps: the difference of a previewed run, history of areas, mappings made in the browser."""

from gis.migrations import run_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add three tables, the states and columns of runs that are previewed, undone or replayed, an index of history by run."""
    run_file("0008_imports_in_steps")
