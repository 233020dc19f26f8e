"""What an answer about a line says in words, in every language of the system. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config import i18n
from config.i18n import _

Facts = Mapping[str, object | Mapping[str, str]]
"""Figures and words of a sentence; a word may be given for each language."""

PHRASES = {
    "at": _("{at} from the start"),
    "between": _("between {before} and {after}"),
    "stop": _("at the stop {stop}"),
    "first": _("before the first stop, {after}"),
    "last": _("after the last stop, {before}"),
    "out": _("outward"),
    "back": _("on the way back"),
    "beside": _("{beside} m beside the line"),
    "times": _("The line passes here {count} times"),
    "stretch": _("{line}: {length} from {start} to {end} of {whole}, with {count} stops"),
    "far": _("The line does not pass within {within} m of this place; it comes nearest {at} from its start, {beside} m away"),
    "over": _("Beyond {after} from its start the line does not come here again"),
}  # fmt: skip


def sentence(*phrases: tuple[str, Facts]) -> dict[str, str]:
    """Phrases by key, with their facts, as one sentence in each language: {"zh": …, "en": …}."""
    return {locale: _sentence(locale, phrases) for locale in i18n.LOCALES}


def together(sentences: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Several sentences as one text in each language."""
    return {locale: ("" if locale == "zh" else " ").join(each[locale] for each in sentences) for locale in i18n.LOCALES}


def distance(metres: float) -> str:
    """A way for people: 850 m, 2.4 km."""
    return f"{metres / 1000:.1f} km" if metres >= 999.5 else f"{metres:.0f} m"


def _sentence(locale: str, phrases: Sequence[tuple[str, Facts]]) -> str:
    translate = i18n.gettext(locale)
    comma, stop = ("，", "。") if locale == "zh" else (", ", ".")
    return comma.join(translate(PHRASES[key]).format(**_in(locale, facts)) for key, facts in phrases) + stop


def _in(locale: str, facts: Facts) -> dict[str, object]:
    return {name: value[locale] if isinstance(value, Mapping) else value for name, value in facts.items()}
