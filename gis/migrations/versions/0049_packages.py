"""Evidence packages handed out."""

from gis.migrations import run_file

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    """Add evidence_package."""
    run_file("0049_packages")
