"""The lives that invented cases may have: which moves follow each other, how long each takes, what people write (data/history.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import Row

DAYS = 14
OPEN_SHARE = 0.18
"""Share of cases that are still under way, spread over all states."""

TO_FILED = ("accept", "send_verification", "verify", "file")
HANDLED = ("dispatch", "accept_order", "feed_back", "send_check")
USUAL = (*TO_FILED, *HANDLED, "check", "close")
REWORK = (*TO_FILED, *HANDLED, "fail_check", "rework", *HANDLED[1:], "check", "close")
NOT_FOUND = ("accept", "send_verification", "deny", "refuse")
AT_WORK = (*TO_FILED, "dispatch", "accept_order")
LONGER = (*AT_WORK, "ask_extension", "grant_extension", *HANDLED[2:], "check", "close")
SUSPENDED = (*AT_WORK, "ask_suspension", "grant_suspension")
DISPUTED = (*TO_FILED, "dispatch", "dispute")
PRESSED = (*AT_WORK, "press")
ON_THE_SPOT = ("quick_handle", "close")
SEEN = ("accept", "file", *HANDLED, "check", "close")
PATHS: dict[tuple[str, ...], float] = {
    USUAL: 0.60,
    SEEN: 0.10,
    ON_THE_SPOT: 0.04,
    LONGER: 0.04,
    REWORK: 0.06,
    (*TO_FILED, "dispatch", "return_order", *HANDLED, "check", "close"): 0.04,
    NOT_FOUND: 0.06,
    ("accept", "refuse"): 0.04,
    (*TO_FILED, "void"): 0.02,
}
STANDING: tuple[tuple[tuple[str, ...], int], ...] = (
    *((USUAL, done) for done in range(len(USUAL))),
    *((life, len(life)) for life in (SUSPENDED, DISPUTED, PRESSED)),
    (NOT_FOUND, 3),
    (REWORK, 9),
    (LONGER, 7),
)
"""Lives cut off after so many moves: one for each state in which a case can be under way."""

MINUTES: dict[str, tuple[float, float]] = {
    "accept": (2, 16), "send_verification": (1, 6), "verify": (8, 33), "deny": (10, 30), "file": (2, 17),
    "dispatch": (2, 17), "accept_order": (5, 50), "return_order": (15, 80), "send_check": (2, 16), "check": (8, 33),
    "fail_check": (10, 28), "rework": (2, 14), "close": (2, 17), "refuse": (3, 12), "void": (10, 40),
    "ask_extension": (5, 20), "grant_extension": (3, 15), "ask_suspension": (5, 20), "grant_suspension": (3, 15),
    "dispute": (5, 30), "press": (30, 90), "quick_handle": (5, 20),
}  # fmt: skip
"""How long each move takes, shortest and longest; now and then longer than its limit allows."""

HOURS_OF = {"urgent_hour": 1.0, "urgent_workday": 24.0, "work_hour": 2.2, "work_day": 30.0, "natural_day": 24.0}
SOURCES, SOURCE_SHARES = ("inspector", "hotline", "citizen", "other"), (0.52, 0.28, 0.15, 0.05)
SHORTEST_TO_ASK = 6.0
"""Hours of a limit below which nobody has the time to ask for more."""
COMMON = {"C0137": 7, "C0104": 4, "C0305": 5, "C0102": 4, "C0215": 2, "M0110": 5, "M0112": 5, "M0113": 5, "M0405": 5,
          "M0410": 5, "M0201": 4, "M0401": 3, "M0506": 1, "C0213": 2}  # fmt: skip
NOTES = {
    "refuse": "不属于本市城管职责范围，已向反映人说明。",
    "deny": "到达现场查看，未发现所述问题。",
    "return_order": "经核对产权，不属于本单位管养，申请回退。",
    "fail_check": "现场仍有残留，未达到结案规范。",
    "rework": "请按结案规范重新处置。",
    "void": "与已立案件重复，予以作废。",
    "feed_back": "已到场处置完毕，请核查。",
    "verify": "情况属实。",
    "check": "处置到位，同意结案。",
    "ask_extension": "配件需从外地调运，申请延期。",
    "ask_suspension": "须待道路开挖许可，申请挂账。",
    "dispute": "设施不属本单位，附权属资料。",
    "press": "群众反映强烈，请限时办结。",
    "quick_handle": "现场清理完毕。",
}
ON_SITE = {"verify": False, "deny": True, "feed_back": True, "check": True, "fail_check": False, "quick_handle": True}
"""Moves made on the spot with a photo, and whether the photo shows it mended."""


def with_time(condition: Row[Any], moves: tuple[str, ...], usable: list[Row[Any]]) -> Row[Any]:
    """The condition, or where its limit leaves no time to ask for more the next one that does."""
    if not {"ask_extension", "ask_suspension"} & set(moves) or _hours(condition) >= SHORTEST_TO_ASK:
        return condition
    return next(one for one in usable if _hours(one) >= SHORTEST_TO_ASK)


def _hours(condition: Row[Any]) -> float:
    """About how many hours a limit lasts."""
    return float(condition.limit_amount * HOURS_OF[condition.limit_kind])


def duration(move: str, condition: Row[Any], rng: np.random.Generator) -> float:
    """Minutes a move takes; handling takes a share of its condition's limit, one in eight more than all of it."""
    if move == "feed_back":
        limit = _hours(condition) * 60
        share = rng.uniform(1.05, 1.7) if rng.random() < 0.12 else rng.uniform(0.12, 0.85)
        return float(min(limit * share, 5 * 24 * 60))
    low, high = MINUTES[move]
    return float(rng.uniform(low, high))


def idle(made: tuple[str, ...], condition: Row[Any], late: bool, rng: np.random.Generator) -> float:
    """Minutes since the last move of a case that is under way."""
    if made and made[-1] in ("dispatch", "accept_order"):
        limit = _hours(condition) * 60
        return float(min(limit * (rng.uniform(1.05, 1.4) if late else rng.uniform(0.1, 0.6)), 9 * 24 * 60))
    return float(rng.uniform(40, 240) if late else rng.uniform(1, 9))
