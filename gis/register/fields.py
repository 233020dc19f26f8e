"""What of an asset a person may change, what each field is called, and how a value reads. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from config.errors import InvalidAsset, InvalidInput
from config.i18n import _, gettext
from config.kinds import kinds
from gis.register import checking, codes

STATUSES = {
    "intact": _("intact"),
    "damaged": _("damaged"),
    "lost": _("lost"),
    "disused": _("disused"),
    "removed": _("removed"),
}
"""完好, 破损, 丢失, 废弃, 移除."""

FIELDS = {
    "name": _("Asset name"),
    "name_en": _("English name"),
    "status": _("Condition"),
    "class_code": _("Component class"),
    "code": _("Component code"),
    "unit_id": _("Unit"),
    "authority": _("Authority"),
    "owner": _("Owner"),
    "maintainer": _("Maintainer"),
    "survey_date": _("Surveyed on"),
    "survey_source": _("Source of the survey"),
    "accuracy_class": _("Accuracy class"),
    "installed_on": _("Installed on"),
    "inspected_on": _("Inspected on"),
}
"""Plain fields of an asset, in the order in which they are shown."""

BY_INSPECTION = ("inspected_on",)
"""Fields that another door than the edit form fills."""

OTHERS = {
    "geom": _("Position"),
    "geometry": _("Position"),
    "attributes": _("Attributes"),
    "kind": _("Kind"),
    "raw_position": _("Position as it came"),
}

DATES = ("survey_date", "installed_on", "inspected_on")
NULLABLE = (*DATES, "class_code", "code", "unit_id", "accuracy_class")
LONGEST = 500


def title(kind: str, field: str, locale: str) -> str:
    """What a field is called: "status", or "attributes.power_w"."""
    plain = FIELDS | OTHERS
    if field in plain:
        return gettext(locale)(plain[field])
    known = kinds().get(kind)
    attribute = known.attribute(field.removeprefix("attributes.")) if known else None
    return attribute.title(locale) if attribute else field.removeprefix("attributes.")


def kind_title(code: str, locale: str) -> str:
    """What a kind is called; one that only a source knows says itself."""
    known = kinds().get(code)
    return known.title(locale) if known else code.replace("_", " ")


def shown(kind: str, field: str, value: Any, locale: str) -> str:
    """How a value reads, with its unit."""
    if value is None or value == "":
        return "–"
    if field == "status":
        return gettext(locale)(STATUSES.get(value, value))
    if isinstance(value, bool):
        return gettext(locale)(_("yes") if value else _("no"))
    if isinstance(value, list):
        return f"{len(value)} ×" if value and isinstance(value[0], dict) else ", ".join(map(str, value))
    if isinstance(value, dict):
        return "…"
    known = kinds().get(kind)
    attribute = (
        known.attribute(field.removeprefix("attributes.")) if known and field.startswith("attributes.") else None
    )
    if attribute is None:
        return str(value)
    said = attribute.choice_title(value, locale)
    return f"{said} {attribute.unit_text}".strip()


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Field, old value, new value; attributes one by one."""
    for field in (*FIELDS, *OTHERS):
        if field not in before and field not in after:
            continue
        old, new = before.get(field), after.get(field)
        if field == "attributes":
            yield from _attributes(old or {}, new or {})
        elif old != new:
            yield field, old, new


def _attributes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"attributes.{name}", old.get(name), new.get(name)


def check(
    kind: str,
    changes: Mapping[str, Any],
    attributes: Mapping[str, Any],
    named: set[str],
    locale: str,
    found: Mapping[str, str] | None = None,
) -> None:
    """See that every changed field can be kept. `attributes` are all that the asset will have, `named` those that were changed or new,
    `found` what is known to be wrong already, so that everything is told at once.

    Raises InvalidAsset with one sentence for each field, in `locale`.
    """
    translate = gettext(locale)
    wrong = dict(found or {}) | {
        name: translate(words) for name, value in changes.items() if (words := _plain_fault(name, value))
    }
    if (code := changes.get("code")) and "code" not in wrong:
        wrong |= _said("code", lambda: codes.check(str(code), changes.get("class_code")), translate)
    known = kinds().get(kind)
    for name in sorted(named):
        if known is not None and known.attribute(name) is None and name in attributes:
            wrong[f"attributes.{name}"] = translate(_("is no attribute of this kind"))
    for fault in checking.faults(kind, attributes):
        if fault.attribute in named:
            wrong[f"attributes.{fault.attribute}"] = fault.said(kind, locale)
    if wrong:
        raise unfit(kind, wrong, locale)


def unfit(kind: str, wrong: Mapping[str, str], locale: str, **facts: Any) -> InvalidAsset:
    """The error that names each field with what is wrong, in `locale`."""
    titles = [words if name == "why" else f"{title(kind, name, locale)} {words}" for name, words in wrong.items()]
    return InvalidAsset(
        "These values cannot be kept: {named}.",
        named="; ".join(each.rstrip(".。") for each in titles),
        fields=dict(wrong),
        **facts,
    )


def _plain_fault(name: str, value: Any) -> str | None:
    """Why a plain field cannot have this value."""
    if name not in FIELDS or name in BY_INSPECTION:
        return _("cannot be changed here")
    if value is None:
        return None if name in NULLABLE else _("must not be empty")
    if name == "unit_id":
        return None if isinstance(value, int) and 0 < value < 2**63 else _("must be a unit of the list")
    if not isinstance(value, str) or len(value) > LONGEST or "\0" in value:
        return _("must be a text of at most 500 characters")
    if name == "status" and value not in STATUSES:
        return _("must be one of the list")
    if name == "accuracy_class" and value not in ("A", "B", "C"):
        return _("must be A, B or C")
    return _date_fault(value) if name in DATES else None


def _date_fault(value: str) -> str | None:
    try:
        date.fromisoformat(value)
    except ValueError:
        return _("must be a date such as 2026-03-31")
    return None


def _said(name: str, attempt: Callable[[], object], translate: Callable[[str], str]) -> dict[str, str]:
    try:
        attempt()
    except InvalidInput as error:
        return {name: error.said(translate)[0]}
    return {}
