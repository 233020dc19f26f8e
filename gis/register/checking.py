"""Whether an asset's attributes fit its kind (config/kinds.toml), said field by field in the reader's language. Pure.

Files say more than we know: attributes that a kind does not name, and kinds that we do not know, are kept as they come. What is known must
be of its type and within its range.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs
import msgspec

from config.i18n import _, gettext
from config.kinds import Attribute, kinds

WORDS = {
    "type": _("must be {wanted}"),
    "minimum": _("must be at least {limit} {unit}"),
    "maximum": _("must be at most {limit} {unit}"),
    "enum": _("must be one of: {choices}"),
    "maxLength": _("must have at most {limit} characters"),
    "format": _("must be a date such as 2026-03-31"),
}
"""What each rule of a schema asks, in words."""

TYPE_WORDS = {
    "text": _("a text"),
    "number": _("a number"),
    "integer": _("a whole number"),
    "flag": _("yes or no"),
    "date": _("a date such as 2026-03-31"),
    "list": _("a list"),
    "object": _("a table of values"),
}

OTHERWISE = _("cannot be used")


@dataclass(frozen=True)
class Fault:
    """One attribute that does not fit: which rule it breaks."""

    attribute: str
    rule: str
    value: Any

    def said(self, kind: str, locale: str) -> str:
        """What is asked of it, in `locale`."""
        known = kinds().kinds[kind].attribute(self.attribute)
        translate = gettext(locale)
        if known is None or self.rule not in WORDS:
            return translate(OTHERWISE)
        return translate(WORDS[self.rule]).format(**_facts(known, self.rule, locale)).strip()


def faults(kind: str, attributes: Mapping[str, Any]) -> list[Fault]:
    """What does not fit, one fault an attribute; nothing for a kind that we do not know."""
    judge = _judge(kind)
    if judge is None or judge.is_valid(attributes):
        return []
    found: dict[str, Fault] = {}
    for error in judge.iter_errors(attributes):
        name = str(error.instance_path[0]) if error.instance_path else ""
        rule = str(error.schema_path[-1])
        found.setdefault(name, Fault(name, rule, attributes.get(name)))
    return list(found.values())


def check(kind: str, text: str, locale: str = "en") -> str | None:
    """Why a row of a source, its attributes as JSON text, cannot be taken, in `locale`; None when it can. Lists of rejects are English."""
    judge = _judge(kind)
    if judge is None:
        return None
    try:
        attributes = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        return f"the attributes are no JSON: {error}"
    if judge.is_valid(attributes):
        return None
    if not isinstance(attributes, dict):
        return "the attributes are no JSON object"
    return "; ".join(
        f"{_called(kind, each.attribute, locale)} = {each.value!r} {each.said(kind, locale)}"
        for each in faults(kind, attributes)
    )


def _called(kind: str, attribute: str, locale: str) -> str:
    """An attribute's name: its code in English lists, its title for other readers."""
    known = kinds().kinds[kind].attribute(attribute)
    return attribute if locale == "en" or known is None else known.title(locale)


@lru_cache
def _judge(kind: str) -> jsonschema_rs.Validator | None:
    known = kinds().get(kind)
    return None if known is None else jsonschema_rs.validator_for(known.schema(), validate_formats=True)


def _facts(known: Attribute, rule: str, locale: str) -> dict[str, str]:
    separator = "、" if locale == "zh" else ", "
    limits = {"minimum": known.min, "maximum": known.max, "maxLength": 2000}
    limit = limits.get(rule)
    wanted = (gettext(locale)(TYPE_WORDS[each]) for each in known.types)
    return {
        "wanted": (" / ").join(wanted),
        "limit": "" if limit is None else f"{limit:g}",
        "unit": known.unit_text,
        "choices": separator.join(zh if locale == "zh" else en for _code, zh, en in known.choices),
    }
