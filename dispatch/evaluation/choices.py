"""What the figures can be told apart by and narrowed to, in the reader's language."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from config.i18n import _, gettext
from config.permissions import POSTS
from dispatch.evaluation.dimensions import DIMENSIONS, SOURCES
from dispatch.evaluation.named_counts import ROLES

BY = {
    "city": _("Whole city"), "unit": _("Unit"), "district": _("District"), "subdistrict": _("Sub-district"), "community": _("Community"),
    "grid": _("Unit grid"), "major": _("Major class"), "class": _("Class"), "source": _("Source"), "centre": _("Centre"),
    "month": _("Month"),
}  # fmt: skip

_LISTS = {
    "units": "select id::text as key, name, name_en, '' as level from gis.unit where active order by code",
    "areas": "select code as key, name, name_en, level from gis.area where level <> 'city' order by code",
    "centres": "select id::text as key, name, name_en, level from gis.centre order by code",
    "majors": "select (case kind when 'component' then 'C' else 'M' end) || major_code as key, min(major_name) as name,"
    " min(major_name_en) as name_en, kind as level from dispatch.case_class where active group by kind, major_code order by 1",
}


def of(db: Connection, locale: str) -> dict[str, Any]:
    """Dimensions and the values of each filter: {key, name, level}."""
    say = gettext(locale)
    posts = {post: POSTS[post][locale == "en"] for post in ROLES}
    found: dict[str, Any] = {
        "by": [
            {"key": key, "name": say(BY[key]) if key in BY else posts[key], "person": key in ROLES}
            for key in DIMENSIONS
        ],
        "sources": [{"key": key, "name": say(name)} for key, name in SOURCES.items()],
    }
    for name, statement in _LISTS.items():
        found[name] = [
            {"key": row.key, "name": (locale == "en" and row.name_en) or row.name, "level": row.level}
            for row in db.execute(text(statement))
        ]
    return found
