"""The record of an evidence package on paper: both languages beside each other, small pictures of the photos (D10)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from config.i18n import _, gettext
from config.permissions import POSTS
from dashboards import paper
from dispatch.packages.record import both

SOURCES = {
    "inspector": _("inspector"),
    "hotline": _("hotline"),
    "citizen": _("citizen"),
    "sensor": _("device alarm"),
    "camera": _("camera"),
    "other": _("other system"),
}


def draw(record: Mapping[str, Any], thumbnails: Mapping[str, Path], zone: ZoneInfo) -> bytes:
    """The PDF, unsigned. `thumbnails`: small JPEG by name of the file in the package; times are told in the city's `zone`."""
    return paper.draw(
        "evidence_record.html",
        "evidence_record.css",
        "zh",
        _=_in_both,
        record=record,
        pictures={name: _embedded(path) for name, path in thumbnails.items()},
        moment=_moment(zone),
        source=lambda name: _in_both(SOURCES.get(name) or str(name)),
        post=lambda name: both(*POSTS[name]) if name in POSTS else name or "–",
    )


def _in_both(message: str, **values: object) -> str:
    """The message in Chinese, then in English."""
    said = both(gettext("zh")(message), message) or ""
    return said.format(**values) if values else said


def _embedded(path: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode()


def _moment(zone: ZoneInfo) -> Callable[[str | None], str]:
    def told(text: str | None) -> str:
        return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M:%S}" if text else "–"

    return told
