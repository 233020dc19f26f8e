"""Networks derived from the register: versions of nodes, edges and valves, what changed since, and a work list of findings."""

from gis.migrations import run_file

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add six tables, a trigger on the register, and the three networks."""
    run_file("0011_networks")
