"""What routing may look at. Pure: everything arrives as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Facts:
    """One report as the rules see it. Codes of areas begin with the code of the area above them; None means not known.

    `ground`: ids of the rules whose zone or road section holds the point; `partly` is only for whole areas, which a zone may hold
    in part. `day` is ISO, `time` HH:MM, `weekday` 1 for Monday, all in the city's zone. `load`: open orders by unit, of units that a
    rule asks about. `on_shift`: whether units are on duty, of those that have stated their hours.
    """

    class_code: str | None
    area_code: str | None
    source: str | None
    asset_id: int | None = None
    asset_code: str | None = None
    asset_unit_id: int | None = None
    condition_unit_id: int | None = None
    condition_id: int | None = None
    priority: str | None = None
    asset_kind: str | None = None
    asset_owner: str | None = None
    ground: frozenset[int] = frozenset()
    partly: frozenset[int] = frozenset()
    day: str | None = None
    time: str | None = None
    weekday: int | None = None
    workday: bool | None = None
    weather: tuple[str, ...] | None = None
    load: Mapping[int, int] = field(default_factory=dict)
    on_shift: Mapping[int, bool] | None = None

    def kept(self) -> dict[str, Any]:
        """As a decision keeps them: what was known, in JSON's types."""
        found = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "partly"}
        found["ground"] = sorted(self.ground)
        found["on_shift"] = None if self.on_shift is None else {str(unit): yes for unit, yes in self.on_shift.items()}
        found["load"] = {str(unit): orders for unit, orders in self.load.items()}
        return {name: value for name, value in found.items() if name in _ALWAYS or value not in (None, [], {}, "")}


_ALWAYS = frozenset({"class_code", "area_code", "source"})
