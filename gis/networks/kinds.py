"""Which kinds of assets make which network, in which part, and how their ends find each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.errors import NotFound
from config.i18n import _
from gis.networks.topology import Role, Rules


@dataclass(frozen=True)
class Kind:
    """A network: kinds of its lines, kinds and roles of what stands at its nodes. `wanted` is what every line must be joined to.

    `near`, `of_it`, `choose`: what to say where none of its lines is meant, and the next step.
    """

    name: str
    label: str
    lines: tuple[str, ...]
    points: dict[str, Role] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    wanted: Role | None = None
    near: str = _("No pipe of this network lies near here.")
    of_it: str = _("Asset {asset} is no pipe of this network.")
    choose: str = _("Choose a pipe of it on the map.")

    @property
    def assets(self) -> list[str]:
        """All kinds whose change changes this network."""
        return [*self.lines, *self.points]


NETWORKS = {
    kind.name: kind
    for kind in (
        Kind(
            "water",
            _("water supply"),
            ("water_main", "water_pump", "control_valve"),
            {
                "valve": "valve",
                "water_junction": "node",
                "water_plant": "source",
                "water_reservoir": "source",
                "water_tank": "source",
            },
            wanted="source",
        ),
        Kind(
            "sewer",
            _("sewers"),
            ("sewer", "sewer_pump", "sewer_orifice", "sewer_weir", "sewer_outlet"),
            {"manhole": "node", "sewer_storage": "node", "sewer_divider": "node", "outfall": "outlet"},
            Rules(directed=True),
            wanted="outlet",
        ),
        Kind(
            "street",
            _("streets"),
            ("road",),
            {},
            Rules(shared_vertices=True),
            near=_("No street lies near here."),
            of_it=_("Asset {asset} is no street."),
            choose=_("Choose a street, or a place beside one, on the map."),
        ),
    )
}


def kind_of(name: str) -> Kind:
    """The network of this name. Raises NotFound."""
    if name not in NETWORKS:
        raise NotFound(
            "There is no network '{name}'.", "Networks are: {names}.", name=name, names=", ".join(sorted(NETWORKS))
        )
    return NETWORKS[name]


def kind_for(asset_kind: str) -> Kind | None:
    """The network that a kind of asset is a line of, or None."""
    return next((kind for kind in NETWORKS.values() if asset_kind in kind.lines), None)
