"""What happens to a replayed request next: whose step it is in each state, how long it takes, how it ends. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np

from data.replay.capacity import MINUTES
from dispatch.deadlines import CONTINUOUS_HOURS
from dispatch.importing.past_reports import PastReport

STEP: dict[str, tuple[str, str]] = {
    "reported": ("intake_operator", "accept"),
    "accepted": ("shift_leader", "file"),
    "verifying": ("inspector", "verify"),
    "not_found": ("intake_operator", "refuse"),
    "verified": ("shift_leader", "file"),
    "filed": ("dispatcher", "dispatch"),
    "dispatched": ("unit_desk", "accept_order"),
    "handling": ("handler", "feed_back"),
    "handled": ("intake_operator", "send_check"),
    "checking": ("inspector", "check"),
    "checked": ("shift_leader", "close"),
    "failed": ("dispatcher", "rework"),
}
"""State → whose turn it is, and the move that they make."""

NOT_FOUND, NOT_MENDED = 0.03, 0.05
"""Shares of requests that an inspector does not find, and of work that is sent back once."""
SPREAD = 0.35
"""Of the logarithm of how long work takes."""


@dataclass
class Life:
    """One request on its way. Its chances are its own: they hang on the seed and its reference, not on what else happens."""

    report: PastReport
    rng: np.random.Generator
    hours: float
    case_id: int = 0
    unit_id: int | None = None
    due_at: datetime | None = None
    inspector_id: int | None = None
    reworked: bool = False
    variant: int = field(init=False)
    found: bool = field(init=False)
    mended: bool = field(init=False)

    def __post_init__(self) -> None:
        self.variant = int(self.rng.integers(3))
        self.found = bool(self.rng.random() >= NOT_FOUND)
        self.mended = bool(self.rng.random() >= NOT_MENDED)

    @property
    def urgent(self) -> bool:
        """Whether its limit runs around the clock, so that crews are called for it at night as well."""
        limit = self.report.rule.limit
        return limit.kind.startswith("urgent") and limit.amount * CONTINUOUS_HOURS[limit.kind] <= 24

    def move(self, state: str) -> str:
        """The move that is made in this state."""
        usual = STEP[state][1]
        if usual == "verify" and not self.found:
            return "deny"
        return "fail_check" if usual == "check" and not (self.mended or self.reworked) else usual

    def hours_for(self, move: str) -> float:
        """How long it takes whoever makes this move."""
        if move == "feed_back":
            return self.hours * float(self.rng.lognormal(-(SPREAD**2) / 2, SPREAD))
        usual = {"deny": "verify", "fail_check": "check"}.get(move, move)
        return float(self.rng.uniform(*MINUTES[usual])) / 60


class Turn(NamedTuple):
    """A case that waits for somebody's move."""

    case: Life
    move: str


def life(report: PastReport, seed: int, hours: float) -> Life:
    """The life of a request before it is handed in."""
    return Life(report, np.random.default_rng([seed, zlib.crc32(report.ref.encode())]), hours)
