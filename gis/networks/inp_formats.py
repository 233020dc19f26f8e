"""What EPANET's and SWMM's input files call things: sections, kinds of assets, units, and which cell holds what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FOOT_M = 0.3048
INCH_MM = 25.4
Unit = Literal["length", "diameter", "number"]


@dataclass(frozen=True)
class Cell:
    """An attribute of assets that stands in a row: where, and whether it has a unit."""

    attribute: str
    index: int
    unit: Unit = "number"


@dataclass(frozen=True)
class Format:
    """One of the two formats. `kinds`: section → kind of asset; `nodes` are those that stand at a place.

    `cells`: what of a row the register shows and may change. `beside`: sections with rows about an element, and in which cell
    its identifier stands. `customary`: units of flow that mean feet and inches.
    """

    name: str
    kinds: dict[str, str]
    nodes: tuple[str, ...]
    cells: dict[str, tuple[Cell, ...]]
    beside: dict[str, int]
    flow_option: str
    flow_default: str
    customary: tuple[str, ...]

    def section(self, heading: str) -> str:
        """The full name of a section; both programs know it by its first four letters."""
        short = heading.strip("[]").upper()
        known = (*self.kinds, *self.beside, "OPTIONS")
        return next((name for name in known if short == name or (len(short) >= 4 and name.startswith(short))), short)

    def factors(self, flow: str) -> dict[Unit, float]:
        """What one unit of the file is in the register: lengths in metres, diameters in millimetres."""
        feet = flow in self.customary
        return {"length": FOOT_M if feet else 1.0, "diameter": INCH_MM if feet else 1.0, "number": 1.0}


EPANET = Format(
    "epanet",
    {
        "JUNCTIONS": "water_junction",
        "RESERVOIRS": "water_reservoir",
        "TANKS": "water_tank",
        "PIPES": "water_main",
        "PUMPS": "water_pump",
        "VALVES": "control_valve",
    },
    ("JUNCTIONS", "RESERVOIRS", "TANKS"),
    {
        "JUNCTIONS": (Cell("elevation_m", 1, "length"),),
        "RESERVOIRS": (Cell("head_m", 1, "length"),),
        "TANKS": (Cell("elevation_m", 1, "length"),),
        "PIPES": (Cell("length_m", 3, "length"), Cell("diameter_mm", 4, "diameter"), Cell("roughness", 5)),
        "VALVES": (Cell("diameter_mm", 3, "diameter"),),
    },
    {"COORDINATES": 0, "VERTICES": 0, "DEMANDS": 0, "STATUS": 0, "EMITTERS": 0, "QUALITY": 0, "SOURCES": 0, "MIXING": 0, "TAGS": 1},
    "UNITS",
    "GPM",
    ("CFS", "GPM", "MGD", "IMGD", "AFD"),
)  # fmt: skip

SWMM = Format(
    "swmm",
    {
        "JUNCTIONS": "manhole",
        "OUTFALLS": "outfall",
        "STORAGE": "sewer_storage",
        "DIVIDERS": "sewer_divider",
        "CONDUITS": "sewer",
        "PUMPS": "sewer_pump",
        "ORIFICES": "sewer_orifice",
        "WEIRS": "sewer_weir",
        "OUTLETS": "sewer_outlet",
    },
    ("JUNCTIONS", "OUTFALLS", "STORAGE", "DIVIDERS"),
    {
        "JUNCTIONS": (Cell("invert_m", 1, "length"), Cell("depth_m", 2, "length")),
        "OUTFALLS": (Cell("invert_m", 1, "length"),),
        "STORAGE": (Cell("invert_m", 1, "length"), Cell("depth_m", 2, "length")),
        "DIVIDERS": (Cell("invert_m", 1, "length"),),
        "CONDUITS": (Cell("length_m", 3, "length"), Cell("roughness", 4)),
    },
    {"COORDINATES": 0, "VERTICES": 0, "XSECTIONS": 0, "LOSSES": 0, "INFLOWS": 0, "DWF": 0, "RDII": 0, "TREATMENT": 0, "TAGS": 1},
    "FLOW_UNITS",
    "CFS",
    ("CFS", "GPM", "MGD"),
)  # fmt: skip

FORMATS = {form.name: form for form in (EPANET, SWMM)}
