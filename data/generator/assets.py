"""One thing standing in the city, as every part of the generator hands it over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

COMPONENT_CLASSES = {
    "valve": "C0101",
    "manhole": "C0102",
    "rainwater_grate": "C0104",
    "hydrant": "C0124",
    "lamp_cabinet": "C0136",
    "street_lamp": "C0137",
    "bus_stop": "C0204",
    "bridge": "C0209",
    "street_sign": "C0212",
    "traffic_signal": "C0213",
    "traffic_sign": "C0215",
    "litter_bin": "C0305",
    "green": "C0403",
}
"""Kinds that are visible components, with their class; mains, sewers and road surface have none."""

COMPONENT_NAMES = {
    "valve": ("阀门井", "Valve"),
    "manhole": ("污水井", "Manhole"),
    "rainwater_grate": ("雨水箅子", "Rainwater grate"),
    "hydrant": ("消火栓", "Hydrant"),
    "street_lamp": ("路灯", "Street lamp"),
    "traffic_signal": ("交通信号灯", "Traffic signal"),
    "traffic_sign": ("交通标志牌", "Traffic sign"),
    "litter_bin": ("垃圾箱", "Litter bin"),
}
"""What components without a name of their own are called, before their reference."""

UNIT_OF = {
    "road": "roads",
    "bridge": "roads",
    "street_sign": "roads",
    "traffic_sign": "traffic",
    "traffic_signal": "traffic",
    "street_lamp": "lighting",
    "lamp_cabinet": "lighting",
    "lamp_circuit": "lighting",
    "water_plant": "water",
    "water_main": "water",
    "valve": "water",
    "hydrant": "water",
    "flow_meter": "water",
    "sewer": "drainage",
    "manhole": "drainage",
    "outfall": "drainage",
    "sewer_level_meter": "drainage",
    "rain_gauge": "drainage",
    "rainwater_grate": "drainage",
    "litter_bin": "sanitation",
    "bus_stop": "bus",
    "bus_line": "bus",
    "bus": "bus",
    "bus_depot": "bus",
    "green": "gardens",
    "water": "drainage",
}
"""Code of the unit that is responsible for a kind; buildings and places belong to nobody here."""


@dataclass
class Asset:
    """A thing in city metres. `ref` is its stable name in the owner's list; `code` comes later, for components."""

    kind: str
    ref: str
    shape: BaseGeometry
    name: str = ""
    name_en: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    status: str = "intact"
    code: str | None = None

    @property
    def class_code(self) -> str | None:
        """Component class, for example C0137, or None."""
        return COMPONENT_CLASSES.get(self.kind)


def give_codes(assets: list[Asset], county: str) -> None:
    """Component codes of 16 digits (county 6, major 2, minor 2, sequence 6 in the order of the list), and plain names."""
    used: dict[str, int] = {}
    for asset in assets:
        if (minor := asset.class_code) is not None:
            used[minor] = used.get(minor, 0) + 1
            asset.code = f"{county}{minor[1:]}{used[minor]:06d}"
        if not asset.name and asset.kind in COMPONENT_NAMES:
            name, name_en = COMPONENT_NAMES[asset.kind]
            asset.name, asset.name_en = f"{name} {asset.ref}", f"{name_en} {asset.ref}"
