"""What pages need to know beside people: programmes as they stand, facts that can be stated, purposes, relations; in one language."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from config.i18n import gettext
from welfare.access import PURPOSES
from welfare.facts import dictionary
from welfare.households import RELATIONS
from welfare.listing import named


def catalogue(db: Connection, day: date, locale: str) -> dict[str, Any]:
    """Programmes in force on `day`, facts, purposes and relations with their names."""
    in_english = locale == "en"
    rows = db.execute(_PROGRAMMES, {"day": day})
    say = gettext(locale)
    return {
        "programmes": [
            {
                "code": row.code,
                "name": (in_english and row.name_en) or row.name,
                "statutory": row.statutory,
                "department": (in_english and row.department_en) or row.department,
                "target": row.description.get("target_en" if in_english else "target", ""),
                "basis": row.basis,
                "valid_from": row.valid_from,
            }
            for row in rows
        ],
        "facts": [
            {"name": kind.name, "subject": kind.subject, "kind": kind.kind, "unit": kind.unit, "choices": list(kind.choices),
             "derived": kind.derived, "text": kind.en if in_english else kind.zh}
            for kind in dictionary().kinds.values()
        ],
        "purposes": {name: say(words) for name, words in PURPOSES.items()},
        "relations": {name: named(RELATIONS, name, locale) for name in RELATIONS},
    }  # fmt: skip


_PROGRAMMES = text("""
    select distinct on (p.code) p.code, p.name, p.name_en, p.statutory, p.department, p.department_en, p.description, v.basis, v.valid_from
    from welfare.programme p join welfare.programme_version v on v.programme_code = p.code
    where p.active and v.valid_from <= :day order by p.code, v.valid_from desc
""")
