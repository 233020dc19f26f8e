"""What the other hotline is told, version 1 of the contract (docs/guide/exchange-12345.md). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VERSION = "1"

COLUMNS = (
    "version", "id", "ticket", "kind", "occurred_at", "case", "state", "state_name", "unit", "due_at", "limit_at",
    "text", "solved", "satisfied", "reached", "reopened",
)  # fmt: skip
"""Columns of the CSV form, in this order; JSON leaves out what is empty."""

_REFUSING = ("refused", "void")


def kind_of_move(source: str, target: str) -> str | None:
    """Which message a move makes: none where the case stays where it is."""
    if source == target:
        return None
    if target in _REFUSING:
        return "refused"
    return "closed" if target in ("closed", "transferred") else "progress"


def body(case: Mapping[str, Any], limit_at: object, **more: object) -> dict[str, Any]:
    """The part of a message that tells where the case stands. `due_at` is our own limit, `limit_at` that of the ticket."""
    said = {
        "version": VERSION,
        "case": case["number"],
        "state": case["state"],
        "state_name": case["state_name"],
        "unit": case["unit"],
        "due_at": case["due_at"],
        "limit_at": limit_at,
        **more,
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def message(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored message as it is sent."""
    whole = {
        **row["body"],
        "id": row["id"],
        "ticket": row["ticket_number"],
        "kind": row["kind"],
        "occurred_at": row["occurred_at"].isoformat(),
    }
    return {name: whole[name] for name in COLUMNS if name in whole}
