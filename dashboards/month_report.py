"""The monthly report as tables: what stands in each column, in the reader's language (D6). PDF and Excel print the same tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.i18n import _, gettext
from config.permissions import POSTS
from dispatch.evaluation import count_names
from dispatch.evaluation.choices import BY
from dispatch.evaluation.formulas import Indicator, Score
from dispatch.evaluation.monthly import MonthReport

Cell = str | float | int | None

COUNTED = ("reported", "filed", "to_handle", "handled", "closed", "late", "overdue")
RATED = ("in_time_handling_rate", "closing_rate", "in_time_closing_rate", "rework_rate")
CARDS = ("reported", "filed", "handled", "closed", "late", "reopened", "pressed", "overdue")


@dataclass(frozen=True)
class Column:
    """A heading, and how its numbers are written: text, count, share, points or change."""

    name: str
    kind: str = "count"


@dataclass(frozen=True)
class Table:
    """One table of the report; empty cells are None, and `note` says what they mean."""

    title: str
    columns: list[Column]
    rows: list[list[Cell]]
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """The whole report."""

    title: str
    city: str
    month: str
    made: str
    locale: str
    cards: list[tuple[str, Cell, Cell]]
    tables: list[Table]
    daily: list[dict[str, Any]]
    notes: list[str] = field(default_factory=list)


def sheet(report: MonthReport, city: str, month: str, made_at: datetime, locale: str) -> Sheet:
    """What the report of `month` (YYYY-MM) says, made at `made_at`."""
    say = gettext(locale)
    zone = ZoneInfo(report.query.zone)
    tables = [_rates(report, locale)]
    tables += [_of(report, by, locale) for by, rows in report.tables.items() if any(row["key"] for row in rows)]
    return Sheet(
        title=say(_("Monthly evaluation of city management")),
        city=city,
        month=_month(month, locale),
        made=say(_("Figures as known at {time}")).format(time=f"{made_at.astimezone(zone):%Y-%m-%d %H:%M}"),
        locale=locale,
        cards=_cards(report, locale),
        tables=tables,
        daily=[day for day in report.daily if day["date"] <= f"{made_at.astimezone(zone):%Y-%m-%d}"],
        notes=_notes(report, locale),
    )


def written(value: Cell, kind: str) -> str:
    """A cell as a reader sees it."""
    if value is None:
        return "–"
    if kind == "share":
        return f"{float(value) * 100:.1f} %"
    if kind == "points":
        return f"{float(value):.1f}"
    if kind == "change":
        return f"{float(value) * 100:+.1f} %"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _cards(report: MonthReport, locale: str) -> list[tuple[str, Cell, Cell]]:
    names = count_names.names(locale)
    total = report.total
    return [(names[name], total.get(name, 0), _change(total, name)) for name in CARDS]


def _rates(report: MonthReport, locale: str) -> Table:
    """Every indicator: this month, the month before, the same month last year."""
    say = gettext(locale)
    before = (report.total.get("earlier") or {}).get("rates", {})
    year = report.year[0]["rates"] if report.year else {}
    now = report.total.get("rates", {})
    rows: list[list[Cell]] = [
        [
            each.name(locale),
            now.get(each.code),
            before.get(each.code),
            year.get(each.code),
            _standing(each, report, locale),
        ]
        for each in report.formulas.indicators
    ]
    columns = [
        Column(say(_("Indicator")), "text"), Column(say(_("this month")), "share"), Column(say(_("month before")), "share"),
        Column(say(_("same month last year")), "share"), Column(say(_("Formula")), "text"),
    ]  # fmt: skip
    return Table(
        say(_("Indicators")), columns, rows, say(_("–: there was nothing to count, or it is not yet measurable."))
    )


def _standing(indicator: Indicator, report: MonthReport, locale: str) -> str:
    say = gettext(locale)
    awaited = sorted({say(report.unknown[name]) for name in indicator.formula.names & report.unknown.keys()})
    if awaited:
        return say(_("not yet measurable: needs {what}")).format(what=", ".join(awaited))
    return _in_words(indicator.formula.written, locale)


def _of(report: MonthReport, by: str, locale: str) -> Table:
    """One dimension: its counts, rates and score. People are shown by what they are scored for."""
    say = gettext(locale)
    score = report.formulas.scores.get(by)
    title = POSTS[by][locale == "en"] if by in POSTS else say(BY[by])
    rows = [row for row in report.tables[by] if row["key"] is not None or by not in POSTS]
    rows.sort(key=lambda row: -((row["score"] or {}).get("points") or -1) if score else 0)
    counted = _volume(score) if by in POSTS else COUNTED
    names = count_names.names(locale)
    columns = [Column(title, "text"), *(Column(names[name]) for name in counted)]
    cells: list[Callable[[Mapping[str, Any]], list[Cell]]] = [
        lambda row: [row["name"], *(row[name] for name in counted)]
    ]
    if by not in POSTS:
        known = {each.code: each for each in report.formulas.indicators}
        rates = [code for code in RATED if code in known]
        columns += [Column(known[code].name(locale), "share") for code in rates]
        columns.append(Column(say(_("reported, against the month before")), "change"))
        cells.append(lambda row: [*(row["rates"][code] for code in rates), _change(row, "reported")])
    if score:
        columns += (
            [Column(f"{part.name(locale)} {part.weight:g}", "points") for part in score.parts] if by in POSTS else []
        )
        columns += [Column(say(_("Score")), "points"), Column(say(_("Grade")), "text")]
        cells.append(lambda row: _scored(row, with_parts=by in POSTS))
    return Table(
        title,
        columns,
        [[cell for make in cells for cell in make(row)] for row in rows],
        _left_out(score, report, locale),
    )


def _scored(row: Mapping[str, Any], *, with_parts: bool) -> list[Cell]:
    scored = row["score"]
    if scored is None:
        return [None] * 2
    return [*(scored["parts"] if with_parts else ()), scored["points"], scored["grade"]]


def _volume(score: Score | None) -> list[str]:
    """The counts that a score is made of, in the order of a case's way."""
    used = set().union(*(part.formula.names for part in score.parts)) if score else {"reported"}
    return [name for name in count_names.NAMES if name in used]


def _left_out(score: Score | None, report: MonthReport, locale: str) -> str:
    """Which parts of a score nothing can tell yet."""
    say = gettext(locale)
    parts = [part.name(locale) for part in score.parts if part.formula.names & report.unknown.keys()] if score else []
    return (
        say(_("Not yet measurable, so left out of the score: {parts}.")).format(parts=", ".join(parts)) if parts else ""
    )


def _change(row: Mapping[str, Any], name: str) -> Cell:
    before = (row.get("earlier") or {}).get(name)
    now = row.get(name)
    return (now - before) / before if before and now is not None else None


def _notes(report: MonthReport, locale: str) -> list[str]:
    say = gettext(locale)
    found = [
        say(_("A case counts in the month in which it was reported. Cases whose appeal was allowed are in no rate."))
    ]
    versions = report.formulas.versions
    if versions:
        said = ", ".join(f"{code} (#{version})" for code, version in sorted(versions.items()))
        found.append(say(_("Formulas that the city has changed: {formulas}.")).format(formulas=said))
    return found


def _in_words(formula: str, locale: str) -> str:
    """A formula with the names of its counts."""
    names = count_names.names(locale)
    words = formula.replace("*", "×").replace(" - ", " − ").split(" ")
    return " ".join(_named(word, names) for word in words)


def _named(word: str, names: Mapping[str, str]) -> str:
    core = word.strip("()")
    return word.replace(core, names[core]) if core in names else word


def _month(month: str, locale: str) -> str:
    year, number = month.split("-")
    return f"{date(int(year), int(number), 1):%B %Y}" if locale == "en" else f"{year}年{int(number)}月"
