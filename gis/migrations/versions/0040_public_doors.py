"""What the public sends and sees: services, keys, submissions."""

from gis.migrations import run_file

revision = "0040"
down_revision = "0041c"


def upgrade() -> None:
    """Add the tables."""
    run_file("0040_public_doors")
