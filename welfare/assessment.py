"""All programmes for one household (资格比对): outcomes with reasons, those first that others build on. Pure (W3, W7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from config.errors import InvalidInput
from welfare.amounts import Amount, amount
from welfare.eligibility import Finding, Parameters, Setting, evaluate
from welfare.facts import View
from welfare.rules import Rule, programmes_of

OUTCOMES: dict[str, tuple[str, str]] = {
    "eligible": ("符合条件", "Eligible"),
    "undetermined": ("待补充", "Not yet known"),
    "not_eligible": ("不符合条件", "Not eligible"),
    "receiving": ("已享受", "Receiving"),
    "blocked": ("与已享受项目互斥", "Excluded by what is received"),
}


@dataclass(frozen=True)
class Version:
    """One version of a programme's rule as it is in force."""

    id: int
    code: str
    rule: Rule
    amount: Amount


@dataclass(frozen=True)
class Assessment:
    """What one programme means for one household on one day.

    `qualifies` is the rule's answer whatever is received: a household that receives without qualifying any more is to be
    reviewed (应退尽退). `blocked_by` is the received programme that excludes this one.
    """

    programme: str
    version_id: int
    outcome: str
    qualifies: bool | None
    finding: Finding
    amount: float | None
    every: str
    blocked_by: str | None = None


def assess(
    versions: Iterable[Version], view: View, parameters: Parameters, exclusions: Iterable[tuple[str, str]] = ()
) -> dict[str, Assessment]:
    """Programme code → assessment. `exclusions` are pairs of programmes of which a household has at most one."""
    results: dict[str, bool | None] = {}
    found: dict[str, Assessment] = {}
    against = _both_ways(exclusions)
    for version in in_order(versions):
        setting = Setting(view, parameters, results)
        finding = evaluate(version.rule, setting)
        results[version.code] = finding.result
        blocked_by = next((code for code in sorted(against.get(version.code, ())) if code in view.receiving), None)
        outcome = _outcome(version.code in view.receiving, blocked_by, finding.result)
        due = amount(version.amount, setting) if finding.result is not False else None
        found[version.code] = Assessment(
            version.code, version.id, outcome, finding.result, finding, due, version.amount.every, blocked_by
        )
    return found


def in_order(versions: Iterable[Version]) -> list[Version]:
    """Those first that others ask about. Raises InvalidInput where programmes ask about one another in a circle."""
    by_code = {version.code: version for version in versions}
    asked = {code: programmes_of(version.rule) & by_code.keys() for code, version in sorted(by_code.items())}
    try:
        return [by_code[code] for code in TopologicalSorter(asked).static_order()]
    except CycleError as error:
        raise InvalidInput(
            "Programmes depend on one another in a circle: {circle}.", "Let one of them stand on its own.",
            circle=" → ".join(error.args[1]),
        ) from error  # fmt: skip


def _outcome(receiving: bool, blocked_by: str | None, result: bool | None) -> str:
    if receiving:
        return "receiving"
    if result is False:
        return "not_eligible"
    if blocked_by:
        return "blocked"
    return "eligible" if result else "undetermined"


def _both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    against: dict[str, set[str]] = {}
    for one, other in pairs:
        against.setdefault(one, set()).add(other)
        against.setdefault(other, set()).add(one)
    return against


def trace(finding: Finding) -> dict[str, Any]:
    """A finding as it is kept with a decision and sent to pages: plain values only."""
    node: dict[str, Any] = {"kind": finding.kind, "result": finding.result}
    if finding.missing:
        node["missing"] = sorted(finding.missing)
    if finding.clause:
        node |= {"zh": finding.clause.zh, "en": finding.clause.en, "basis": finding.clause.basis, "fact": finding.fact,
                 "op": finding.op, "actual": finding.actual, "required": finding.required, "gap": finding.gap}  # fmt: skip
    if finding.parts:
        node["parts"] = [trace(part) for part in finding.parts]
    return node


def reasons(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """From a kept trace, the clauses because of which it came out so; each with its figures."""
    if "zh" in tree:
        return [{name: value for name, value in tree.items() if name != "parts"}]
    parts: Sequence[Mapping[str, Any]] = tree.get("parts", ())
    chosen = parts if tree["kind"] == "not" else [part for part in parts if part["result"] is tree["result"]]
    return [reason for part in chosen for reason in reasons(part)]
