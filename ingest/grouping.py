"""Many at once are one: alarms of single devices gathered at what they have in common. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A device's asset and where it belongs: the group, and the asset at which the group's alarm stands."""

    asset_id: int
    group: str
    at: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """Groups in trouble at one asset, with all their members in trouble."""

    at: int
    groups: tuple[str, ...]
    members: tuple[int, ...]
    share: float


def gather(
    members: Iterable[Member], sizes: Mapping[str, int], least: int, share: float, standing: Set[int]
) -> list[Gathered]:
    """Which groups are in trouble as a whole, one finding for each asset at which they stand.

    `members`: the devices in trouble; `sizes`: how many devices each group has. `standing`: assets where the alarm stands
    already; there half of `least` and `share` keeps it up, so that it does not flicker while devices come back one by one.
    """
    by_group: dict[tuple[int, str], list[int]] = {}
    for member in members:
        by_group.setdefault((member.at, member.group), []).append(member.asset_id)
    found: dict[int, list[tuple[str, list[int], float]]] = {}
    for (at, group), assets in sorted(by_group.items()):
        factor = 0.5 if at in standing else 1.0
        part = len(assets) / max(sizes.get(group, 0), len(assets))
        if len(assets) >= factor * least and part >= factor * share:
            found.setdefault(at, []).append((group, assets, part))
    return [
        Gathered(
            at,
            tuple(group for group, _, _ in groups),
            tuple(sorted(asset for _, assets, _ in groups for asset in assets)),
            max(part for _, _, part in groups),
        )
        for at, groups in found.items()
    ]
