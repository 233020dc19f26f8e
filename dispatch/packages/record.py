"""What the record of a handed-out case says, from the case as its reader sees it in both languages. Pure.

Left out are callers, their calls and tickets, positions of people who reported, costs, and what the centre considered. Times are ISO
8601 in UTC, positions longitude and latitude in WGS 84 degrees, distances metres.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dispatch.packages.gathering import Exhibit, Gathered

FORM = "citycommand evidence package 1"

Case = Mapping[str, Any]
"""What dispatch.detail.detail answers."""


@dataclass(frozen=True)
class About:
    """The handing-out itself: its number, when, by whom, to whom, why, and which city and instance."""

    number: str
    made_at: datetime
    by: str
    post: str
    recipient: str
    reason: str
    city: str
    instance: str


def of(
    about: About, chinese: Case, english: Case, condition: Mapping[str, str] | None, gathered: Gathered
) -> dict[str, Any]:
    """The record as JSON keeps it; `condition`: text and closing standard of the filing condition in both languages."""
    return {
        "format": FORM,
        "package": vars(about) | {"made_at": utc(about.made_at)},
        "case": _case(chinese, english) | {"condition": dict(condition) if condition else None},
        "reports": [_report(one) for one in chinese["reports"]],
        "history": _history(chinese["history"], english["history"]),
        "evidence": [_exhibit(one) for one in gathered.exhibits],
        "left_out": [{"why": why, "files": files} for why, files in gathered.left_out.items()],
        "cameras": [_camera(one) for one in gathered.cameras],
        "log": {"last_entry": gathered.head[0], "hash": gathered.head[1].hex()},
    }


def utc(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC to the microsecond."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _case(chinese: Case, english: Case) -> dict[str, Any]:
    plain = ("number", "title", "class_code", "state", "source", "priority", "description", "lon", "lat", "grid_code")
    named = {
        "class": "class_name", "state": "state_name", "address": "address",
        "subdistrict": "subdistrict", "community": "community", "handler": "handler",
    }  # fmt: skip
    said = {name: chinese[name] for name in plain}
    said |= {f"{name}_name": both(chinese[key], english[key]) for name, key in named.items()}
    for name in ("unit", "asset"):
        thing = chinese[name]
        said[f"{name}_name"] = both(thing["name"], english[name]["name"]) if thing else None
    said["asset_code"] = chinese["asset"]["code"] if chinese["asset"] else None
    return said | {name: utc(chinese[name]) for name in ("occurred_at", "recorded_at", "closed_at", "due_at")}


def _report(report: Case) -> dict[str, Any]:
    return {
        "source": report["source"],
        "description": report["description"],
        "address": report["address"],
        "occurred_at": utc(report["occurred_at"]),
        "recorded_at": utc(report["recorded_at"]),
        "merged_case": report["merged_case"],
    }


def _history(chinese: Sequence[Case], english: Sequence[Case]) -> list[dict[str, Any]]:
    return [
        {
            "number": one["seq"],
            "move": one["move"],
            "move_name": both(one["move_name"], other["move_name"]),
            "state": one["to_state"],
            "state_name": both(one["to_state_name"], other["to_state_name"]),
            "by": one["actor"],
            "post": one["post"],
            "note": one["note"],
            "distance_m": one["distance_m"],
            "occurred_at": utc(one["occurred_at"]),
            "recorded_at": utc(one["recorded_at"]),
        }
        for one, other in zip(chinese, english, strict=True)
    ]


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    row = exhibit.row
    return {
        "file": exhibit.name,
        "sha256": bytes(row["sha256"]).hex(),
        "size": row["size"],
        "type": row["media_type"],
        "name_as_sent": row["file_name"],
        "case": row["case_number"],
        "stage": row["stage"],
        "evidence": row["id"],
        "receiver": row["account_id"],
        "receiver_name": row["receiver"],
        "occurred_at": utc(row["occurred_at"]),
        "recorded_at": utc(row["recorded_at"]),
        "lon": row["lon"],
        "lat": row["lat"],
        "distance_m": row["distance_m"],
        "taken_by_its_own_clock": row["taken_text"],
        "log_entry": row["number"],
        "log_hash": bytes(row["hash"]).hex(),
    }


def _camera(camera: Case) -> dict[str, Any]:
    shown = {name: camera[name] for name in ("code", "lon", "lat", "published", "attributes")}
    return shown | {"name": both(camera["name"], camera["name_en"])}


def both(chinese: str | None, english: str | None) -> str | None:
    """A name in both languages, Chinese first; once where they are the same."""
    if not chinese or not english or chinese == english:
        return chinese or english or None
    return f"{chinese} {english}"
