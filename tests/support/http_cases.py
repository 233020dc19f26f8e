"""Reports and moves as browsers and phones of the small town send them."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from tests.support import smalltown
from tests.support.server import Person
from tests.support.smalltown import Town


def jpeg(colour: str = "grey") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(content, "JPEG")
    return content.getvalue()


def lamp_report(town: Town, **changes: Any) -> dict[str, Any]:
    lon, lat = town.lamp
    return {
        "source": "inspector",
        "description": "路灯不亮",
        "occurred_at": datetime.now(UTC).isoformat(),
        "position": {"lon": lon, "lat": lat, "system": "wgs84", "accuracy_m": 8},
        "class_code": smalltown.LAMP_CLASS,
    } | changes


def to_dispatched(people: dict[str, Person], case: dict[str, Any]) -> None:
    """Walk a new case to its unit."""
    here = {"lon": case["lon"], "lat": case["lat"]}
    for who, move, more in (
        ("intake", "accept", {}),
        ("intake", "send_verification", {}),
        ("inspector", "verify", {"position": here}),
        ("leader", "file", {}),
        ("dispatcher", "dispatch", {}),
    ):
        photos = [jpeg("blue")] if more else None
        assert people[who].move(case["id"], move, photos=photos, **more).status_code == 200, move
