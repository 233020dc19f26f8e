"""What a steward should know of a run beside its figures, kept so that every reader is told in the own language. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


class Note(str):
    """What a steward should know of a run: an English template with its facts, kept so that it can be said in any reader's language.

    A fact whose name ends in `_word` is a message itself, such as the name of a level.
    """

    message: str
    facts: dict[str, Any]

    def __new__(cls, message: str, **facts: Any) -> Note:
        """The note reads as its English text."""
        note = super().__new__(cls, message.format(**facts) if facts else message)
        note.message, note.facts = message, facts
        return note

    def kept(self) -> dict[str, Any]:
        """As JSON can keep it; `said` reads it."""
        return {"message": self.message, "facts": self.facts}


def said(notes: Iterable[Any], translate: Callable[[str], str] = str) -> list[str]:
    """Kept notes in the reader's language; those of runs before notes were kept so are said as they stand."""
    return [_said(note, translate) if isinstance(note, Mapping) else str(note) for note in notes]


def _said(note: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    facts = {name: translate(fact) if name.endswith("_word") else fact for name, fact in note["facts"].items()}
    message = translate(note["message"])
    return message.format(**facts) if facts else message
