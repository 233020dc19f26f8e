"""Who qualifies, as data: the rule tree of a programme, read and checked before it may be published. Pure.

A tree is made of `all`, `any` and `not`; of atoms {fact, op, value | parameter [, factor], clause}; of atoms over members
{members: any | all | count | sum, …}; and of {programme, is}: whether another programme is received, or would be granted.
Whatever is not fully understood is refused with its path: a rule that is read wrongly would be wrong for everybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from config.errors import InvalidInput
from welfare.facts import Dictionary

OPERATORS = ("<", "<=", ">", ">=", "=", "!=", "in")
ORDERED = frozenset({"<", "<=", ">", ">="})
STATUSES = ("receiving", "eligible")


@dataclass(frozen=True)
class Text:
    """A clause in both languages, and the provision it stands on."""

    zh: str
    en: str
    basis: str = ""

    def said(self, locale: str) -> str:
        """The clause in one language."""
        return self.en if locale == "en" else self.zh


@dataclass(frozen=True)
class Operand:
    """What a fact is compared with: a value of the rule itself, or a dated parameter, times another one if wished."""

    value: Any = None
    parameter: str | None = None
    factor: str | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters it needs."""
        return tuple(name for name in (self.parameter, self.factor) if name)


@dataclass(frozen=True)
class Compare:
    """A fact of the household, or inside a member rule of the member, against an operand."""

    fact: str
    op: str
    operand: Operand
    clause: Text


@dataclass(frozen=True)
class Members:
    """Over the members: `any` or `all` meet `rule`; the `count` of those who do, or the `sum` of a `fact`, against an operand."""

    how: Literal["any", "all", "count", "sum"]
    clause: Text
    rule: Rule | None = None
    fact: str | None = None
    op: str = ""
    operand: Operand | None = None


@dataclass(frozen=True)
class Status:
    """Whether another programme is received by the household (`receiving`), or received or due to it (`eligible`)."""

    programme: str
    status: str
    clause: Text


@dataclass(frozen=True)
class Junction:
    """All or any of several rules."""

    how: Literal["all", "any"]
    parts: tuple[Rule, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a rule."""

    part: Rule


Rule = Compare | Members | Status | Junction | Not


def parse(tree: Any, dictionary: Dictionary, subject: str = "household", path: str = "rule") -> Rule:
    """Read a tree. Raises InvalidInput naming the path of what is unknown, missing, too much, or compared with the wrong kind."""
    if not isinstance(tree, Mapping):
        raise _refusal(path, "a rule is an object")
    kinds = [kind for kind in _READERS if kind in tree and not (kind == "fact" and "members" in tree)]
    if len(kinds) != 1:
        raise _refusal(path, f"exactly one of {', '.join(_READERS)} must stand here")
    reader, allowed = _READERS[kinds[0]]
    unknown = sorted(tree.keys() - allowed)
    if unknown:
        raise _refusal(path, f"'{unknown[0]}' is not understood")
    return cast(Rule, reader(tree, dictionary, subject, path))


def walk(rule: Rule) -> Iterator[Rule]:
    """The rule and all below it."""
    yield rule
    if isinstance(rule, Junction):
        for part in rule.parts:
            yield from walk(part)
    elif isinstance(rule, Not):
        yield from walk(rule.part)
    elif isinstance(rule, Members) and rule.rule is not None:
        yield from walk(rule.rule)


def parameters_of(rule: Rule) -> set[str]:
    """Names of all parameters that a rule needs."""
    operands = (part.operand for part in walk(rule) if isinstance(part, Compare | Members) and part.operand)
    return {name for operand in operands for name in operand.parameters}


def programmes_of(rule: Rule) -> set[str]:
    """Codes of the programmes whose status a rule asks for."""
    return {part.programme for part in walk(rule) if isinstance(part, Status)}


def _junction(tree: Mapping[str, Any], dictionary: Dictionary, subject: str, path: str) -> Rule:
    how: Literal["all", "any"] = "all" if "all" in tree else "any"
    parts = tree[how]
    if not isinstance(parts, list) or not parts:
        raise _refusal(f"{path}.{how}", "a list of at least one rule is needed")
    return Junction(how, tuple(parse(part, dictionary, subject, f"{path}.{how}[{n}]") for n, part in enumerate(parts)))


def _not(tree: Mapping[str, Any], dictionary: Dictionary, subject: str, path: str) -> Rule:
    return Not(parse(tree["not"], dictionary, subject, f"{path}.not"))


def _compare(tree: Mapping[str, Any], dictionary: Dictionary, subject: str, path: str) -> Rule:
    fact = _fact(tree, dictionary, subject, path)
    op = _operator(tree, path)
    operand = _operand(tree, path)
    if not dictionary.comparable(fact, op, operand.value, bool(operand.parameter)):
        raise _refusal(path, f"'{fact}' cannot be compared by '{op}' with {operand.value!r}")
    return Compare(fact, op, operand, _clause(tree, path))


def _members(tree: Mapping[str, Any], dictionary: Dictionary, subject: str, path: str) -> Rule:
    how = tree["members"]
    if subject != "household":
        raise _refusal(path, "a member has no members")
    if how not in ("any", "all", "count", "sum"):
        raise _refusal(path, f"members must be any, all, count or sum, not {how!r}")
    needs = {"any": {"rule"}, "all": {"rule"}, "count": {"rule", "op"}, "sum": {"fact", "op"}}[how]
    lacking, extra = needs - tree.keys(), (tree.keys() & {"rule", "op", "fact", "value", "parameter", "factor"}) - needs
    if how in ("count", "sum"):
        extra -= {"value", "parameter", "factor"}
    if lacking or extra:
        raise _refusal(path, f"'{how}' over members needs {', '.join(sorted(needs))}")
    rule = parse(tree["rule"], dictionary, "person", f"{path}.rule") if "rule" in needs else None
    fact = _fact(tree, dictionary, "person", path) if how == "sum" else None
    if fact and not dictionary.is_number(fact):
        raise _refusal(path, f"'{fact}' is no number")
    counted = how in ("count", "sum")
    op = _operator(tree, path) if counted else ""
    if counted and op not in ORDERED | {"=", "!="}:
        raise _refusal(path, f"a number cannot be compared by '{op}'")
    operand = _operand(tree, path) if counted else None
    if operand and operand.parameter is None and not _is_number(operand.value):
        raise _refusal(path, f"{operand.value!r} is no number")
    return Members(cast(Any, how), _clause(tree, path), rule, fact, op, operand)


def _status(tree: Mapping[str, Any], _dictionary: Dictionary, subject: str, path: str) -> Rule:
    if subject != "household":
        raise _refusal(path, "programmes are received by households")
    if tree.get("is") not in STATUSES:
        raise _refusal(path, f"'is' must be one of {', '.join(STATUSES)}")
    return Status(str(tree["programme"]), tree["is"], _clause(tree, path))


_ATOM = {"fact", "op", "value", "parameter", "factor", "clause"}
_READERS: dict[str, Any] = {
    "all": (_junction, {"all"}),
    "any": (_junction, {"any"}),
    "not": (_not, {"not"}),
    "members": (_members, {"members", "rule"} | _ATOM),
    "programme": (_status, {"programme", "is", "clause"}),
    "fact": (_compare, _ATOM),
}


def _fact(tree: Mapping[str, Any], dictionary: Dictionary, subject: str, path: str) -> str:
    name = tree.get("fact")
    if not isinstance(name, str) or not dictionary.has(name, subject):
        raise _refusal(path, f"there is no fact {name!r} of a {subject}")
    return name


def _operator(tree: Mapping[str, Any], path: str) -> str:
    op = tree.get("op")
    if op not in OPERATORS:
        raise _refusal(path, f"op must be one of {' '.join(OPERATORS)}, not {op!r}")
    return str(op)


def _operand(tree: Mapping[str, Any], path: str) -> Operand:
    if ("value" in tree) == ("parameter" in tree):
        raise _refusal(path, "either a value or a parameter is needed")
    if "factor" in tree and "parameter" not in tree:
        raise _refusal(path, "a factor multiplies a parameter")
    for name in ("parameter", "factor"):
        if name in tree and not isinstance(tree[name], str):
            raise _refusal(path, f"{name} is the name of a parameter")
    return Operand(tree.get("value"), tree.get("parameter"), tree.get("factor"))


def _clause(tree: Mapping[str, Any], path: str) -> Text:
    clause = tree.get("clause")
    if not isinstance(clause, Mapping) or not clause.get("zh") or not clause.get("en"):
        raise _refusal(path, "a clause in both languages is needed: it is the reason that people read")
    return Text(str(clause["zh"]), str(clause["en"]), str(clause.get("basis", "")))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _refusal(path: str, problem: str) -> InvalidInput:
    return InvalidInput(
        "The rule cannot be used: at {path}, {problem}.", "Correct the rule there; nothing was published.",
        path=path, problem=problem,
    )  # fmt: skip
