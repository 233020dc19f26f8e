"""What an entry of the log says, and whether a stored row still says the same. Pure.

An entry is text, one line a field, each "name value", in the order of `FIELDS`; its hash is the SHA-256 of its UTF-8 bytes. Times are UTC
to the microsecond, a position is longitude and latitude in WGS 84 degrees, a distance is in metres, "-" is nothing; the file's name is a
JSON string, so that a line break in it makes no line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FORM = "citycommand evidence 1"
FIRST = bytes(32)
"""What the first entry names as the hash before it."""

FIELDS = (
    "number",
    "previous",
    "evidence",
    "case",
    "stage",
    "sha256",
    "size",
    "type",
    "name",
    "receiver",
    "occurred",
    "recorded",
    "position",
    "distance",
    "trace",
)


def digest(entry: str) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(entry.encode()).digest()


def parse(entry: str) -> dict[str, str] | None:
    """The fields of an entry; None where it has not the form that this system writes."""
    lines = entry.split("\n")
    if len(lines) != len(FIELDS) + 2 or lines[0] != FORM or lines[-1]:
        return None
    pairs = [line.partition(" ") for line in lines[1:-1]]
    return {name: value for name, _, value in pairs} if tuple(name for name, _, _ in pairs) == FIELDS else None


def differing(fields: Mapping[str, str], row: Mapping[str, Any]) -> list[str]:
    """Names of the fields in which a row of evidence no longer says what its entry says.

    `row`: case_number, stage, sha256, size, media_type, file_name, account_id, occurred_at, recorded_at, lon, lat, distance_m, trace_id.
    """
    said = {
        "case": row["case_number"],
        "stage": row["stage"],
        "sha256": bytes(row["sha256"]).hex(),
        "size": str(row["size"]),
        "type": row["media_type"],
        "receiver": _or_nothing(row["account_id"]),
        "occurred": _stamp(row["occurred_at"]),
        "recorded": _stamp(row["recorded_at"]),
        "trace": row["trace_id"],
    }
    other = [name for name, value in said.items() if fields[name] != value]
    if _json(fields["name"]) != row["file_name"]:
        other.append("name")
    if _numbers(fields["position"]) != _present(row["lon"], row["lat"]):
        other.append("position")
    if _numbers(fields["distance"]) != _present(row["distance_m"]):
        other.append("distance")
    return sorted(other, key=FIELDS.index)


def _or_nothing(value: object) -> str:
    return "-" if value is None else str(value)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _numbers(text: str) -> tuple[float, ...] | None:
    """Numbers as they stand; a double that PostgreSQL wrote reads as the very same one."""
    if text == "-":
        return ()
    try:
        return tuple(map(float, text.split(" ")))
    except ValueError:
        return None


def _present(*values: float | None) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)
