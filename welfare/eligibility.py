"""Whether a household qualifies, clause by clause, in three values: yes, no, and not known. Pure (W3, W11).

A missing fact never decides. `all` fails as soon as one part fails, whatever else is missing; `any` holds as soon as one
part holds; in between the outcome is undetermined and names the facts that would decide it. Every atom keeps what was
found, what was required, and the gap between them, so that a refusal can cite its figures.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.errors import ConfigurationError
from welfare.facts import View
from welfare.rules import Compare, Junction, Members, Not, Operand, Rule, Status, Text

Parameters = Mapping[str, Any]
"""Values in force on one day: a number, or {"by": fact, "values": {…}} where it depends on a choice of the household."""

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
    "in": lambda value, wanted: value in wanted,
}


@dataclass(frozen=True)
class Finding:
    """One node of the trace. `result` is True, False or None (not known); `missing` are the facts that would decide it.

    Atoms carry a clause with what was found and required; `gap` is how far a number is from meeting it (0 when it does).
    """

    kind: str
    result: bool | None
    missing: frozenset[str] = frozenset()
    clause: Text | None = None
    fact: str = ""
    op: str = ""
    actual: Any = None
    required: Any = None
    gap: float | None = None
    parts: tuple[Finding, ...] = field(default=())

    def atoms(self) -> list[Finding]:
        """The clauses, in the order of the rule."""
        return [self] if self.clause else [atom for part in self.parts for atom in part.atoms()]


@dataclass(frozen=True)
class Setting:
    """What a rule is evaluated against: a household, the parameters of the day, and the results of programmes before it."""

    view: View
    parameters: Parameters
    results: Mapping[str, bool | None] = field(default_factory=dict)


def evaluate(rule: Rule, setting: Setting) -> Finding:
    """Evaluate a rule for a household."""
    return _evaluate(rule, setting, setting.view.facts)


def decisive(finding: Finding) -> list[Finding]:
    """The clauses because of which a finding is what it is: those that failed, or that held, or that are not known."""
    if finding.clause:
        return [finding]
    if finding.kind == "not":
        return decisive(finding.parts[0])
    return [atom for part in finding.parts if part.result is finding.result for atom in decisive(part)]


def _evaluate(rule: Rule, setting: Setting, facts: Mapping[str, Any]) -> Finding:
    if isinstance(rule, Junction):
        return _junction(rule.how, [_evaluate(part, setting, facts) for part in rule.parts])
    if isinstance(rule, Not):
        part = _evaluate(rule.part, setting, facts)
        return Finding("not", None if part.result is None else not part.result, part.missing, parts=(part,))
    if isinstance(rule, Status):
        return _status(rule, setting)
    if isinstance(rule, Members):
        return _members(rule, setting)
    return _compare(rule, setting, facts)


def _junction(how: str, parts: list[Finding], clause: Text | None = None) -> Finding:
    """Kleene's `all` and `any`."""
    stops = how == "any"
    results = [part.result for part in parts]
    if stops in results:
        return Finding(how, stops, clause=clause, parts=tuple(parts))
    if None in results:
        missing = frozenset[str]().union(*(part.missing for part in parts if part.result is None))
        return Finding(how, None, missing, clause, parts=tuple(parts))
    return Finding(how, not stops, clause=clause, parts=tuple(parts))


def _compare(rule: Compare, setting: Setting, facts: Mapping[str, Any]) -> Finding:
    required, lacking = _required(rule.operand, setting)
    actual = facts.get(rule.fact)
    missing = lacking | (frozenset({rule.fact}) if actual is None else frozenset())
    result = None if missing else COMPARISONS[rule.op](actual, required)
    return Finding(
        "fact",
        result,
        missing,
        rule.clause,
        rule.fact,
        rule.op,
        actual,
        required,
        _gap(rule.op, actual, required, result),
    )


def _members(rule: Members, setting: Setting) -> Finding:
    if rule.how == "sum":
        return _sum(rule, setting)
    assert rule.rule is not None
    each = [_evaluate(rule.rule, setting, member.facts) for member in setting.view.members]
    if rule.how in ("any", "all"):
        found = _junction(rule.how, each)
        holding = sum(part.result is True for part in each)
        return Finding(
            "members",
            found.result,
            found.missing,
            rule.clause,
            rule.how,
            actual=holding,
            required=len(each),
            parts=found.parts,
        )
    certain, open_ = (sum(part.result is wanted for part in each) for wanted in (True, None))
    missing = frozenset[str]().union(*(part.missing for part in each if part.result is None))
    return _counted(rule, setting, certain, certain + open_, missing, tuple(each))


def _sum(rule: Members, setting: Setting) -> Finding:
    assert rule.fact is not None
    values = [member.facts.get(rule.fact) for member in setting.view.members]
    known = sum(value for value in values if value is not None)
    if None in values:
        return Finding("members", None, frozenset({rule.fact}), rule.clause, rule.fact, rule.op)
    return _counted(rule, setting, known, known, frozenset(), ())


def _counted(
    rule: Members, setting: Setting, least: float, most: float, missing: frozenset[str], parts: tuple[Finding, ...]
) -> Finding:
    """A number between `least` and `most` against the operand: known where every number between gives the same answer."""
    assert rule.operand is not None
    required, lacking = _required(rule.operand, setting)
    if lacking:
        return Finding("members", None, lacking, rule.clause, rule.fact or rule.how, rule.op, least, parts=parts)
    possible = {COMPARISONS[rule.op](number, required) for number in _between(least, most)}
    result = possible.pop() if len(possible) == 1 else None
    gap = _gap(rule.op, least, required, result)
    return Finding(
        "members", result, missing if result is None else frozenset(), rule.clause, rule.fact or rule.how, rule.op,
        least, required, gap, parts,
    )  # fmt: skip


def _between(least: float, most: float) -> list[float]:
    return [least] if least == most else [float(number) for number in range(int(least), int(most) + 1)]


def _status(rule: Status, setting: Setting) -> Finding:
    receiving = rule.programme in setting.view.receiving
    if rule.status == "receiving" or receiving:
        return Finding("programme", receiving, frozenset(), rule.clause, rule.programme, rule.status)
    result = setting.results.get(rule.programme)
    missing = frozenset({f"programme:{rule.programme}"}) if result is None else frozenset()
    return Finding("programme", result, missing, rule.clause, rule.programme, rule.status)


def _required(operand: Operand, setting: Setting) -> tuple[Any, frozenset[str]]:
    """The number or value to compare with; the facts that are missing to know it."""
    if operand.parameter is None:
        return operand.value, frozenset()
    value, missing = parameter(operand.parameter, setting)
    if operand.factor and value is not None:
        factor, more = parameter(operand.factor, setting)
        value, missing = (None if factor is None else round(value * factor, 2)), missing | more
    return value, missing


def parameter(name: str, setting: Setting) -> tuple[Any, frozenset[str]]:
    """A parameter's value for this household. Raises ConfigurationError where none is in force that day."""
    if name not in setting.parameters:
        raise ConfigurationError(
            "There is no value of parameter '{parameter}' on this day.",
            "Enter it with its date and basis.",
            parameter=name,
        )
    value = setting.parameters[name]
    if not isinstance(value, Mapping):
        return value, frozenset()
    choice = setting.view.facts.get(value["by"])
    if choice is None:
        return None, frozenset({value["by"]})
    return value["values"][choice], frozenset()


def _gap(op: str, actual: Any, required: Any, result: bool | None) -> float | None:
    """How far a number is from meeting an ordered comparison; None where that has no meaning."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (actual, required))
    if op not in ("<", "<=", ">", ">=") or not numbers or result is None:
        return None
    return 0.0 if result else round(abs(actual - required), 2)
