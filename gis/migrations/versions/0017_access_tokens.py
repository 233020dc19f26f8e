"""Tokens for GIS programs of other makers."""

from gis.migrations import run_file

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the tokens."""
    run_file("0017_access_tokens")
