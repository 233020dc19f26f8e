"""What a notice says: a template with {places} filled from what happened and from the case. Pure.

A template of the city that cannot be filled never holds a notice up: the system's own sentence is taken instead, and that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from config.errors import InvalidInput
from config.i18n import _, gettext
from dispatch.delivery.kinds import KINDS, PLACES
from dispatch.workflow import MOVES, STAGE_OF, STAGES, STATES

LONGEST = 400

Templates = Mapping[tuple[str, str], str]
"""The city's own sentences by kind and language."""


@dataclass(frozen=True)
class Said:
    """A sentence, and whether the city's own template could not be used for it."""

    text: str
    fell_back: bool = False


def sentence(kind: str, places: Mapping[str, str], locale: str, own: Templates) -> Said:
    """What the notice says in `locale`."""
    template = own.get((kind, locale))
    if template:
        try:
            return Said(filled(template, places))
        except InvalidInput:
            return Said(filled(default(kind, locale), places), True)
    return Said(filled(default(kind, locale), places))


def default(kind: str, locale: str) -> str:
    """The system's own sentence for a kind; one without a sentence names the case."""
    return gettext(locale)(KINDS[kind].says) if kind in KINDS else "{number} · {what}"


def filled(template: str, places: Mapping[str, str]) -> str:
    """The template with its places filled. Raises InvalidInput where it names what does not exist."""
    check(template)
    return " ".join(template.format(**{name: places.get(name, "") for name in PLACES}).split())


def check(template: str) -> None:
    """Raise InvalidInput unless the template is a short text that names only known places, plainly, the number among them."""
    if len(template) > LONGEST:
        raise InvalidInput("A template has at most {most} characters.", most=LONGEST, field="words")
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise InvalidInput(
            "A brace in the template is not closed, or stands alone.",
            "Write places as {{number}}; a brace that is meant as such is written twice.",
            field="words",
        ) from error
    named = [name for _before, name, _format, _conversion in parts if name is not None]
    plain = all(not format and not conversion for _before, name, format, conversion in parts if name is not None)
    unknown = [name for name in named if name not in PLACES]
    if unknown or not plain:
        raise InvalidInput(
            "The template names '{place}', which does not exist.",
            "Places are: {places}.",
            place=unknown[0] if unknown else ":",
            places=", ".join(PLACES),
            field="words",
        )
    if "number" not in named:
        raise InvalidInput("The template does not name the case.", "Put {{number}} into it.", field="words")


def places(facts: Mapping[str, Any], case: Mapping[str, Any] | None, locale: str, zone: ZoneInfo) -> dict[str, str]:
    """What the places of a template hold: `facts` of the notice, `case` as the reader sees it (None: may not)."""
    named = 1 if locale == "en" else 0
    shown = case or {}
    stage = facts.get("stage") or STAGE_OF.get(facts.get("to", "")) or shown.get("stage") or ""
    state = facts.get("to") or shown.get("state") or ""
    title, place = str(shown.get("title") or ""), str(shown.get("address") or shown.get("community") or "")
    return {
        "number": str(facts.get("number", "")),
        "title": title,
        "place": place,
        "what": " · ".join(part for part in (title.rstrip("。. "), place) if part),
        "stage": STAGES[stage][named] if stage in STAGES else "",
        "state": STATES[state][named] if state in STATES else "",
        "unit": str((shown.get("unit") or {}).get("name") or ""),
        "due": _moment(facts.get("due_at") or shown.get("stage_due_at"), zone),
        "move": MOVES[facts["move"]][named] if facts.get("move") in MOVES else "",
        "rung": str((named and facts.get("rung_en")) or facts.get("rung") or ""),
    }


def sample(locale: str) -> dict[str, str]:
    """Places as an invented case fills them, for previews."""
    said = gettext(locale)
    title, place = said(_("Street lamp out")), said(_("12 Renmin Road"))
    named = 1 if locale == "en" else 0
    return {
        "number": "20261124-0007",
        "title": title,
        "place": place,
        "what": f"{title} · {place}",
        "stage": STAGES["handling"][named],
        "state": STATES["handling"][named],
        "unit": said(_("Lighting division")),
        "due": "11-24 16:30",
        "move": MOVES["grant_extension"][named],
        "rung": said(_("Two hours late")),
    }


def _moment(moment: str | datetime | None, zone: ZoneInfo) -> str:
    if not moment:
        return "–"
    read = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{read.astimezone(zone):%m-%d %H:%M}"
