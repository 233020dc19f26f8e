"""Figures that may be published: small cells hidden, and enough others with them that nobody can work them out (W10, W16). Pure.

Whoever reads a table knows its sums. So besides every cell from 1 to `least` − 1 further cells are hidden until no sum gives
a hidden one away; the last step checks that with the whole system of sums at once, by linear programming: a cell is safe
when it may take at least `least` different whole values. Zero is published: that nobody is concerned concerns nobody.
What it does not hold against is a reader who knows some of the hidden cells from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np

LEAST = 5
"""Cells below this are hidden (k = 5)."""

Cell = Hashable


def suppress(
    cells: Mapping[Cell, int],
    sums: Sequence[tuple[Cell, Sequence[Cell]]],
    least: int = LEAST,
    worth: Callable[[Cell], int] = lambda _cell: 0,
) -> dict[Cell, int | None]:
    """The cells, hidden ones as None. `sums` are (total, parts): each total is the sum of its parts, all of them cells.

    Where there is a choice which cell to hide with a small one, those of less `worth` to the reader go first, then small
    figures. The same cells and sums always give the same table.
    """

    def rank(cell: Cell) -> tuple[bool, int, int, str]:
        return cells[cell] == 0, worth(cell), cells[cell], repr(cell)  # to hide a zero hides little

    relations = [(total, *parts) for total, parts in sums]
    hidden = {cell for cell, value in cells.items() if 0 < value < least}
    while True:
        _close(relations, hidden, rank)
        exposed = exposed_cells(cells, sums, hidden, least)
        companions = {_companion(relations, hidden, cell, rank) for cell in exposed} - {None}
        if not companions:
            break
        hidden.update(companions)
    return {cell: None if cell in hidden else value for cell, value in cells.items()}


def exposed_cells(
    cells: Mapping[Cell, int], sums: Sequence[tuple[Cell, Sequence[Cell]]], hidden: set[Cell], least: int = LEAST
) -> set[Cell]:
    """Hidden cells of 1 to `least` − 1 that the published ones fix too closely: fewer than `least` whole values are possible."""
    names = sorted(hidden, key=repr)
    place = {cell: number for number, cell in enumerate(names)}
    rows, known = [], []
    for total, parts in sums:
        if any(cell in hidden for cell in (total, *parts)):
            row = np.zeros(len(names))
            for cell, sign in ((total, -1.0), *((part, 1.0) for part in parts)):
                if cell in hidden:
                    row[place[cell]] += sign
            rows.append(row)
            known.append(
                (0 if total in hidden else cells[total]) - sum(cells[part] for part in parts if part not in hidden)
            )
    if not rows:
        return set()
    small = [cell for cell in names if 0 < cells[cell] < least]
    return {cell for cell in small if _width(np.array(rows), np.array(known), place[cell]) < least - 1}


def _width(equations: np.ndarray, known: np.ndarray, cell: int) -> float:
    """How far a hidden cell can lie from its least possible value, given all sums; no cell is negative."""
    aim = np.zeros(equations.shape[1])
    aim[cell] = 1.0
    from scipy.optimize import linprog  # here: it takes a fifth of a second of every start

    low = linprog(aim, A_eq=equations, b_eq=known, bounds=(0, None), method="highs")
    high = linprog(-aim, A_eq=equations, b_eq=known, bounds=(0, None), method="highs")
    if not high.success:  # without a bound above
        return float("inf")
    return float(-high.fun - low.fun)


Rank = Callable[[Cell], tuple[bool, int, int, str]]


def _close(relations: Sequence[tuple[Cell, ...]], hidden: set[Cell], rank: Rank) -> None:
    """Until no sum has exactly one hidden cell: hide the one that is lost most easily with it."""
    changed = True
    while changed:
        changed = False
        for relation in relations:
            if sum(cell in hidden for cell in relation) == 1:
                other = _easiest(relation, hidden, rank)
                if other is not None:
                    hidden.add(other)
                    changed = True


def _companion(relations: Sequence[tuple[Cell, ...]], hidden: set[Cell], exposed: Cell, rank: Rank) -> Cell | None:
    """One more cell to hide: in the sums that give `exposed` away, or where all of those is hidden, in any that touch a hidden cell."""
    own = [relation for relation in relations if exposed in relation]
    touched = [relation for relation in relations if not hidden.isdisjoint(relation)]
    for choice in (own, touched):
        found = [other for relation in choice if (other := _easiest(relation, hidden, rank)) is not None]
        if found:
            return min(found, key=rank)
    return None


def _easiest(relation: Sequence[Cell], hidden: set[Cell], rank: Rank) -> Cell | None:
    return min((cell for cell in relation if cell not in hidden), key=rank, default=None)
