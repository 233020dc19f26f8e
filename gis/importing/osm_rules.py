"""Which kinds of asset an OpenStreetMap object is, judged by its tags alone. Pure; the rules are config/mappings/osm.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, Literal

from config.errors import InvalidInput

Shape = Literal["point", "line", "area", "route"]
SHAPES: tuple[Shape, ...] = ("point", "line", "area", "route")
ANY = "*"

INTERPOLATION = "addr:interpolation"
"""The tag of a way along which house numbers run from its first node to its last: even, odd or all."""

_NUMBER = re.compile(r"\d{1,6}")

Tags = Mapping[str, str]
Values = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Rule:
    """One [[kind]] of the mapping. `attributes` maps the tag to the name under which its value is kept."""

    kind: str
    shape: Shape
    match: Values
    excluded: Values = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    class_code: str | None = None
    suffix: str = ""
    named: bool = False

    def fits(self, tags: Tags) -> bool:
        """Every line of `match` holds."""
        return all(key in tags and _meets(tags[key], wanted) for key, wanted in self.match.items())

    def refusal(self, tags: Tags) -> tuple[str, str] | None:
        """Why an object that fits is not taken all the same: (reason, words), or None."""
        for key, unwanted in self.excluded.items():
            if key in tags and tags[key] in unwanted:
                return "not_standing", f"{key}={tags[key]}: not a {self.kind} that stands in the city"
        if self.named and not (tags.get("name") or tags.get("name:zh")):
            return "no_name", f"a {self.kind} without a name"
        return None

    def kept(self, tags: Tags) -> dict[str, str]:
        """The attributes to keep, under their own names."""
        return {name: tags[tag] for tag, name in self.attributes.items() if tag in tags}


@dataclass(frozen=True)
class Rules:
    """The whole mapping: rules by shape, and which tag keys are worth looking at for each shape."""

    source: str
    attribution: str
    by_shape: Mapping[Shape, tuple[Rule, ...]]
    admin_levels: Mapping[str, Mapping[str, str]]

    def keys(self, *shapes: Shape) -> list[str]:
        """Tag keys of which an object must carry one to fit any rule of these shapes; the reader filters by them."""
        return sorted({next(iter(rule.match)) for shape in shapes for rule in self.by_shape[shape]})

    def fitting(self, shape: Shape, tags: Tags) -> list[Rule]:
        """The rules that take an object of this shape: the first without suffix, and every one with its own."""
        table = self._by_key[shape]
        candidates = [entry for key in tags if key in table for entry in table[key]]
        if not candidates:
            return []
        found: dict[str, Rule] = {}
        for _, rule in sorted(candidates, key=itemgetter(0)) if len(candidates) > 1 else candidates:
            if rule.suffix not in found and rule.fits(tags):
                found[rule.suffix] = rule
        return list(found.values())

    @cached_property
    def _by_key(self) -> dict[Shape, dict[str, list[tuple[int, Rule]]]]:
        """By shape and first tag key the rules, each with its place in the mapping: most objects need look at one or none."""
        tables: dict[Shape, dict[str, list[tuple[int, Rule]]]] = {}
        for shape, rules in self.by_shape.items():
            table = tables.setdefault(shape, {})
            for place, rule in enumerate(rules):
                table.setdefault(next(iter(rule.match)), []).append((place, rule))
        return tables


def read_rules(mapping: Mapping[str, Any]) -> Rules:
    """The rules of a mapping file. Raises InvalidInput for a kind without match or with an unknown geometry."""
    rules = [_rule(entry) for entry in mapping.get("kind", [])]
    if not rules:
        raise InvalidInput("The mapping names no [[kind]].", "Take config/mappings/osm.toml as the pattern.")
    by_shape = {shape: tuple(rule for rule in rules if rule.shape == shape) for shape in SHAPES}
    return Rules(
        source=str(mapping.get("source", "osm")),
        attribution=str(mapping.get("attribution", "")),
        by_shape=by_shape,
        admin_levels={name: dict(levels) for name, levels in mapping.get("admin_levels", {}).items()},
    )


def numbered(way: Tags, first: Tags, last: Tags) -> dict[str, str] | tuple[str, str]:
    """The tags of an interpolation way with the range of its end nodes as its house number, or why there is none: (reason, words)."""
    ends = [_NUMBER.search(node.get("addr:housenumber", "")) for node in (first, last)]
    if ends[0] is None or ends[1] is None:
        return "no_numbers", "house numbers along a way whose end nodes have none"
    low, high = (int(end.group()) for end in ends if end)
    sort = way[INTERPOLATION]
    wanted = {"even": (0, 0), "odd": (1, 1)}.get(sort, (low % 2, high % 2))
    if low == high or (low % 2, high % 2) != wanted:
        return "odd_numbers", f"{sort} house numbers from {low} to {high}"
    streets = [tags["addr:street"] for tags in (way, first, last) if tags.get("addr:street")]
    if not streets:
        return "no_street", f"house numbers {low}-{high} of a street that neither the way nor its ends name"
    return {**way, "addr:street": streets[0], "addr:housenumber": f"{low}-{high}"}


def _rule(entry: Mapping[str, Any]) -> Rule:
    kind, shape = entry.get("kind", ""), entry.get("geometry")
    if not kind or shape not in SHAPES or not entry.get("match"):
        raise InvalidInput(
            "The rule for kind '{kind}' is not complete.",
            "Give it a kind, a match, and a geometry out of {shapes}.",
            kind=kind,
            shapes=", ".join(SHAPES),
        )
    renamed = entry.get("rename", {})
    return Rule(
        kind=kind,
        shape=shape,
        match={key: frozenset(values) for key, values in entry["match"].items()},
        excluded={key: frozenset(values) for key, values in entry.get("except", {}).items()},
        attributes={tag: renamed.get(tag, tag) for tag in entry.get("attributes", [])},
        class_code=entry.get("class_code"),
        suffix=entry.get("suffix", ""),
        named=bool(entry.get("named", False)),
    )


def _meets(value: str, wanted: frozenset[str]) -> bool:
    return value in wanted or (ANY in wanted and value != "no")
