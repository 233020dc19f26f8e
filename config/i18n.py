"""Both languages: messages are written in English in the code and translated from the .po files beside this module.

`_("text")` translates into the language of the current request (see `use`), so a constant may be marked where it
is written and translated again where it is shown: an unknown or already translated text comes back unchanged.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

LOCALES = ("zh", "en")
DEFAULT_LOCALE = "zh"
LOCALE_DIRECTORY = Path(__file__).with_name("locale")

_current: ContextVar[str] = ContextVar("locale", default="en")


def _(message: str) -> str:
    """The message in the language of the current request; outside a request the English message itself."""
    return gettext(_current.get())(message)


@contextmanager
def use(locale: str) -> Iterator[None]:
    """Everything inside speaks `locale` (one of LOCALES)."""
    token = _current.set(locale)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> str:
    """The language of the current request."""
    return _current.get()


def gettext(locale: str) -> Callable[[str], str]:
    """A function from English message to `locale`; untranslated messages stay English rather than vanish."""
    messages = catalogue(locale)
    return lambda message: messages.get(message, message)


@lru_cache
def catalogue(locale: str) -> dict[str, str]:
    """English message → translation; empty for English."""
    return {str(message.id): str(message.string) for message in _messages(locale)}


@lru_cache
def script_catalogue(locale: str) -> dict[str, str]:
    """The part of the catalogue that the browser's scripts use, recognised by where the message was found."""
    return {
        str(message.id): str(message.string)
        for message in _messages(locale)
        if any(path.endswith(".js") for path, _line in message.locations)
    }


def choose(wanted: str | None, accept_language: str = "") -> str:
    """The language to speak: what the user chose, else what the browser prefers, else Chinese."""
    if wanted in LOCALES:
        return str(wanted)
    for part in accept_language.split(","):
        language = part.split(";")[0].strip().lower()[:2]
        if language in LOCALES:
            return language
    return DEFAULT_LOCALE


def read_catalogue(locale: str) -> Catalog:
    """The .po file of one language as Babel reads it."""
    path = LOCALE_DIRECTORY / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def _messages(locale: str) -> list[Message]:
    if locale == "en":
        return []
    return [message for message in read_catalogue(locale) if message.id and message.string and not message.fuzzy]
