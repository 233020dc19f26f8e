"""A virtual clock that stands still at a moment until it is set again; answers of callers are counted."""

from gis.migrations import run_file

revision = "0048"
down_revision = "0050"


def upgrade() -> None:
    """Add the moment at which the virtual time stands still, and note cases whose callers were called back."""
    run_file("0048_replays_and_answers")
