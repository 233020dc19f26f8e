"""Notices on their way to people: readings, channels, choices, templates, the outbox."""

from gis.migrations import run_file

revision = "0047"
down_revision = "0049c"


def upgrade() -> None:
    """Address notices to centres, drop read_at in favour of readings by person; add the tables of delivery."""
    run_file("0047_delivery")
