"""The statement that computes facts from history (facts.sql), for whichever cases are chosen; kept ones and those of a past date alike."""

from __future__ import annotations

from importlib.resources import files

from dispatch.evaluation import named_counts
from dispatch.workflow import FINAL

CONTENT = 4
"""From this grade of one to five on, who is called back is satisfied."""

CURRENT = "infinity"
"""The value of :known where everything that is recorded counts."""

_HISTORY = (
    files("dispatch.evaluation")
    .joinpath("facts.sql")
    .read_text(encoding="utf-8")
    .replace("{final}", ", ".join(f"'{state}'" for state in sorted(FINAL)))
    .replace("{content}", str(CONTENT))
)

_COMPUTED = {
    "hours_to_close": "case when closed then cast(extract(epoch from closed_at - occurred_at) / 3600 as double precision) end",
    "marks": named_counts.marks_sql(),
    "unit_marks": named_counts.marks_sql(named_counts.OWN_UNIT),
}

COLUMNS = (
    "id", "version", "occurred_at", "closed_at", "state", "area_code", "grid_code", "class_code", "source", "unit_id", "centre_id",
    "reporter_id", "verifier_id", "checker_id", "accepter_id", "verification_sender_id", "check_sender_id", "filer_id", "closer_id",
    "dispatcher_id", "handled_by_id", "missed_by_id", "hours_to_close", "marks", "unit_marks", "other_units", "holds_from", "holds_until",
)  # fmt: skip
"""Columns of dispatch.case_fact, in its order."""


def computed(chosen: str) -> str:
    """SQL for the facts of the cases (rows of dispatch.cases) that the query `chosen` gives, at :now, as known at :known."""
    shown = ", ".join(f"{_COMPUTED[name]} as {name}" if name in _COMPUTED else name for name in COLUMNS)
    return f"with chosen as ({chosen}) {_HISTORY} select {shown} from facts"
