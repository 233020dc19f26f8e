"""Foundation: areas, assets, organisation, event log, telemetry, the closed loop, sessions."""

from gis.migrations import run_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Build everything in an empty database."""
    run_file("0001_foundation")
