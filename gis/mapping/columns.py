"""What stands in a column: its type, how full it is, examples, and its values where they are few. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gis.importing import written_numbers
from gis.importing.attribute_rules import text

FEW = 30
"""Different values up to which a column looks like a list of words, to be translated one by one."""

MOSTLY = 0.9
"""Share of a column's values that decides what it is; a row that is otherwise is refused with its reason, not the column dropped."""

EXAMPLES = 3
LONGEST = 60
"""Letters of an example that are shown."""

_DATE = re.compile(r"(19|20)\d\d([-/.])\d{1,2}\2\d{1,2}([ T].*)?|(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_COMMA = re.compile(r"-?\d+,\d+")
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


@dataclass(frozen=True)
class Column:
    """One column of the rows that were read. `filled` is a share from 0 to 1; `values` has each value's number, commonest first."""

    name: str
    type: str
    filled: float
    distinct: int
    examples: list[str] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    unique: bool = False
    """Every row has a value of its own."""

    nearly: bool = False
    """Nearly every row has a value of its own: a number of theirs, with a few entered twice."""

    comma: bool = False
    """Numbers with a decimal comma stand here."""


def profile(name: str, values: Sequence[Any]) -> Column:
    """What a column holds, by the values of the rows that were read."""
    words = [word for word in map(text, values) if word]
    counted = Counter(words)
    listed = counted.most_common(FEW) if 0 < len(counted) <= FEW and len(counted) < max(len(words), 2) else []
    return Column(
        name,
        _type(values, counted),
        round(len(words) / len(values), 3) if values else 0.0,
        len(counted),
        [word[:LONGEST] for word, _ in counted.most_common(EXAMPLES)],
        dict(listed),
        bool(values) and len(counted) == len(values),
        bool(values) and len(words) == len(values) and len(counted) >= MOSTLY * len(values),
        _with_comma(counted),
    )


def _with_comma(words: Counter[str]) -> bool:
    """Whether all are numbers, and one at least can only have a decimal comma: 1,234 might be grouped thousands."""
    plain = all(_COMMA.fullmatch(word) or _INTEGER.fullmatch(word) for word in words)
    return plain and any("," in word and len(word.split(",")[1]) != 3 for word in words)


def _type(values: Sequence[Any], words: Counter[str]) -> str:
    """integer, number, degrees (with their signs), date, boolean, text; "" where every row is empty."""
    if not words:
        return ""
    if any(isinstance(value, bool) for value in values):
        return "boolean"
    if all(written_numbers.degrees(word) is not None for word in words):
        return "degrees"
    if _with_comma(words):
        return "number"
    for name, pattern in (("date", _DATE), ("integer", _INTEGER), ("number", _NUMBER)):
        fitting = [word for word in words if pattern.fullmatch(word)]
        if sum(words[word] for word in fitting) >= MOSTLY * words.total():
            leading = name == "number" and any(re.match(r"-?0\d", word) for word in fitting)
            return "text" if leading else name
    return "text"
