"""Time limits as people write them → limits as clocks need them. Pure; what a form means is the city's table, never a guess."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.errors import InvalidInput, UnmappedForm
from dispatch.tables import LIMIT_KINDS

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([^\d]+)")
_AROUND = " 、，,；;/（）()。+"
NO_LIMIT = "(empty)"


@dataclass(frozen=True)
class WrittenLimit:
    """One limit as written: its number, its form without the number, and the words it came from."""

    amount: float
    form: str
    text: str


def split(text: str) -> list[WrittenLimit]:
    """The limits in a cell, in order: '2紧急工作时' is one, '1紧急工作时5天' two. Empty where no number stands before words."""
    parts = [(float(number), words.strip(_AROUND)) for number, words in _PART.findall(text)]
    return [WrittenLimit(amount, form, f"{amount:g}{form}") for amount, form in parts if form]


def check(forms: Mapping[str, str], cells: Iterable[str]) -> None:
    """See that every written form has a meaning.

    Raises UnmappedForm naming each form that has none with its number of rows, InvalidInput for a kind of limit there is not.
    """
    for form, kind in forms.items():
        if kind and kind not in LIMIT_KINDS:
            raise InvalidInput(
                "The mapping says '{form}' means '{kind}', which is no kind of limit.",
                "Use one of: {kinds}.",
                form=form,
                kind=kind,
                kinds=", ".join(LIMIT_KINDS),
            )
    missing = Counter(form for cell in cells for form in _forms_of(cell) if not forms.get(form))
    if missing:
        named = ", ".join(f"'{_shown(form)}' ({count} rows)" for form, count in missing.most_common())
        raise UnmappedForm(
            "The mapping does not say what these time limits mean: {forms}.",
            "State each under [forms] in the mapping file and run the import again; nothing has been changed.",
            forms=named,
            counts=dict(missing),
        )


def _forms_of(cell: str) -> list[str]:
    limits = split(cell)
    return list(dict.fromkeys(limit.form for limit in limits)) if limits else [cell.strip() or NO_LIMIT]


def _shown(form: str) -> str:
    return form if form == NO_LIMIT else f"N{form}"
