"""A CQL2 text filter as SQL. What the client wrote only ever becomes a bound parameter; names are looked up, never copied."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import cql2

from config.errors import InvalidInput
from gis.features.collections import BOOLEAN, GEOMETRY, NUMBER_TYPE, TEXT, TIME, Property

LONGEST = 8000
DEEPEST = 40
MOST_VERTICES = 5000

COMPARISONS = {"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
SPATIAL = {
    "s_intersects": "st_intersects",
    "s_within": "st_within",
    "s_contains": "st_contains",
    "s_disjoint": "st_disjoint",
    "s_equals": "st_equals",
    "s_touches": "st_touches",
    "s_crosses": "st_crosses",
    "s_overlaps": "st_overlaps",
}
TEMPORAL = {"t_after": ">", "t_before": "<", "t_equals": "="}
ARITHMETIC = {"+": "+", "-": "-", "*": "*"}
WORDS = {"casei": "lower", "lower": "lower", "upper": "upper"}

Typed = tuple[str, str]
"""A piece of SQL and the type of its value."""


def where(filter_text: str, queryables: Mapping[str, Property], srid: int = 4326) -> tuple[str, dict[str, Any]]:
    """SQL condition and its parameters. `srid` is the system of the filter's geometries, x before y.

    Raises InvalidInput for what is no CQL2 text, names no queryable, or compares what cannot be compared.
    """
    if len(filter_text) > LONGEST:
        raise InvalidInput("The filter is longer than {most} characters.", most=LONGEST)
    if filter_text.count("(") > DEEPEST * 20 or "\0" in filter_text or _depth(filter_text) > DEEPEST:
        raise InvalidInput("The filter is nested too deeply.")
    try:
        parsed = cql2.parse_text(filter_text).to_json()
    except Exception as error:  # the parser's own classes; whatever it is, the filter cannot be read
        raise InvalidInput(
            "The filter cannot be read as CQL2 text.", "Write it like: name LIKE 'A%' AND status = 'intact'."
        ) from error
    writer = _Writer(queryables, srid)
    return writer.condition(parsed, 0), writer.values


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return max(deepest, text.lower().count("not ") // 2)


class _Writer:
    """Writes one filter; every literal becomes the next parameter."""

    def __init__(self, queryables: Mapping[str, Property], srid: int) -> None:
        self._queryables = queryables
        self._srid = srid
        self.values: dict[str, Any] = {}

    def condition(self, node: Any, depth: int) -> str:
        """A node that is true or false."""
        sql, kind = self._value(node, depth)
        if kind != BOOLEAN:
            raise InvalidInput("The filter compares nothing where it should.")
        return sql

    def _value(self, node: Any, depth: int) -> Typed:
        if depth > DEEPEST:
            raise InvalidInput("The filter is nested too deeply.")
        if not isinstance(node, dict):
            return self._literal(node)
        if "property" in node:
            return self._property(node["property"])
        if "op" in node:
            return self._operation(node["op"], node.get("args", []), depth + 1)
        for name in ("timestamp", "date"):
            if name in node:
                return self._moment(node[name])
        if "bbox" in node and len(node["bbox"]) == 4:
            west, south, east, north = node["bbox"]
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            return self._geometry({"type": "Polygon", "coordinates": [ring]})
        if "coordinates" in node or "geometries" in node:
            return self._geometry(node)
        raise InvalidInput("The filter uses {what}, which is not supported.", what=", ".join(map(str, node))[:80])

    def _property(self, name: Any) -> Typed:
        if name not in self._queryables:
            raise InvalidInput(
                "The filter names '{name}', which this collection does not have.",
                "Look at its queryables.",
                name=str(name)[:80],
            )
        found = self._queryables[name]
        return found.sql, found.type

    def _literal(self, value: Any) -> Typed:
        if isinstance(value, bool):
            return self._bound(value), BOOLEAN
        if isinstance(value, int | float):
            return f"cast({self._bound(value)} as double precision)", NUMBER_TYPE
        if isinstance(value, str):
            return f"cast({self._bound(value)} as text)", TEXT
        raise InvalidInput("The filter compares nothing where it should.")

    def _moment(self, value: Any) -> Typed:
        try:
            moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError as error:
            raise InvalidInput("The time {value} cannot be read.", value=str(value)[:40]) from error
        return f"cast({self._bound(moment.isoformat())} as timestamptz)", TIME

    def _geometry(self, node: dict[str, Any]) -> Typed:
        written = json.dumps(node)
        if written.count("[") > MOST_VERTICES:
            raise InvalidInput("The filter's geometry has more than {most} vertices.", most=MOST_VERTICES)
        made = f"st_setsrid(st_geomfromgeojson({self._bound(written)}), {self._srid})"
        return made if self._srid == 4326 else f"st_transform({made}, 4326)", GEOMETRY

    def _operation(self, name: str, args: Sequence[Any], depth: int) -> Typed:
        if name in ("and", "or"):
            return "(" + f" {name} ".join(self.condition(part, depth) for part in args) + ")", BOOLEAN
        if name == "not":
            return f"(not {self.condition(args[0], depth)})", BOOLEAN
        if name in COMPARISONS or name in TEMPORAL:
            return self._compared(COMPARISONS.get(name) or TEMPORAL[name], args, depth)
        if name in SPATIAL:
            left, right = self._alike(args, depth, {GEOMETRY})
            return f"{SPATIAL[name]}({left}, {right})", BOOLEAN
        special: dict[str, Callable[[Sequence[Any], int], Typed]] = {
            "like": self._like, "in": self._in, "between": self._between, "isNull": self._null,
        }  # fmt: skip
        if name in special:
            return special[name](args, depth)
        if name in ARITHMETIC:
            left, right = self._alike(args, depth, {NUMBER_TYPE})
            return f"({left} {ARITHMETIC[name]} {right})", NUMBER_TYPE
        if name in WORDS:
            sql, _ = self._of(args[0], depth, {TEXT})
            return f"{WORDS[name]}({sql})", TEXT
        raise InvalidInput("The filter uses '{what}', which is not supported.", what=str(name)[:80])

    def _compared(self, operator: str, args: Sequence[Any], depth: int) -> Typed:
        left, right = self._alike(args, depth, {TEXT, NUMBER_TYPE, BOOLEAN, TIME})
        return f"({left} {operator} {right})", BOOLEAN

    def _like(self, args: Sequence[Any], depth: int) -> Typed:
        left, right = self._alike(args, depth, {TEXT})
        return f"({left} like {right})", BOOLEAN

    def _in(self, args: Sequence[Any], depth: int) -> Typed:
        sql, kind = self._of(args[0], depth, {TEXT, NUMBER_TYPE})
        listed = [self._of(value, depth, {kind})[0] for value in args[1]]
        return f"({sql} in ({', '.join(listed)}))", BOOLEAN

    def _between(self, args: Sequence[Any], depth: int) -> Typed:
        sql, kind = self._of(args[0], depth, {NUMBER_TYPE, TIME, TEXT})
        low, high = (self._of(value, depth, {kind})[0] for value in args[1:3])
        return f"({sql} between {low} and {high})", BOOLEAN

    def _null(self, args: Sequence[Any], depth: int) -> Typed:
        return f"({self._value(args[0], depth)[0]} is null)", BOOLEAN

    def _alike(self, args: Sequence[Any], depth: int, kinds: set[str]) -> tuple[str, str]:
        if len(args) != 2:
            raise InvalidInput("The filter compares nothing where it should.")
        left, kind = self._of(args[0], depth, kinds)
        right, _ = self._of(args[1], depth, {kind})
        return left, right

    def _of(self, node: Any, depth: int, kinds: set[str]) -> Typed:
        sql, kind = self._value(node, depth)
        if kind not in kinds:
            raise InvalidInput(
                "The filter compares a {kind} where {kinds} is needed.", kind=kind, kinds=" / ".join(sorted(kinds))
            )
        return sql, kind

    def _bound(self, value: object) -> str:
        name = f"f{len(self.values)}"
        self.values[name] = value
        return f":{name}"
