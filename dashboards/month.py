"""The monthly report made: figures counted, tables written, PDF drawn and signed, or a workbook (D6)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from config import i18n
from config.errors import InvalidInput
from config.i18n import _
from config.settings import Settings
from dashboards import month_pdf, month_report, month_workbook
from dashboards.city import city
from dashboards.month_report import Sheet
from dispatch.evaluation import counting, monthly

Format = Literal["pdf", "xlsx"]

MEDIA_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def make(db: Connection, settings: Settings, month: str, locale: str, kind: Format, now: datetime) -> bytes:
    """The report of `month` (YYYY-MM) of what the transaction's reader sees. Raises InvalidInput for a month that has not begun."""
    report = sheet(db, settings, month, locale, now)
    if kind == "xlsx":
        return month_workbook.draw(report)
    from dashboards import signing  # here: pyHanko takes a fifth of a second of every start

    signing.ensure(settings.report_signature, settings.instance, now)
    return signing.sign(month_pdf.draw(report), settings.report_signature, f"{report.title} {report.month}")


def sheet(db: Connection, settings: Settings, month: str, locale: str, now: datetime) -> Sheet:
    """What the report says."""
    query = monthly.period(month, settings.time_zone)
    if query.since > now:
        raise InvalidInput("The month {month} has not begun.", "Choose a past month.", month=month, field="month")
    counting.ready(db)
    with i18n.use(locale):
        figures = monthly.figures_of(db, query, locale)
        name = city(db, settings, now, locale).name or i18n.gettext(locale)(_("City Command"))
        return month_report.sheet(figures, name, month, now, locale)
