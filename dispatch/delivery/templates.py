"""The city's own sentences for notices: every edition is kept, the newest of a kind and language holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.i18n import LOCALES
from dispatch.delivery import urgency, wording
from dispatch.delivery.kinds import KINDS

_CURRENT = text("""
    select distinct on (t.kind, t.locale) t.kind, t.locale, t.words, t.recorded_at, a.name as made_by
    from dispatch.notice_template t join gis.account a on a.id = t.account_id order by t.kind, t.locale, t.id desc
""")


def current(db: Connection) -> dict[tuple[str, str], str]:
    """The city's own sentences by kind and language; kinds that say what the system says are not in it."""
    return {(row.kind, row.locale): row.words for row in db.execute(_CURRENT) if row.words}


def save(db: Connection, account_id: int, kind: str, locale: str, words: str) -> None:
    """A new edition; empty words go back to the system's sentence. Raises InvalidInput for what could not be filled."""
    urgency.known(kind)
    if locale not in LOCALES:
        raise InvalidInput("There is no language '{locale}' here.", locale=locale)
    if words.strip():
        wording.check(words)
    db.execute(
        text(
            "insert into dispatch.notice_template (kind, locale, words, account_id) values (:kind, :locale, :words, :account)"
        ),
        {"kind": kind, "locale": locale, "words": words.strip(), "account": account_id},
    )


def listed(db: Connection) -> list[dict[str, Any]]:
    """Each kind with its sentence in both languages, the system's and the city's; `broken` where the latter cannot be used."""
    own = {(row.kind, row.locale): row for row in db.execute(_CURRENT) if row.words}
    urgent = urgency.kinds(db)
    return [
        {
            "kind": kind,
            "urgent": kind in urgent,
            "locales": {
                locale: {
                    "default": wording.default(kind, locale),
                    "words": row.words if (row := own.get((kind, locale))) else "",
                    "broken": _problem(row.words) if row else None,
                    "made_by": row.made_by if row else None,
                }
                for locale in LOCALES
            },
        }
        for kind in KINDS
    ]


def _problem(words: str) -> str | None:
    try:
        wording.check(words)
    except InvalidInput as error:
        return str(error)
    return None
