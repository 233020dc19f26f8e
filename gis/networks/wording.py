"""What an answer about a network says in words, in every language of the system. Pure."""

from __future__ import annotations

from config import i18n
from config.i18n import _

SENTENCES = {
    "close": _("Close {count} valves in the order given; {pressed} of them stand under pressure from outside."),
    "none": _("No valve has to be closed: all around are shut already."),
    "drained": _("This empties {length_m} m of main."),
    "dry": _("A further {length_m} m get no water from any source while it is shut off."),
    "nobody": _("Nobody beyond the emptied mains is cut off."),
    "customers": _(
        "{customers} buildings with about {population} people are without water (estimated from floor area)."
    ),
    "unknown": _("How many customers that concerns is not known here: the city has no buildings on its map."),
    "stuck": _("{count} valves do not turn: what lies beyond them is shut off with the burst."),
    "look": _("{count} valves around it count as shut already: make sure that they are."),
    "withheld": _(
        "{count} of the valves to close belong to data that you may not see: ask the data steward where they are."
    ),
    "source": _("A source lies inside: stop it, or water keeps coming."),
    "unfed": _("By the records no source feeds this main: look at the valves that count as shut."),
    "all": _("No valve separates this main from the rest of its network: everything is shut off."),
    "up": _("{lines} lines with {length_m} m drain to this one."),
    "down": _("{lines} lines with {length_m} m lead from here to {ends}."),
    "dead": _("{lines} lines with {length_m} m lead from here, but to no outfall."),
    "part": _("{lines} lines with {length_m} m are connected with this one."),
    "path": _("{length_m} m along {lines} lines."),
}


def said(*parts: tuple[str, dict[str, object]]) -> dict[str, str]:
    """Sentences by key, with their figures, in each language: {"zh": …, "en": …}."""
    return {locale: _join(locale, parts) for locale in i18n.LOCALES}


def metres(length: float) -> str:
    """A length for people: whole metres with separators."""
    return f"{length:,.0f}"


def _join(locale: str, parts: tuple[tuple[str, dict[str, object]], ...]) -> str:
    translate = i18n.gettext(locale)
    sentences = [translate(SENTENCES[key]).format(**facts) for key, facts in parts]
    return ("" if locale == "zh" else " ").join(sentences)
