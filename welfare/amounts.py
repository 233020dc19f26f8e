"""How much a household would get, as data beside the rule (W11, W12). Pure; yuan, rounded to the cent.

Three forms: `shortfall` (standard × members − income, with additions per member), `per_member` (a parameter for each
member who meets a rule), `share` (a ratio of a fact, up to a cap).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import InvalidInput
from welfare.eligibility import Setting, evaluate, parameter
from welfare.facts import Dictionary, View
from welfare.rules import Rule, parse


@dataclass(frozen=True)
class Addition:
    """For each member who meets `rule`, this share (a parameter) of the standard on top (分类施保)."""

    rule: Rule
    share: str


@dataclass(frozen=True)
class Amount:
    """A checked amount rule. `every` is month or once."""

    form: str
    every: str
    names: Mapping[str, str]
    rule: Rule | None = None
    additions: tuple[Addition, ...] = ()

    @property
    def parameters(self) -> set[str]:
        """Names of the parameters it needs."""
        return {name for key, name in self.names.items() if key != "fact"} | {each.share for each in self.additions}


_NAMES = {"shortfall": {"standard"}, "per_member": {"parameter"}, "share": {"fact", "ratio", "cap"}}


def parse_amount(tree: Any, dictionary: Dictionary) -> Amount:
    """Read an amount rule. Raises InvalidInput for what is unknown or missing."""
    if not isinstance(tree, Mapping) or tree.get("form") not in _NAMES or tree.get("every") not in ("month", "once"):
        raise InvalidInput("An amount needs a form ({forms}) and every = month or once.", forms=", ".join(_NAMES))
    form = str(tree["form"])
    optional = {"shortfall": {"additions"}, "per_member": {"rule"}, "share": set()}[form]
    wrong = sorted((tree.keys() - {"form", "every"} - _NAMES[form] - optional) | (_NAMES[form] - tree.keys()))
    if wrong:
        raise InvalidInput("The amount cannot be used: '{name}' is missing or not understood.", name=wrong[0])
    if "fact" in tree and not (dictionary.has(tree["fact"], "household") and dictionary.is_number(tree["fact"])):
        raise InvalidInput("The amount cannot be used: '{name}' is missing or not understood.", name=tree["fact"])
    additions = tuple(
        Addition(parse(each["rule"], dictionary, "person", f"amount.additions[{n}]"), str(each["share"]))
        for n, each in enumerate(tree.get("additions", []))
    )
    rule = parse(tree["rule"], dictionary, "person", "amount.rule") if "rule" in tree else None
    return Amount(form, tree["every"], {name: str(tree[name]) for name in _NAMES[form]}, rule, additions)


def amount(rule: Amount, setting: Setting) -> float | None:
    """Yuan a month or once; None where a fact it needs is missing.

    What is not known of single members adds nothing: the amount is then the least that is due.
    """
    if rule.form == "shortfall":
        return _shortfall(rule, setting)
    if rule.form == "per_member":
        each, missing = parameter(rule.names["parameter"], setting)
        return None if missing else round(float(each * _meeting(rule.rule, setting)), 2)
    spent = setting.view.facts.get(rule.names["fact"])
    ratio, cap = (parameter(rule.names[name], setting)[0] for name in ("ratio", "cap"))
    return None if spent is None or ratio is None or cap is None else round(float(min(spent * ratio, cap)), 2)


def _shortfall(rule: Amount, setting: Setting) -> float | None:
    standard, missing = parameter(rule.names["standard"], setting)
    income, size = setting.view.facts.get("income_month"), setting.view.facts.get("household_size")
    if missing or income is None or not size:
        return None
    total = max(0.0, standard * size - income)
    for addition in rule.additions:
        share, _ = parameter(addition.share, setting)
        total += standard * share * _meeting(addition.rule, setting)
    return round(float(total), 2)


def _meeting(rule: Rule | None, setting: Setting) -> int:
    """How many members are known to meet a rule; all where there is none."""
    if rule is None:
        return len(setting.view.members)
    return sum(evaluate(rule, _alone(setting, member.facts)).result is True for member in setting.view.members)


def _alone(setting: Setting, facts: Mapping[str, Any]) -> Setting:
    return Setting(View(facts), setting.parameters, setting.results)
