"""The two sheets of an application: the public notice (公示) and the written decision, in the reader's language (W2).

A notice shows what neighbours need in order to object, and no more: no ID number, no illness, no minors, the name masked.
The decision is addressed to the applicant and cites every clause with its figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.i18n import _, gettext
from welfare.facts import dictionary

SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "=": "=", "!=": "≠"}


OBJECTION = _(
    "You may object within sixty days at the authority that decided; the facts are then checked again."
    " When things change, you may apply again at any time."
)


@dataclass(frozen=True)
class Reason:
    """One clause with its figures."""

    text: str
    figures: str
    basis: str


@dataclass(frozen=True)
class Document:
    """What the template prints."""

    title: str
    number: str
    paragraphs: list[str]
    office: str
    date: str
    table: list[tuple[str, str]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    closing: list[str] = field(default_factory=list)


def notice(application: Mapping[str, Any], size: int, locale: str, zone: ZoneInfo) -> Document:
    """The sheet that hangs at the community. `application` is what welfare/listing.py returns, `size` the household's members."""
    say = gettext(locale)
    posted = next(row for row in reversed(application["history"]) if row["move"] in ("post_notice", "recheck"))
    return Document(
        title=say(_("Notice of aid under review")),
        number=application["number"],
        paragraphs=[
            say(
                _(
                    "After application and investigation, the following household is proposed for {programme}. It is made public here."
                )
            ).format(programme=application["programme_name"])
        ],
        table=[
            (say(_("Applicant")), application["applicant"]),
            (say(_("Community")), application["community"]),
            (say(_("Members")), str(size)),
            (say(_("Programme")), application["programme_name"]),
            (say(_("Proposed amount")), _money(application["amount"], say)),
            (say(_("Public until")), day(application["notice_until"], zone, locale)),
        ],
        closing=[
            say(
                _(
                    "Whoever knows of facts that speak against it may tell the sub-district until then, in person or by telephone 12319."
                )
            )
        ],
        office=application["subdistrict"] or application["community"],
        date=day(posted["occurred_at"], zone, locale),
    )


def decision(application: Mapping[str, Any], name: str, locale: str, zone: ZoneInfo) -> Document:
    """The letter to the applicant, whose whole name is `name`."""
    say = gettext(locale)
    last = application["history"][-1]
    approved = application["state"] == "approved"
    words = (
        say(_("{name}: your application for {programme} is approved. You receive {amount}."))
        if approved
        else say(_("{name}: your application for {programme} is not approved."))
    )
    every = say(_("once")) if last["details"].get("every") == "once" else say(_("a month"))
    amount = f"{_money(last['details'].get('amount'), say)} {every}" if approved else ""
    return Document(
        title=say(_("Decision on an application for aid")),
        number=application["number"],
        paragraphs=[words.format(name=name, programme=application["programme_name"], amount=amount), last["note"]],
        reasons=[_reason(each, locale) for each in last["details"].get("reasons", [])],
        closing=[say(OBJECTION)],
        office=say(_("District office for civil affairs")),
        date=day(application["decided_at"], zone, locale),
    )


def day(moment: datetime | None, zone: ZoneInfo, locale: str) -> str:
    """A date as documents write it."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    return f"{local:%d %B %Y}" if locale == "en" else f"{local.year}年{local.month}月{local.day}日"


def _reason(reason: Mapping[str, Any], locale: str) -> Reason:
    say = gettext(locale)
    figures = ""
    if (
        reason["op"] in SIGNS
        and isinstance(reason["required"], int | float)
        and not isinstance(reason["required"], bool)
    ):
        kind = dictionary().kinds.get(reason["fact"])
        name = "" if kind is None else kind.en if locale == "en" else kind.zh
        figures = say(_("{fact}: found {actual}, required {op} {required}")).format(
            fact=name, actual=f"{reason['actual']:g}", op=SIGNS[reason["op"]], required=f"{reason['required']:g}"
        )
    return Reason(reason["text"], figures, reason["basis"])


def _money(amount: Any, say: Any) -> str:
    return "" if amount is None else say(_("{amount} yuan")).format(amount=f"{float(amount):,.2f}")
