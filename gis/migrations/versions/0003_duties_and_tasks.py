"""Voiding belongs to the supervising duty; open tasks can be given to somebody else; no impossible years in the history."""

from gis.migrations import run_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Renew the guard of duties, add two transitions and two checks."""
    run_file("0003_duties_and_tasks")
