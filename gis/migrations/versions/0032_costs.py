"""What handling cost."""

from gis.migrations import run_file

revision = "0032"
down_revision = "0029"


def upgrade() -> None:
    """Add contractors and costs."""
    run_file("0032_costs")
