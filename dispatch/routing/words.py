"""Rules, reasons and what was considered, in words in both languages. Pure but for names, which arrive looked up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.i18n import _, gettext

CONDITION_NAMES = {
    "classes": _("Class"),
    "areas": _("Area"),
    "ground": _("Zone or road section"),
    "conditions": _("Filing condition"),
    "asset_kinds": _("Kind of asset"),
    "owners": _("Owner of the asset"),
    "asset_units": _("Unit of the asset"),
    "sources": _("Source"),
    "priorities": _("Urgency"),
    "dates": _("Dates"),
    "weekdays": _("Weekdays"),
    "hours": _("Hours"),
    "day": _("Working calendar"),
    "weather": _("Weather"),
    "load_below": _("Load of the unit"),
    "on_shift": _("Unit on shift"),
}

TARGET_NAMES = {
    "unit": _("a fixed unit"),
    "asset_unit": _("the unit that maintains the asset"),
    "condition_unit": _("the unit that the filing condition names"),
}

AREA_LEVELS = {
    "city": _("city"),
    "district": _("district"),
    "subdistrict": _("sub-district"),
    "community": _("community"),
}

WEATHER = {
    "heavy_rain": _("heavy rain"),
    "flood": _("flood"),
    "typhoon": _("typhoon or gale"),
    "snow_ice": _("snow and ice"),
    "heat": _("great heat"),
    "haze": _("heavy haze"),
}
"""Weather flags that a city can put up."""

SOURCE_NAMES = {
    "inspector": _("inspector"),
    "hotline": _("hotline"),
    "citizen": _("citizen"),
    "camera": _("camera"),
    "sensor": _("sensor"),
    "other": _("other system"),
}
PRIORITY_NAMES = {"normal": _("normal"), "urgent": _("urgent"), "emergency": _("emergency")}
WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
DAYS = {"workday": _("working days"), "restday": _("days off and holidays")}


@dataclass(frozen=True)
class Names:
    """Names behind codes and ids, in the reader's language; what is missing is shown by its code."""

    classes: Mapping[str, str] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)
    conditions: Mapping[int, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)


def condition(name: str, wanted: Any, names: Names, locale: str) -> str:
    """One condition of a rule in words: what it must be."""
    say = gettext(locale)
    listed: dict[str, Callable[[Any], str]] = {
        "classes": lambda code: names.classes.get(code, code),
        "areas": lambda area: names.areas.get(area["code"], area["code"]),
        "conditions": lambda each: names.conditions.get(each, str(each)),
        "asset_kinds": lambda kind: names.kinds.get(kind, kind),
        "owners": str,
        "asset_units": lambda unit: names.units.get(unit, str(unit)),
        "sources": lambda each: say(SOURCE_NAMES.get(each, each)),
        "priorities": lambda each: say(PRIORITY_NAMES.get(each, each)),
        "weekdays": lambda each: say(WEEKDAYS[each - 1]),
        "weather": lambda each: say(WEATHER.get(each, each)),
    }
    if name in listed:
        return _joined([listed[name](each) for each in wanted], locale)
    if name == "ground":
        return ground(wanted, locale)
    if name == "dates":
        return say(_("{begin} to {end}")).format(begin=wanted.get("from") or "…", end=wanted.get("to") or "…")
    if name == "hours":
        return f"{wanted['from']}–{wanted['to']}"
    if name == "day":
        return say(DAYS[wanted])
    if name == "load_below":
        return say(_("fewer than {n} open orders")).format(n=wanted)
    return say(_("yes")) if wanted is True else say(_("no")) if wanted is False else str(wanted)


def ground(wanted: Mapping[str, Any], locale: str) -> str:
    """A zone by its name, a road section by its road and its ends."""
    say = gettext(locale)
    if wanted["kind"] == "zone":
        return say(_("zone {name}")).format(name=wanted.get("name") or "–")
    road = (locale == "en" and wanted.get("road_en")) or wanted.get("road", "")
    if wanted.get("from_no") is not None:
        sentence = _("{road}, house numbers {begin} to {end}")
        return say(sentence).format(road=road, begin=wanted["from_no"], end=wanted["to_no"])
    return say(_("{road}, {begin} m to {end} m")).format(road=road, begin=wanted["from_m"], end=wanted["to_m"])


def _joined(parts: Sequence[str], locale: str) -> str:
    most, sign = 4, "、" if locale == "zh" else ", "
    shown = sign.join(parts[:most])
    if len(parts) <= most:
        return shown
    return gettext(locale)(_("{shown} and {n} more")).format(shown=shown, n=len(parts) - most)


def why(entry: Mapping[str, Any], matches: Mapping[str, Any] | None, names: Names, locale: str) -> str:
    """Why a rule that was asked decided or did not. Decisions kept before sets of rules said it in another form."""
    say = gettext(locale)
    outcome, fact = str(entry["outcome"]), entry.get("fact")
    if outcome == "chosen":
        return say(_("decides"))
    if outcome == "also":
        return say(_("would fit as well, but comes later"))
    if outcome == "not" and fact in CONDITION_NAMES:
        name = say(CONDITION_NAMES[fact])
        if matches and fact in matches:
            return say(_("does not fit: {name} is not {wanted}")).format(
                name=name, wanted=condition(fact, matches[fact], names, locale)
            )
        return say(_("does not fit: {name}")).format(name=name)
    if outcome.startswith("not"):
        return say(_("does not fit: {name}")).format(name=outcome.removeprefix("not").strip() or fact or "")
    return say(_("fits, but no unit is named there"))
