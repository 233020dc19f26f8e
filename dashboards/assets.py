"""Static files of the pages: where they lie, which icons the sprite holds, which scripts a page will load."""

import posixpath
import re
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).with_name("static")
VENDOR = STATIC / "vendor"
ICON_DIRECTORY = VENDOR / "@tabler" / "icons" / "icons" / "outline"

ICONS = (
    "alert-triangle", "arrow-back-up", "arrow-left", "bell", "camera", "chart-bar", "check", "circle-check", "clipboard-check",
    "clock", "cloud-upload", "copy", "current-location", "database-import", "download", "file-text",
    "dots", "focus-2", "folder-open", "heart-handshake", "history", "info-circle", "keyboard", "list-check",
    "logout", "map-2", "map-pin", "microphone", "moon", "phone", "photo", "player-stop", "plus", "refresh", "route", "search", "send",
    "stack-2", "tool", "user", "users", "video", "wifi-off", "x",
)  # fmt: skip
"""Tabler's icons that pages show; a house test finds those that are missing or no longer used."""

SERVICE_ICONS = (
    "ambulance", "barrier-block", "bike", "bolt", "building-bridge", "building-store", "bulb", "bus-stop", "car", "circle-dotted", "dog",
    "droplet", "flame", "help-circle", "paw", "plant-2", "recycle", "ripple", "road", "road-sign", "snowflake", "spray", "toilet-paper",
    "traffic-cone", "traffic-lights", "trash", "tree", "volume", "walk", "wall", "wheelchair",
)  # fmt: skip
"""Tabler's icons that a service for the public may name (config/services)."""

_IMPORT = re.compile(r"""^import\s(?:[^"']*?\sfrom\s)?["']([^"']+)["'];""", re.MULTILINE)
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@lru_cache
def icon_sprite() -> str:
    """One SVG document with a <symbol> per icon: pages show an icon with <use href="/icons.svg#name">."""
    symbols = "".join(_symbol(name) for name in (*ICONS, *SERVICE_ICONS))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'


def icons_url() -> str:
    """Address of the sprite; it changes when the sprite does, so browsers may keep it for good."""
    return f"/icons.svg?v={sha256(icon_sprite().encode()).hexdigest()[:8]}"


@lru_cache
def modules_of(script: str) -> tuple[str, ...]:
    """Addresses of all ES modules that the page script (a name in static/js) loads, itself first, so that the
    browser fetches them at once instead of discovering them one after another."""
    found: dict[str, None] = {}
    _collect(f"/static/js/{script}", found)
    return tuple(found)


def _collect(address: str, found: dict[str, None]) -> None:
    if address in found:
        return
    found[address] = None
    if address.startswith("/static/vendor/"):
        return
    text = (STATIC / address.removeprefix("/static/")).read_text(encoding="utf-8")
    for target in _IMPORT.findall(text):
        _collect(posixpath.normpath(posixpath.join(posixpath.dirname(address), target)), found)


def _symbol(name: str) -> str:
    path = ICON_DIRECTORY / f"{name}.svg"
    if not path.exists():
        return ""  # the libraries are not there yet: pages work without pictures
    body = _BODY.search(path.read_text(encoding="utf-8"))
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body.group(1).strip() if body else ""}</symbol>'
