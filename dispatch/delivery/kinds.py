"""Kinds of notice, channels and modes: what they are called, what they say, which are urgent. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from config.i18n import _


@dataclass(frozen=True)
class Kind:
    """A kind of notice. `says` is its sentence, with {places}; `urgent` ones break quiet hours unless the city says otherwise."""

    name: str
    says: str
    urgent: bool = False
    leaving: bool = False
    """True where it tells that a case is no longer one's own: it may be read without the right to open the case."""


KINDS: dict[str, Kind] = {
    "turn": Kind(_("Your turn"), _("Case {number} is yours to work on, {stage}: {what}")),
    "due_soon": Kind(_("Due soon"), _("Case {number} runs out at {due}, {stage}: {what}")),
    "overdue": Kind(_("Has run out"), _("Case {number} ran out at {due}, {stage}: {what}")),
    "escalated": Kind(_("Escalation"), _("{rung}: case {number} is due at {due}, {stage}: {what}"), urgent=True),
    "urged": Kind(_("Urging"), _("Case {number} is urged, {stage}: {what}")),
    "pressed": Kind(_("Pressed by a leader"), _("A leader presses case {number}, {stage}: {what}"), urgent=True),
    "instructed": Kind(
        _("Instruction of a leader"), _("A leader gives an instruction on case {number}: {what}"), urgent=True
    ),
    "asked": Kind(_("Request to decide"), _("Decide on a request about case {number} ({move}): {what}")),
    "answered": Kind(_("Request decided"), _("A request about case {number} was decided ({move}): {what}")),
    "handed_back": Kind(_("Handed back"), _("The handler gives case {number} back to the unit: {what}")),
    "assist": Kind(_("Assist"), _("Your unit is asked to assist on case {number}: {what}")),
    "assist_revoked": Kind(
        _("Assistance revoked"), _("Your unit need not assist on case {number} any more."), leaving=True
    ),
    "assist_returned": Kind(_("Assistance returned"), _("A unit gives back its part of case {number}: {what}")),
    "assist_done": Kind(_("Assistance done"), _("An assisting unit has done its part of case {number}: {what}")),
    "unrouted": Kind(_("No routing rule fits"), _("No routing rule fits case {number}: {what}"), urgent=True),
    "report_merged": Kind(
        _("Report merged"), _("What you reported as case {number} was merged into another case: {what}")
    ),
    "report_split": Kind(
        _("Report split off"), _("What you reported as case {number} is a case of its own again: {what}")
    ),
    "report_ended": Kind(_("Reported case ended"), _("Case {number}, which you reported, is {state}: {what}")),
}

PLACES: dict[str, str] = {
    "number": _("number of the case"),
    "what": _("title and place of the case"),
    "title": _("title of the case"),
    "place": _("address of the case"),
    "stage": _("stage of its clock"),
    "state": _("state of the case"),
    "unit": _("responsible unit"),
    "due": _("when the stage runs out"),
    "move": _("the move that was made"),
    "rung": _("rung of the ladder of escalation"),
}
"""What a template may name, with what stands there."""

CHANNELS = ("mail", "sms", "wecom", "dingtalk", "feishu", "webhook")

OWN = ("mail", "sms")
"""Channels that go to each person's own address; the others go to whoever reads there."""

MODES = ("at_once", "hourly", "daily", "never")

PER_MINUTE = {"mail": 120, "sms": 120, "wecom": 18, "dingtalk": 18, "feishu": 60, "webhook": 1200}
"""Messages a minute unless told otherwise; robots of WeCom and DingTalk refuse more than 20."""

CHANNEL_NAMES: dict[str, str] = {
    "mail": _("E-mail"),
    "sms": _("SMS"),
    "wecom": _("WeCom robot"),
    "dingtalk": _("DingTalk robot"),
    "feishu": _("Feishu robot"),
    "webhook": _("Webhook"),
}

MODE_NAMES: dict[str, str] = {
    "at_once": _("at once"),
    "hourly": _("each hour"),
    "daily": _("once a day"),
    "never": _("off"),
}
