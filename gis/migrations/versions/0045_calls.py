"""The hotline's calls, tickets exchanged with 12345, calling back."""

from gis.migrations import run_file

revision = "0045"
down_revision = "0046"


def upgrade() -> None:
    """Add calls, the knowledge base, tickets and their messages, call-backs."""
    run_file("0045_calls")
