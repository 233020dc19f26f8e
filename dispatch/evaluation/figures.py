"""Tables of figures as people read them: counts, rates and scores of each unit, area, class or person, beside an earlier period (D6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from config.errors import InvalidInput
from config.i18n import gettext
from dispatch.evaluation import counting, dimensions, formulas, scoring
from dispatch.evaluation.counting import TOTAL, Query
from dispatch.evaluation.expressions import Formula
from dispatch.evaluation.formulas import Formulas
from dispatch.evaluation.named_counts import COUNTS, OF_CALLBACKS, OF_SHIFTS

COMPARISONS = ("previous", "year")

Counted = dict[str, int | None]


@dataclass(frozen=True)
class Table:
    """Rows of each key that has cases, the most first; `total` is that of all cases, None where there is none."""

    rows: list[dict[str, Any]]
    total: dict[str, Any] | None


def tables(
    db: Connection, by: str, query: Query, locale: str, compare: str | None = None, *, hours: bool = True
) -> Table:
    """One row for each key of the dimension that has cases, with counts, rates, median hours to close and, where there is one, score.

    Rates are None where the denominator is 0, or where a count is not yet measurable. `compare` adds what the same key had in the
    period before, or a year earlier. Raises InvalidInput for an unknown dimension or comparison.
    """
    used = formulas_of(db, query)
    found, before = counting.counts_of_periods(db, by, query, earlier(query, compare) if compare else None)
    whole, whole_before = found.pop(TOTAL, None), before.pop(TOTAL, None)
    medians = counting.median_hours(db, by, query) if hours else {}
    names = dimensions.names(db, by, locale)
    most, most_before = scoring.most_of(found), scoring.most_of(before)

    def row(key: str | None, counts: Counted, was: Counted | None) -> dict[str, Any]:
        made: dict[str, Any] = {
            "key": key,
            "name": names.get(key, key),
            **counts,
            "rates": scoring.rates(used, counts, most),
        }
        made |= {"median_hours_to_close": medians.get(key), "score": _score(used, by, key, counts, most)}
        if compare:
            made["earlier"] = was and {**was, "rates": scoring.rates(used, was, most_before)}
        return made

    rows = [row(key, counts, before.get(key)) for key, counts in found.items()]
    total = None if whole is None else row(TOTAL, whole, whole_before) | {"key": "city", "score": None}
    if total is not None:
        total["name"] = dimensions.names(db, "city", locale)["city"]
    return Table(sorted(rows, key=lambda row: (-(row["reported"] or 0), str(row["key"] or "~"))), total)


def table(
    db: Connection, by: str, query: Query, locale: str, compare: str | None = None, *, hours: bool = True
) -> list[dict[str, Any]]:
    """The rows of `tables` alone."""
    return tables(db, by, query, locale, compare, hours=hours).rows


def formulas_of(db: Connection, query: Query) -> Formulas:
    """What is in force on the last day of the period; of a past date, as it had been entered then."""
    last = (query.until - timedelta(microseconds=1)).astimezone(ZoneInfo(query.zone)).date()
    return formulas.in_force(db, last, query.known)


def described(used: Formulas, unknown: Mapping[str, str], locale: str) -> list[dict[str, Any]]:
    """Indicators as a page shows them; `awaits` says what a figure waits for that is not yet measurable."""
    return [
        {
            "code": each.code,
            "name": each.name(locale),
            "formula": each.formula.written,
            "counts": sorted(each.formula.names),
            "better": each.better,
            "valid_from": each.valid_from,
            "version": each.version,
            "awaits": _awaited(each.formula, unknown, locale),
        }
        for each in used.indicators
    ]


def described_score(used: Formulas, by: str, unknown: Mapping[str, str], locale: str) -> dict[str, Any] | None:
    """The composite score of a dimension as a page shows it; None where there is none."""
    wanted = used.scores.get(by)
    if wanted is None:
        return None
    parts = [
        {
            "name": part.name(locale),
            "weight": part.weight,
            "formula": part.formula.written,
            "awaits": _awaited(part.formula, unknown, locale),
        }
        for part in wanted.parts
    ]
    return {"parts": parts, "grades": [*wanted.grades, (scoring.LOWEST_GRADE, 0)], "version": wanted.version}


def editable(db: Connection, used: Formulas) -> dict[str, Any]:
    """All formulas with both names as they are entered, and their changes; the counts that a formula may use."""
    indicators = [
        {
            "code": each.code,
            "definition": {"zh": each.zh, "en": each.en, "formula": each.formula.written, "better": each.better},
            "valid_from": each.valid_from,
            "past": formulas.past(db, "indicator", each.code) if each.version else [],
        }
        for each in used.indicators
    ]
    scores = [
        {
            "code": each.code,
            "definition": {
                "zh": each.zh,
                "en": each.en,
                "parts": [
                    {"weight": part.weight, "formula": part.formula.written, "zh": part.zh, "en": part.en}
                    for part in each.parts
                ],
                "grades": dict(each.grades),
            },
            "valid_from": each.valid_from,
            "past": formulas.past(db, "score", each.code) if each.version else [],
        }
        for each in used.scores.values()
    ]
    return {
        "indicators": indicators,
        "scores": scores,
        "counts": sorted(COUNTS),
        "awaited": sorted({**OF_CALLBACKS, **OF_SHIFTS}),
    }


def earlier(query: Query, compare: str) -> Query:
    """The query of the period before, of the same length, or of the same days a year earlier. Raises InvalidInput.

    A period of whole calendar months is compared with as many months before it.
    """
    zone = ZoneInfo(query.zone)
    since, until = query.since.astimezone(zone), query.until.astimezone(zone)
    months = (until.year - since.year) * 12 + until.month - since.month
    if compare == "year":
        moved = _months_before(since, 12), _months_before(until, 12)
    elif compare == "previous" and _begins_month(since) and _begins_month(until) and months:
        moved = _months_before(since, months), since
    elif compare == "previous":
        moved = since - (until - since), since
    else:
        raise InvalidInput(
            "There is no comparison '{name}'.", "Choose one of: {known}.", name=compare, known=", ".join(COMPARISONS)
        )
    return query.moved(*(moment.astimezone(UTC) for moment in moved))


def _awaited(formula: Formula, unknown: Mapping[str, str], locale: str) -> list[str]:
    say = gettext(locale)
    return sorted({say(unknown[name]) for name in formula.names & unknown.keys()})


def _score(used: Formulas, by: str, key: str | None, counts: dict[str, int | None], most: Any) -> dict[str, Any] | None:
    wanted = used.scores.get(by)
    if wanted is None or key is None:
        return None
    scored = scoring.score(wanted, counts, most)
    return {"points": scored.points, "grade": scored.grade, "parts": scored.parts, "weight": scored.weight}


def _begins_month(moment: datetime) -> bool:
    return (moment.day, moment.hour, moment.minute, moment.second, moment.microsecond) == (1, 0, 0, 0, 0)


def _months_before(moment: datetime, months: int) -> datetime:
    """The same local moment `months` earlier; the last day of the month where there is no such day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError(moment)
