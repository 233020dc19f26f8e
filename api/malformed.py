"""What is wrong with a value that cannot be used: which field, what was expected, what came, in the reader's language. Pure.

The checking of requests (pydantic) speaks English and of types; people are told what to write instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config.errors import InvalidInput
from config.i18n import _

NOT_GIVEN = _("it is missing")
NOT_KNOWN = _("nothing of this name is asked for here")

EXPECTED = {
    "bool": _("yes or no was expected (true or false)"),
    "date": _("a date was expected, such as 2026-03-31"),
    "datetime": _("a moment was expected, such as 2026-03-31T08:00:00+08:00"),
    "dict": _("an object with named values was expected"),
    "float": _("a number was expected"),
    "int": _("a whole number was expected"),
    "list": _("a list was expected"),
    "model": _("an object with named values was expected"),
    "string": _("a text was expected"),
    "timezone": _("a moment with its time zone was expected, such as 2026-03-31T08:00:00+08:00"),
}
"""What was expected, by the family of pydantic's error: the part before the first underscore."""

LIMITS = {
    "greater_than": _("it must be more than {gt}"),
    "greater_than_equal": _("it must be at least {ge}"),
    "less_than": _("it must be less than {lt}"),
    "less_than_equal": _("it must be at most {le}"),
    "finite_number": _("a finite number was expected"),
    "int_parsing_size": _("the number is too large"),
    "int_from_float": _("a whole number was expected"),
    "too_short": _("it must have at least {min_length} entries"),
    "too_long": _("it must have at most {max_length} entries"),
    "string_too_short": _("it must have at least {min_length} characters"),
    "string_too_long": _("it must have at most {max_length} characters"),
    "string_pattern_mismatch": _("it is not written in the form that is expected: {pattern}"),
    "string_unicode": _("it contains a character that cannot be kept"),
    "literal_error": _("one of these was expected: {expected}"),
    "enum": _("one of these was expected: {expected}"),
    "json_invalid": _("the request is no JSON that can be read"),
}
"""What a value must keep to, by pydantic's error; the names in braces are its facts."""

OTHERWISE = _("it does not have the form that is expected")

SECRET = frozenset({"password", "token", "id_number"})
"""Fields whose value is not said again in an answer."""

LONGEST = 60
"""Characters of a value that are repeated to its sender."""


def unusable(found: Sequence[Mapping[str, Any]], translate: Callable[[str], str]) -> InvalidInput:
    """What to answer to pydantic's errors: the first as a sentence, all by field in `facts["fields"]`."""
    fields: dict[str, str] = {}
    for error in found:
        fields.setdefault(field_of(error), said(error, translate))
    first = found[0]
    field, came = field_of(first), shown(first)
    facts: dict[str, Any] = {"field": field, "reason": fields[field], "fields": fields}
    if first["type"] == "missing":
        return InvalidInput("The value of '{field}' is missing.", "Fill it in and send it again.", **facts)
    if not came:
        return InvalidInput("The value of '{field}' cannot be used: {reason}.", **facts)
    return InvalidInput("The value of '{field}' cannot be used: {reason}; what came was {came}.", came=came, **facts)


def field_of(error: Mapping[str, Any]) -> str:
    """The field's name in the interface, parts of a field joined by a full stop."""
    return ".".join(str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")) or "?"


def said(error: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    """What one value must be, without the full stop."""
    kind = str(error["type"])
    if kind in ("missing", "extra_forbidden"):
        return translate(NOT_GIVEN if kind == "missing" else NOT_KNOWN)
    template = LIMITS.get(kind) or EXPECTED.get(kind.partition("_")[0], OTHERWISE)
    return translate(template).format(**(error.get("ctx") or {}))


def shown(error: Mapping[str, Any]) -> str:
    """What came, as it was written, shortened; empty where it says nothing or is nobody's business."""
    came = error.get("input")
    if error["type"] in ("json_invalid", "extra_forbidden", "string_unicode") or isinstance(came, bytes):
        return ""
    if any(part in SECRET for part in error["loc"]) or not isinstance(came, str | int | float | None):
        return ""
    words = json.dumps(came, ensure_ascii=False, default=str)
    words = words.encode(errors="replace").decode()
    return words if len(words) <= LONGEST else words[:LONGEST] + "…"
