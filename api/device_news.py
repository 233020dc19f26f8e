"""What is news about a device to an open screen: not every reading, only what looks different on the map. Pure.

35,000 lamps report every five minutes that nothing has changed. A screen has loaded all devices at its start, so it is told
of a lamp only when it goes on, off, dark, silent or into alarm. Whoever opens a lamp's card sees the values of that moment
when it last changed; vehicles and meters are told with every reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

QUIET_KINDS = ("street_lamp",)
"""Kinds whose readings are no news as long as they look the same."""

DARK_BELOW_W = 2.0
"""As the rule lamp_dark of config/profiles.toml; here only a matter of colour."""


class DeviceNews:
    """Remembers how each quiet device looked when the screens were last told."""

    def __init__(self) -> None:
        self._looks: dict[int, tuple[Any, ...]] = {}

    def forget(self) -> None:
        """Nobody looks any more."""
        self._looks.clear()

    def of(self, asked: Collection[int], features: Iterable[dict[str, Any]]) -> dict[str, Any]:
        """The message for screens: {features, gone (asset ids that are no longer on the map)}; empty without news."""
        found = {feature["id"]: feature for feature in features}
        changed = [feature for feature in found.values() if self._is_news(feature)]
        gone = sorted(set(asked) - found.keys())
        return {"features": changed, "gone": gone} if changed or gone else {}

    def _is_news(self, feature: dict[str, Any]) -> bool:
        properties = feature["properties"]
        if properties["kind"] not in QUIET_KINDS:
            return True
        look = look_of(properties)
        before = self._looks.get(feature["id"])
        self._looks[feature["id"]] = look
        return look != before


def look_of(properties: dict[str, Any]) -> tuple[Any, ...]:
    """What a screen can see of a lamp: its status, its alarm, whether it is on, and whether there is light in it."""
    values = properties["values"]
    on = values.get("powerState", 0) > 0.5
    return properties["status"], properties.get("alarm"), on, on and values.get("powerConsumption", 0) < DARK_BELOW_W
