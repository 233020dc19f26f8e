"""The welfare layer: households and persons, programmes, applications, claims and grants, row-level security by area."""

from gis.migrations import run_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the schema `welfare`."""
    run_file("0006_welfare")
