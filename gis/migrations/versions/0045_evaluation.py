"""Facts of cases kept for the evaluation, and formulas as data."""

from gis.migrations import run_file

revision = "0045"
down_revision = "0043"


def upgrade() -> None:
    """Add case_fact, figure_change with its trigger, the view seen_fact, formula; every case is to be computed once."""
    run_file("0045_evaluation")
