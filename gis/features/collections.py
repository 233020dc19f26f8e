"""The collections of the standard doors as one literal: whose rows, which properties, and who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from config.errors import NotFound
from gis.tiles.layers import BRIDGE, CLASS, LAYERS, NUMBER

TEXT, NUMBER_TYPE, BOOLEAN, TIME, GEOMETRY = "string", "number", "boolean", "date-time", "geometry"

GEOMETRY_NAME = "geometry"
"""What a filter calls the geometry."""


@dataclass(frozen=True)
class Property:
    """A property that features have and filters may name; `sql` over the row `a`."""

    sql: str
    type: str = TEXT


_NAMED = {"name": Property("a.name"), "name_en": Property("a.name_en")}
_RECORDED = {"recorded_at": Property("a.recorded_at", TIME)}
_ASSET = {
    "kind": Property("a.kind"),
    "class_code": Property("a.class_code"),
    "code": Property("a.code"),
    **_NAMED,
    "status": Property("a.status"),
    "authority": Property("a.authority"),
    "owner": Property("a.owner"),
    **_RECORDED,
}


@dataclass(frozen=True)
class Collection:
    """One collection. `public`: anyone may read it; else the permission asset.see is needed. `time` is what datetime asks."""

    id: str
    title: str
    table: str
    properties: Mapping[str, Property]
    public: bool
    condition: str = "true"
    time: str | None = None
    layer: str = ""

    @property
    def queryables(self) -> dict[str, Property]:
        """What a filter may name."""
        return {"id": Property("a.id", NUMBER_TYPE), **self.properties, GEOMETRY_NAME: Property("a.geom", GEOMETRY)}


def _of_assets(id: str, title: str, layer: str, public: bool, **more: Property) -> Collection:
    kinds = ", ".join(map(repr, LAYERS[layer].kinds_from))
    return Collection(
        id,
        title,
        "seen_asset",
        {**_ASSET, **more},
        public,
        f"a.kind in ({kinds}) and a.status <> 'removed'",
        "a.recorded_at",
        layer,
    )


COLLECTIONS: dict[str, Collection] = {
    one.id: one
    for one in (
        Collection("areas", "Administrative areas", "area",
                   {"code": Property("a.code"), "level": Property("a.level"), **_NAMED,
                    "population": Property("a.population", NUMBER_TYPE), **_RECORDED}, True, time="a.recorded_at", layer="area"),
        Collection("unit_grids", "Unit grids", "unit_grid", {"code": Property("a.code")}, False, layer="grid"),
        _of_assets("roads", "Roads", "road", True, **{"class": Property(CLASS), "bridge": Property(f"({BRIDGE[:-10]})", BOOLEAN)}),
        _of_assets("waters", "Rivers and lakes", "water", True),
        _of_assets("greens", "Parks and greens", "green", True),
        _of_assets("buildings", "Buildings", "building", True),
        _of_assets("bus_lines", "Bus lines", "bus_line", True, number=Property(f"{NUMBER[:-10]}")),
        _of_assets("pipes", "Water mains and sewers", "pipe", LAYERS["pipe"].public),
        _of_assets("assets", "Assets that stand at a place", "asset", False),
    )
}  # fmt: skip


RESPONSIBLE = ("owner", "authority")
"""Properties that strangers are not shown unless the city says so: they may name persons."""


@dataclass(frozen=True)
class Reader:
    """Who asks. `everything`: may look up assets; `owners`: is told whose things are and who is responsible."""

    everything: bool
    owners: bool


def shown(reader: Reader) -> dict[str, Collection]:
    """The collections that this reader may see, with the properties they are shown."""
    found = {id: one for id, one in COLLECTIONS.items() if one.public or reader.everything}
    return found if reader.owners else {id: _without(one, RESPONSIBLE) for id, one in found.items()}


def _without(of: Collection, names: tuple[str, ...]) -> Collection:
    return replace(of, properties={name: known for name, known in of.properties.items() if name not in names})


def collection(id: str, reader: Reader) -> Collection:
    """The collection of that name. Raises NotFound also for one that the caller may not see: it is not told that it exists."""
    found = shown(reader).get(id)
    if found is None:
        names = ", ".join(shown(reader))
        raise NotFound(
            "There is no collection '{name}' for you.", "Collections are: {names}.", name=id[:80], names=names
        )
    return found
