"""What an alarm says, in the language of whoever reads it. Pure: the facts of its event come in, a sentence goes out.

The report of an alarm keeps those facts (`dispatch.report.raw`), so that the same case reads in Chinese for one person and in
English for another. Names of rules are data of the city and come in both languages; the words around them are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.i18n import _, gettext

Facts = Mapping[str, Any]
"""The payload of `alarm.raised` (ingest/alarms.py)."""

METRICS = {
    "powerConsumption": _("power"),
    "illuminanceLevel": _("dimming level"),
    "flowRate": _("flow"),
    "pressure": _("pressure"),
    "fluidLevel": _("level"),
    "fillingLevel": _("filling"),
    "speed": _("speed"),
    "bearing": _("heading"),
    "voltage": _("mains voltage"),
    "current": _("current"),
    "circuitBreakerTripped": _("breakers tripped"),
    "precipitation": _("rain"),
    "occupancyPercentage": _("places taken"),
}
"""Names of what devices measure (config/profiles.toml); a metric without one is called by its code."""

SWITCHES = {
    "doorOpen": (_("the door is shut"), _("the door stands open")),
    "powerState": (_("it is switched off"), _("it is switched on")),
}
"""What only is or is not, in words: "1, limit 0.5" tells nobody anything."""

COUNTED = ("circuitBreakerTripped",)
"""What is counted: one is too many, so that the limit of 0.5 is left unsaid."""

UNITS = {"m3/h": "m³/h", "deg": "°", "1": ""}
"""UCUM codes that people write differently."""


def title(facts: Facts, locale: str) -> str:
    """The name of the rule: what is wrong, in a few words."""
    english = facts.get("rule_name_en") if locale == "en" else ""
    return str(english or facts.get("rule_name") or facts["rule"])


def describe(facts: Facts, locale: str) -> str:
    """What was measured against which limit, and by which device.

    Raises KeyError, TypeError or ValueError for facts that are no alarm's: such an event is for people to look at.
    """
    say = gettext(locale)
    measured = say(_sentence(facts)).format(
        metric=say(METRICS.get(str(facts["metric"]), str(facts["metric"]))),
        value=_quantity(facts["value"], facts.get("unit", "")),
        limit=_quantity(facts["threshold"], facts.get("unit", "")),
        members=facts.get("members", 0),
        minutes=f"{float(facts['value']) / 60:.0f}",
        share=f"{100 * float(facts['value']):.0f}",
    )
    return say(_("{name}: {measured}. Device: {device}")).format(
        name=title(facts, locale), measured=measured, device=facts["device_id"]
    )


def _sentence(facts: Facts) -> str:
    kind, metric = _kind(facts), str(facts["metric"])
    if kind == "threshold" and metric in SWITCHES:
        return SWITCHES[metric][float(facts["value"]) > 0.5]
    return _SENTENCES["counted" if kind == "threshold" and metric in COUNTED else kind]


_SENTENCES = {
    "threshold": _("{metric} {value}, limit {limit}"),
    "counted": _("{metric}: {value}"),
    "usual": _("{metric} {value} above the usual, limit {limit}"),
    "silence": _("no message for {minutes} min"),
    "group": _("{members} devices"),
    "headway": _("a gap of {share} % of the timetable's"),
}


def _kind(facts: Facts) -> str:
    """What kind of sentence fits; events from before kinds were told are about values or many devices."""
    if facts.get("over") == "usual":
        return "usual"
    return str(facts.get("kind") or ("group" if facts.get("members") else "threshold"))


def _quantity(value: float, unit: str) -> str:
    written = f"{round(float(value), 2):g}"
    shown = UNITS.get(unit, unit)
    return f"{written} {shown}".strip()
