"""Which way bus lines take: from one side of the city over way points to another, on different streets where there are some."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from data.generator.network import Edge, Network

Path = list[tuple[Edge, bool]]
"""Edges with whether they are driven from start to end."""

DEARER = {"expressway": 1.2, "arterial": 1.0, "collector": 1.15, "branch": 2.2, "lane": 30.0}
"""A metre of each class counts as this many; lines avoid lanes as long as there is another way."""

TAKEN = 0.18
"""Each line on a street makes it this much dearer for the next, so that lines spread over the city."""

AGAIN = 6.0
"""What a line has driven already is this many times as dear for it."""

MOST_LEGS = 40


class Router:
    """Draws one line after the other."""

    def __init__(self, rng: np.random.Generator, net: Network, radius: float) -> None:
        self.rng, self.net, self.radius = rng, net, radius
        self.places = np.array([(node.x, node.y) for node in net.nodes])
        wide = {
            node for edge in net.edges if edge.municipal and edge.kind != "branch" for node in (edge.start, edge.end)
        }
        self.calls = np.array(sorted(node for node in wide if net.degree(node) > 2))
        self.length = np.array([edge.line.length for edge in net.edges])
        self.cost = self.length * np.array([DEARER[edge.kind] for edge in net.edges])
        self.lines = np.zeros(len(net.edges))
        self.drawn = 0
        self.between = self._cheapest()

    def path(self, wanted: float) -> Path:
        """Edges for a line of about `wanted` metres one way, ending at a junction."""
        self.drawn += 1
        angle = np.pi * (self.drawn * 0.618034 % 1.0) * 2
        cost = self.cost * (1 + TAKEN * self.lines)
        path: list[tuple[int, bool]] = []
        node, driven = self._near(angle, float(self.rng.uniform(0.55, 0.85))), 0.0
        for leg in range(MOST_LEGS):
            if driven >= wanted:
                break
            # Nearly across, now and then past the middle, then on along the other side.
            angle += (
                float(self.rng.normal(np.pi, 0.5))
                if leg == 0
                else float(self.rng.uniform(0.5, 2.2)) * self.rng.choice([-1, 1])
            )
            goal = self._near(angle, float(self.rng.uniform(0.35, 0.85)))
            for edge, forward in self._shortest(node, goal, cost):
                if driven >= wanted:
                    break
                if path and path[-1][0] == edge:
                    path.pop()  # no turning round on the spot at a way point
                    driven -= self.length[edge]
                else:
                    path.append((edge, forward))
                    driven += self.length[edge]
                    cost[edge] = self.cost[edge] * AGAIN
                node = self._end(edge, forward)
        self.lines[[edge for edge, _ in path]] += 1
        return [(self.net.edges[edge], forward) for edge, forward in self._trimmed(path, wanted)]

    def _cheapest(self) -> dict[tuple[int, int], int]:
        """The edge to take from one node to another."""
        best: dict[tuple[int, int], int] = {}
        for edge in self.net.edges:
            for pair in ((edge.start, edge.end), (edge.end, edge.start)):
                if pair not in best or self.cost[edge.number] < self.cost[best[pair]]:
                    best[pair] = edge.number
        return best

    def _trimmed(self, path: list[tuple[int, bool]], wanted: float) -> list[tuple[int, bool]]:
        """Without its last edge where that comes nearer to what is wanted."""
        total = float(self.length[[edge for edge, _ in path]].sum())
        last = float(self.length[path[-1][0]])
        return path[:-1] if abs(total - last - wanted) < abs(total - wanted) and len(path) > 2 else path

    def _near(self, angle: float, share: float) -> int:
        """The junction of wide streets nearest to a place, given as direction and share of the city's radius."""
        wish = share * self.radius * np.array([np.cos(angle), np.sin(angle)])
        return int(self.calls[np.argmin(((self.places[self.calls] - wish) ** 2).sum(1))])

    def _end(self, edge: int, forward: bool) -> int:
        return self.net.edges[edge].end if forward else self.net.edges[edge].start

    def _shortest(self, start: int, goal: int, cost: np.ndarray) -> list[tuple[int, bool]]:
        rows, columns = np.array(list(self.between)).T
        graph = csr_array((cost[list(self.between.values())], (rows, columns)), shape=(len(self.places),) * 2)
        _, before = dijkstra(graph, indices=start, return_predecessors=True)
        path = []
        while goal != start and before[goal] >= 0:
            edge = self.between[int(before[goal]), goal]
            path.append((edge, self.net.edges[edge].end == goal))
            goal = int(before[goal])
        return path[::-1]
