"""How urgent a report is, by who makes it; emergencies first on lists."""

from gis.migrations import run_file

revision = "0049b"
down_revision = "0049"


def upgrade() -> None:
    """Add report.urgency, cases.emergency_claimed with the index of lists, the move that declines."""
    run_file("0049b_urgency")
