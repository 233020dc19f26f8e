"""The error tree. Every error names the situation and the next step; the edge picks the status (api/problems.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class CityCommandError(Exception):
    """Root of what this system says on purpose.

    The first text says what is so, the second what the reader can do next; both are English templates whose {names}
    are filled from `facts`, so that the edge can say them in the reader's language.
    """

    next_step = "Ask the administrator; the trace id finds the details in the log."

    def __init__(self, message: str, next_step: str | None = None, **facts: object) -> None:
        super().__init__(message)
        self._message = message
        self._next_step = next_step or type(self).next_step
        self.facts = facts

    def said(
        self,
        translate: Callable[[str], str] = str,
        shown: Callable[[str, object], object] | None = None,
    ) -> tuple[str, str]:
        """What is so, and the next step, in the language of `translate`; `shown` says how a fact reads for people."""
        facts = {name: (shown or _plain)(name, value) for name, value in self.facts.items()}
        texts = (translate(self._message), translate(self._next_step))
        message, next_step = (text.format(**facts) if facts else text for text in texts)
        return message, next_step

    def kept(self) -> dict[str, object]:
        """As JSON can keep it, to be said later in any reader's language; `from_kept` reads it."""
        facts = {name: value if isinstance(value, (int, float)) else str(value) for name, value in self.facts.items()}
        return {"message": self._message, "next_step": self._next_step, "facts": facts}

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> CityCommandError:
        """What `kept` wrote."""
        return cls(kept["message"], kept["next_step"], **kept.get("facts", {}))

    def __str__(self) -> str:
        return " ".join(self.said())


def _plain(_name: str, value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


class InvalidInput(CityCommandError):
    """What was sent cannot be understood or breaks a rule of its kind."""

    next_step = "Correct the named value and send it again."


class NotFound(CityCommandError):
    """The thing asked for does not exist, or not for this user."""

    next_step = "Check the number; it may have been typed wrongly or belong to another area."


class NotSignedIn(CityCommandError):
    """No valid session came with the request."""

    next_step = "Sign in and try again."


class NotPermitted(CityCommandError):
    """The user's posts do not allow this."""

    next_step = "Ask a colleague whose post allows it, or the administrator for the post."


class TooManyAttempts(CityCommandError):
    """Someone tries passwords, or a door is used faster than it allows."""

    next_step = "Wait a minute and try again."


class StaleCase(CityCommandError):
    """Somebody else was faster: the case is no longer in the state that the change was meant for."""

    next_step = "Look at the case as it stands now and decide again."


class EvidenceTouched(CityCommandError):
    """A file of evidence, its row or its entry in the log is not what it was: it must not be handed out."""

    next_step = (
        "Have the administrator run './citycommand evidence verify'; it says what was changed and how to mend it."
    )


class StaleEdit(CityCommandError):
    """Somebody else changed the same thing meanwhile."""

    next_step = "Look at it as it stands now and decide again."


class StaleAsset(CityCommandError):
    """Somebody else was faster: the asset is no longer at the version that the change was made for."""

    next_step = "Look at both values, choose, and save again."


class RetiredAsset(CityCommandError):
    """The asset no longer stands there: it is kept with its history, and nothing about it is changed but that."""

    next_step = "Bring it back first, with the reason, if it stands there after all; else enter a new asset."


class InvalidAsset(InvalidInput):
    """Fields of an asset that cannot be kept; `facts` name each with its reason."""

    next_step = "Correct the named fields and save again."


class CodeTaken(InvalidAsset):
    """Another asset has this component code: two people may have entered the same thing at the same time."""

    next_step = "Look at the asset that has it: it may be the same thing. Else give this one another code."


class IllegalMove(CityCommandError):
    """The workflow has no such move from this state."""

    next_step = "Choose one of the moves that the case offers."


class SeparationOfDuties(NotPermitted):
    """Nobody dispatches and also verifies or closes the same case (C1)."""

    next_step = "A colleague who has not dispatched this case must do it."


class KeyReused(CityCommandError):
    """An idempotency key came again with different content."""

    next_step = "Make a new key for a new report; send the same content to repeat an old one."


class DuplicateAid(CityCommandError):
    """Somebody is registered, or applies for or receives a programme, already (W7)."""

    next_step = "Look the person up and go on with the record that exists."


class UnroutableCase(CityCommandError):
    """Not even the fallback desk is defined."""

    next_step = "Name a fallback unit in the routing rules."


class UnmappedForm(CityCommandError):
    """An import met a written form that its mapping does not know."""

    next_step = "Add the form to the mapping file and run the import again; nothing has been changed."


class StalePreview(CityCommandError):
    """What stands has changed since an import was previewed: its difference is another one now."""

    next_step = "Look at the new difference and decide again."


class ImportInUse(CityCommandError):
    """An import cannot be taken back, because later work rests on what it brought."""

    next_step = "Keep those and undo the rest, or take the later work back first."


class IllegalStep(CityCommandError):
    """A run is not in the state that this step is meant for."""

    next_step = "Look at the run as it stands now; it says what can be done with it."


class UnreadableFile(CityCommandError):
    """A file is not what it should be: broken, of another kind, or too large."""

    next_step = "Check that the file opens in the program that made it, and send it again."


class ConfigurationError(CityCommandError):
    """The instance is set up in a way that cannot work."""

    next_step = "Run './citycommand doctor'; it names what to change."


class ServiceUnavailable(CityCommandError):
    """Database or broker do not answer."""

    next_step = "Run './citycommand status' and './citycommand logs' to see what stands still."


class NotDelivered(CityCommandError):
    """Another system did not take what was sent to it; the outbox tries again."""

    next_step = "Nothing to do yet: it is tried again. './citycommand letters' lists what was given up."
