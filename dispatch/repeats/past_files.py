"""Another system's past requests: which of those that it closed as duplicates would have been pointed out? Nothing is imported for that.

Requests are gone through in their order; each is compared with the ones still open then. What the other system calls a duplicate is
only what somebody there noticed: many of the others are repeats, too.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.classifying.words import compiled, without
from dispatch.importing import past_reports
from dispatch.importing.past_mapping import PastMapping
from dispatch.importing.past_reports import PastReport
from dispatch.repeats import scoring
from dispatch.repeats.scoring import Between, Policy

EARTH_M = 6_371_000
PLAIN_M, PLAIN_HOURS = 50, 24
"""The plain rule that the score is measured against: the same type within so many metres and hours."""


@dataclass(frozen=True)
class _Request:
    report: PastReport
    lon: float
    lat: float
    words: str
    called_duplicate: bool

    def metres_to(self, other: _Request) -> float:
        """On a sphere; good to 0.5 %."""
        x = math.radians(self.lon - other.lon) * math.cos(math.radians(self.lat))
        return math.hypot(x, math.radians(self.lat - other.lat)) * EARTH_M


def tried(paths: Sequence[Path], mapping: PastMapping, mark: str, now: datetime) -> dict[str, Any]:
    """Shares of requests for which an earlier one would have been shown, or called likely; and by the plain rule.

    `mark`: what the closing note of a duplicate says there. Raises what `past_reports.read` raises.
    """
    policy, notes = scoring.shipped(), compiled(mapping.notes)
    columns = [column for column in mapping.description if column != mapping.columns["type"]]
    found = [report for report in past_reports.read(paths, mapping, now).reports if report.quality == "exact"]
    found.sort(key=lambda report: (report.opened_at, report.ref))
    requests = [
        _Request(
            report,
            report.lon,
            report.lat,
            without(" ".join(report.raw.get(column) or "" for column in columns), notes),
            mark.lower() in report.closing_note.lower(),
        )
        for report in found
        if report.lon is not None and report.lat is not None
    ]
    best: dict[bool, list[tuple[float, bool]]] = {True: [], False: []}
    for request, earlier in _with_earlier(requests, policy):
        scores = [_between(request, other) for other in earlier]
        top = max((scoring.score(between, policy).total for between in scores), default=0.0)
        best[request.called_duplicate].append((top, any(map(_plain, scores))))
    return {name: _shares(best[called], policy) for name, called in (("called_duplicates", True), ("others", False))}


def _with_earlier(requests: list[_Request], policy: Policy) -> Iterator[tuple[_Request, list[_Request]]]:
    """Each request with those before it that were open and near, in space and time."""
    radius, window = policy.search["radius_m"], policy.search["window_hours"] * 3600
    size = math.degrees(radius / EARTH_M) * 2
    cells: dict[tuple[int, int], list[_Request]] = defaultdict(list)
    for request in requests:
        column, row = _cell(request, size)
        around = [each for x in (-1, 0, 1) for y in (-1, 0, 1) for each in cells[column + x, row + y]]
        at = request.report.opened_at
        yield (
            request,
            [
                each
                for each in around
                if not (each.report.closed_at and each.report.closed_at < at)
                and (at - each.report.opened_at).total_seconds() <= window
                and request.metres_to(each) <= radius
            ],
        )
        cells[column, row].append(request)


def _cell(request: _Request, size: float) -> tuple[int, int]:
    return int(request.lon / size), int(request.lat / size)


def _between(request: _Request, other: _Request) -> Between:
    return Between(
        metres=request.metres_to(other),
        hours=(request.report.opened_at - other.report.opened_at).total_seconds() / 3600,
        same_class=request.report.rule.name == other.report.rule.name,
        words=scoring.words_alike(request.words, other.words),
    )


def _plain(between: Between) -> bool:
    near, soon = (between.metres or 0) <= PLAIN_M, (between.hours or 0) <= PLAIN_HOURS
    return bool(between.same_class) and near and soon


def _shares(found: list[tuple[float, bool]], policy: Policy) -> dict[str, float]:
    number = len(found)
    return {
        "requests": number,
        "any_open_near": round(sum(top > 0 for top, _ in found) / max(number, 1), 3),
        "plain_rule": round(sum(plain for _, plain in found) / max(number, 1), 3),
        "shown": round(sum(top >= policy.levels["shown"] for top, _ in found) / max(number, 1), 3),
        "likely": round(sum(top >= policy.levels["likely"] for top, _ in found) / max(number, 1), 3),
    }
