"""Rates of the evaluation (D6): numerators and denominators from the database, formulas from one table.

By unit, a unit that let its handling limit pass before the case went to another one (returned, redispatched) counts as
having had to handle it, beside the unit that has it now; so the units' `to_handle` may add up to more than the cases'.
Not here yet: 漏报率 (missed) and 有效上报率 (valid reports) need the inspectors' shifts, which issue 5 brings.
"""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.i18n import _, gettext
from gis.db import named_sql

DIMENSIONS = ("unit", "community", "class", "source")

FIGURES: dict[str, str] = {
    "reported": "own",
    "to_verify": "verified or verification_late",
    "verified_in_time": "verified and not verification_late",
    "filed": "filed",
    "filed_in_time": "filed and not filing_late",
    "filed_accurately": "filed and not voided",
    "voided": "voided",
    "to_dispatch": "dispatched or dispatch_overdue",
    "dispatched": "dispatched",
    "dispatched_in_time": "dispatched and not dispatch_late",
    "dispatched_accurately": "(dispatched or dispatch_overdue) and not misdispatched",
    "misdispatched": "misdispatched",
    "to_handle": "handled or handling_late or handling_lapsed",
    "handled": "handled",
    "handled_in_time": "handled and not handling_late",
    "to_check": "checked or check_late",
    "checked_in_time": "checked and not check_late",
    "to_close": "closed or overdue",
    "to_close_by_due_time": "(closed or overdue) and promised",
    "closed": "closed",
    "closed_in_time": "closed and within_due",
    "to_conclude": "concluded or closing_late",
    "concluded_in_time": "concluded and not closing_late",
    "rework": "reworked and (closed or overdue)",
}
"""What counts: figure → condition over the facts of a case. The numbers and the lists behind them use the same one.

`conclude` is the centre's own closing step and its clock; `close` is the case against its due time.
"""

RATES: dict[str, tuple[str, str]] = {
    "handling_rate": ("handled", "to_handle"),
    "in_time_handling_rate": ("handled_in_time", "to_handle"),
    "closing_rate": ("closed", "to_close"),
    "in_time_closing_rate": ("closed_in_time", "to_close_by_due_time"),
    "in_time_verification_rate": ("verified_in_time", "to_verify"),
    "in_time_filing_rate": ("filed_in_time", "filed"),
    "accurate_filing_rate": ("filed_accurately", "filed"),
    "in_time_dispatch_rate": ("dispatched_in_time", "to_dispatch"),
    "accurate_dispatch_rate": ("dispatched_accurately", "to_dispatch"),
    "in_time_check_rate": ("checked_in_time", "to_check"),
    "in_time_conclusion_rate": ("concluded_in_time", "to_conclude"),
    "rework_rate": ("rework", "to_close"),
}
"""处置率, 按期处置率, 结案率, 按期结案率, 按时核实率, 按时立案率, 准确立案率, 按时派遣率, 准确派遣率, 按期核查率, the closing step in time,
返工率: numerator / denominator (reference-dispatch.md). Every numerator's cases are among its denominator's, so none exceeds 1.

`to_close_by_due_time` is 应结案 without imported cases that were never promised for a time: of those nobody can say.
"""

_FACTS = files("dispatch").joinpath("evaluation_facts.sql").read_text(encoding="utf-8")

_COUNTS = ", ".join(f"count(*) filter (where {condition}) as {figure}" for figure, condition in FIGURES.items())

_TABLE = text(f"""{_FACTS}
    select key, {_COUNTS},
           extract(epoch from percentile_cont(0.5) within group (order by closed_at - occurred_at) filter (where closed)) / 3600
               as median_hours_to_close
    from facts group by key order by reported desc, key
""")

LONGEST_LIST = 500

NAMES = {
    "unit": "select id::text as key, name, name_en from gis.unit",
    "community": "select code as key, name, name_en from gis.area",
    "class": "select code as key, name, name_en from dispatch.case_class",
}


def table(db: Connection, by: str, since: datetime, until: datetime, locale: str) -> list[dict[str, Any]]:
    """One row for each unit, community, class or source that had cases in [since, until), with counts and rates.

    Rates are between 0 and 1, None where the denominator is 0. Raises InvalidInput for an unknown dimension.
    """
    _known(by, DIMENSIONS, _("There is no dimension '{by}'."))
    names = _names(db, by, locale)
    rows = db.execute(_TABLE, {"by": by, "since": since, "until": until})
    unknown = gettext(locale)(_("Not assigned"))
    return [
        {**row._mapping, "name": names.get(row.key, row.key) or unknown, "rates": rates(row._mapping)} for row in rows
    ]


def case_ids(db: Connection, by: str, key: str | None, figure: str, since: datetime, until: datetime) -> list[int]:
    """The newest 500 cases that one number of `table` counts. Raises InvalidInput for an unknown dimension or figure."""
    _known(by, DIMENSIONS, _("There is no dimension '{by}'."))
    _known(figure, tuple(FIGURES), _("There is no figure '{by}'."))
    statement = text(
        f"{_FACTS} select id from facts where key is not distinct from :key and ({FIGURES[figure]})"
        " order by id desc limit :limit"
    )
    values = {"by": by, "key": key, "since": since, "until": until, "limit": LONGEST_LIST}
    return [int(row.id) for row in db.execute(statement, values)]


def _known(by: str, known: tuple[str, ...], message: str) -> None:
    if by not in known:
        raise InvalidInput(message, "Choose one of: {known}.", by=by, known=", ".join(known))


def rates(counts: Any) -> dict[str, float | None]:
    """All rates of one row of counts."""
    return {
        name: round(counts[top] / counts[bottom], 4) if counts[bottom] else None
        for name, (top, bottom) in RATES.items()
    }


def daily(db: Connection, since: datetime, until: datetime, zone: str) -> list[dict[str, Any]]:
    """Cases reported and closed on each day of the city's own calendar."""
    rows = db.execute(named_sql("dispatch", "daily"), {"since": since, "until": until, "zone": zone})
    return [dict(row._mapping) for row in rows]


def _names(db: Connection, by: str, locale: str) -> dict[str | None, str]:
    if by not in NAMES:
        return {}
    return {row.key: (locale == "en" and row.name_en) or row.name for row in db.execute(text(NAMES[by]))}
