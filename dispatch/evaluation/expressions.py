"""Formulas of the assessor: arithmetic over named counts, read and computed here, never run as code (D6). Pure.

Names, numbers, + - * / and parentheses; `of_most(x)`: x as a share of the largest x among the rows compared. A count that nothing
can tell yet makes the result unmeasurable; a division by nought makes it empty: nothing was to be done.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from config.errors import InvalidInput

LONGEST = 300

Values = Mapping[str, float | None]

_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float | None]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b if b else None,
}


@dataclass(frozen=True)
class Formula:
    """A formula that was read: its names, and the tree that `value` walks."""

    written: str
    names: frozenset[str]
    tree: ast.expr


@lru_cache(maxsize=1024)
def read(written: str, known: frozenset[str]) -> Formula:
    """Read a formula over the counts `known`. Raises InvalidInput, saying what is wrong with it."""
    if len(written) > LONGEST:
        raise InvalidInput("The formula is longer than {longest} characters.", longest=LONGEST, field="formula")
    try:
        tree = ast.parse(written.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidInput(
            "'{formula}' is no formula.", "Write it like: handled_in_time / to_handle", formula=written, field="formula"
        ) from error
    names: set[str] = set()
    _check(tree, known, names)
    if not names:
        raise InvalidInput("The formula '{formula}' counts nothing.", formula=written, field="formula")
    return Formula(written.strip(), frozenset(names), tree)


def value(formula: Formula, counts: Values, most: Values | None = None) -> float | None:
    """What the formula gives for one row; None where a count is unknown or nothing is to be divided by.

    `most` holds the largest value of each count among the rows compared.
    """
    found = _value(formula.tree, counts, most or counts)
    return found if found is not None and math.isfinite(found) else None


def _check(node: ast.expr, known: frozenset[str], names: set[str]) -> None:
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            _check(left, known, names)
            _check(right, known, names)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand, known, names)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            pass
        case ast.Name(id=name):
            names.add(_name(name, known))
        case ast.Call(func=ast.Name(id="of_most"), args=[ast.Name(id=name)], keywords=[]):
            names.add(_name(name, known))
        case _:
            raise InvalidInput(
                "'{part}' has no place in a formula.",
                "Use counts, numbers, + - * /, parentheses, of_most(count).",
                part=ast.unparse(node),
                field="formula",
            )


def _name(name: str, known: frozenset[str]) -> str:
    if name not in known:
        raise InvalidInput(
            "There is no count '{name}'.",
            "Counts are: {known}.",
            name=name,
            known=", ".join(sorted(known)),
            field="formula",
        )
    return name


def _value(node: ast.expr, counts: Values, most: Values) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return _number(counts.get(name))
        case ast.UnaryOp(operand=operand):
            inner = _value(operand, counts, most)
            return None if inner is None else -inner
        case ast.Call(args=[ast.Name(id=name)]):
            own, largest = _number(counts.get(name)), most.get(name)
            return None if own is None or largest is None else own / largest if largest else 0.0
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left, counts, most), _value(right, counts, most)
            return None if a is None or b is None else _OPERATIONS[type(op)](a, b)
    raise AssertionError(node)


def _number(count: float | None) -> float | None:
    return None if count is None else float(count)
