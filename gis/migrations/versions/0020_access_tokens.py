"""Tokens for GIS programs of other makers."""

from gis.migrations import run_file

revision = "0020"
down_revision = "0008"


def upgrade() -> None:
    """Add the tokens."""
    run_file("0020_access_tokens")
