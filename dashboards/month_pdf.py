"""The monthly report as PDF: drawn from a template, with a curve of its days, Chinese fonts embedded (D6)."""

from __future__ import annotations

from typing import Any

from dashboards import paper
from dashboards.month_report import Sheet, written

WIDTH, HEIGHT = 1000.0, 200.0
CURVES = (("reported", "#1f5fa8", ""), ("closed", "#2b7a3d", "7 4"))


def draw(sheet: Sheet) -> bytes:
    """The PDF, unsigned. Raises ConfigurationError where the system's libraries for it are missing."""
    return paper.draw("month_report.html", "month_report.css", sheet.locale, **_facts(sheet))


def _facts(sheet: Sheet) -> dict[str, Any]:
    return {"sheet": sheet, "written": written, "curves": _curves(sheet.daily)}


def _curves(daily: list[dict[str, Any]]) -> dict[str, Any]:
    """Points of both curves in a box of WIDTH × HEIGHT, and what stands at its axes."""
    most = max((day[name] for day in daily for name, _, _ in CURVES), default=0) or 1
    step = WIDTH / max(1, len(daily) - 1)
    lines = [
        {
            "name": name,
            "colour": colour,
            "dashes": dashes,
            "points": " ".join(f"{n * step:.1f},{HEIGHT * (1 - day[name] / most):.1f}" for n, day in enumerate(daily)),
        }
        for name, colour, dashes in CURVES
    ]
    marks = [{"x": n * step, "text": day["date"][8:]} for n, day in enumerate(daily) if n % 5 == 0]
    return {"lines": lines, "most": most, "marks": marks, "width": WIDTH, "height": HEIGHT}
