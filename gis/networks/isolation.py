"""A burst main: which valves to close, in which order, and what is without water then. Pure.

The burst's segment is shut off by the valves around it; what no source reaches any more with those and all valves that are
shut already is cut off. A valve that does not turn joins the segment beyond it to what must be shut off.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gis.networks.graph import Floats, Graph, Ints, Mask
from gis.networks.segments import Cuts, Segments, divide


@dataclass(frozen=True)
class Supply:
    """A network prepared for isolating: `open_valve` and `weight` by valve (the wider, the sooner), `source` by node."""

    graph: Graph
    cuts: Cuts
    segments: Segments
    source: Mask
    open_valve: Mask
    weight: Floats

    @classmethod
    def prepare(cls, graph: Graph, cuts: Cuts, source: Mask, open_valve: Mask, weight: Floats | None = None) -> Supply:
        """Divide the network into segments; the once-off part."""
        weights = np.zeros(len(open_valve)) if weight is None else weight
        return cls(graph, cuts, divide(graph, cuts), source, open_valve, weights)


@dataclass(frozen=True)
class Isolation:
    """What to do about a burst. Valves, edges and nodes by number.

    `close` is in order: valves beyond which there is still pressure first, the wide ones before the narrow; then those that
    only keep water from flowing back. `pressed` says of each whether it is of the first sort. `shut_already` bound the
    segment, too, and are to be looked at. `drained` edges lie in what is shut off, `dry` ones are cut off from every source
    by it. `joined` are the stuck valves because of which more is shut off. `sources` inside must be stopped themselves.
    """

    close: tuple[int, ...]
    pressed: tuple[bool, ...]
    shut_already: tuple[int, ...]
    drained: Ints
    dry: Ints
    dry_nodes: Ints
    joined: tuple[int, ...]
    sources: Ints
    fed_before: bool


def isolate(supply: Supply, edge: int, stuck: Set[int] = frozenset()) -> Isolation:
    """Shut off the segment of `edge`; valves in `stuck` cannot be turned."""
    segments, cuts = supply.segments, supply.cuts
    jammed = np.zeros(len(supply.open_valve), bool)
    jammed[list(stuck)] = True
    jammed &= supply.open_valve
    region, joined = _grow(supply, int(segments.edge[edge]), jammed)
    bounding = region[segments.inner] != region[segments.outer]
    around = np.unique(cuts.valve[bounding])
    close = around[supply.open_valve[around]]
    shut = ~supply.open_valve
    before = _fed(supply, shut)
    after = _fed(supply, shut | np.isin(np.arange(len(shut)), close))
    dry = before & ~after
    dry |= region
    order, pressed = _order(supply, close, region, after)
    return Isolation(
        close=order,
        pressed=pressed,
        shut_already=tuple(around[shut[around]].tolist()),
        drained=np.flatnonzero(region[segments.edge]),
        dry=np.flatnonzero(dry[segments.edge] & ~region[segments.edge]),
        dry_nodes=np.flatnonzero(dry[segments.node]),
        joined=tuple(joined),
        sources=np.flatnonzero(supply.source & region[segments.node]),
        fed_before=bool(before[segments.edge[edge]]),
    )


def _grow(supply: Supply, seed: int, jammed: Mask) -> tuple[Mask, list[int]]:
    """Segments to be shut off together, and the jammed valves that join them."""
    segments, cuts = supply.segments, supply.cuts
    region = np.zeros(segments.count, bool)
    region[seed] = True
    joined: list[int] = []
    while True:
        leaks = jammed[cuts.valve] & (region[segments.inner] != region[segments.outer])
        if not leaks.any():
            return region, sorted(set(joined))
        joined += cuts.valve[leaks].tolist()
        region[segments.inner[leaks]] = True
        region[segments.outer[leaks]] = True


def _fed(supply: Supply, shut: Mask) -> Mask:
    """Which segments a source reaches through valves that are not shut, shape (segments,)."""
    segments = supply.segments
    through = ~shut[supply.cuts.valve]
    pairs = (np.ones(int(through.sum()), np.int8), (segments.inner[through], segments.outer[through]))
    label = connected_components(coo_matrix(pairs, shape=(segments.count, segments.count)), directed=False)[1]
    fed = np.zeros(segments.count, bool)
    fed[label[segments.node[supply.source]]] = True
    return np.asarray(fed[label], dtype=bool)


def _order(supply: Supply, close: Ints, region: Mask, fed: Mask) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    segments, cuts = supply.segments, supply.cuts
    beyond_fed = (fed[segments.inner] & ~region[segments.inner]) | (fed[segments.outer] & ~region[segments.outer])
    bounding = region[segments.inner] != region[segments.outer]
    pressed = np.zeros(len(supply.open_valve), bool)
    pressed[cuts.valve[bounding & beyond_fed]] = True
    order = sorted(close.tolist(), key=lambda valve: (not pressed[valve], -supply.weight[valve], valve))
    return tuple(order), tuple(bool(pressed[valve]) for valve in order)
