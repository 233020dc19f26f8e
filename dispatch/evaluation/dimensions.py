"""By what figures are told apart: for each dimension the key of a case, and the names of the keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from config.i18n import _, gettext
from dispatch.evaluation import named_counts
from dispatch.evaluation.named_counts import ALL, ROLES, bits_of


@dataclass(frozen=True)
class Part:
    """One way in which cases count: under which key, which bits of which marks, joined with what."""

    key: str
    bits: int = ALL
    marks: str = "f.marks"
    join: str = ""
    only: str = "true"


_WITHIN = (
    "left join unnest(cast(:below as text[]), cast(:above as text[])) above (below, code) on above.below = f.area_code"
)

_ABOVE = text("""
    with recursive up as (
        select a.code as below, a.code, a.level, a.parent_id from gis.area a
        union all select up.below, a.code, a.level, a.parent_id from gis.area a join up on a.id = up.parent_id
    ) select below, code from up where level = :level
""")


def values_of(db: Connection, by: str) -> dict[str, Any]:
    """What the statements of a dimension are given beside the question: of each area, the one of this level that it lies in.

    As arrays: the planner then knows how few they are.
    """
    if by not in ("district", "subdistrict"):
        return {}
    rows = db.execute(_ABOVE, {"level": by}).all()
    return {"below": [row.below for row in rows], "above": [row.code for row in rows]}


def _people(post: str) -> tuple[Part, ...]:
    """Each person of a post with the counts of their own part, all of them in one pass."""
    parts = ", ".join(f"(f.{column}, cast({bits_of(names)} as bigint))" for column, names in ROLES[post].items())
    join = f"cross join lateral (values {parts}) v (id, bits)"
    return (Part("v.id::text", marks="f.marks & v.bits", join=join, only="v.id is not null"),)


DIMENSIONS: dict[str, tuple[Part, ...]] = {
    "unit": (
        Part("f.unit_id::text", marks="f.unit_marks"),
        Part("o.id::text", bits_of(named_counts.OF_OTHER_UNITS), marks=str(ALL), join="cross join unnest(f.other_units) o (id)",
             only="f.other_units is not null"),
    ),
    "city": (Part("cast('city' as text)"),),
    "district": (Part("above.code", join=_WITHIN),),
    "subdistrict": (Part("above.code", join=_WITHIN),),
    "community": (Part("f.area_code"),),
    "grid": (Part("f.grid_code"),),
    "class": (Part("f.class_code"),),
    "major": (
        Part("c.kind || ':' || c.major_code", join="left join dispatch.case_class c on c.code = f.class_code"),
    ),
    "source": (Part("f.source"),),
    "centre": (Part("f.centre_id::text"),),
    "month": (Part("to_char(f.occurred_at at time zone :zone, 'YYYY-MM')"),),
    **{post: _people(post) for post in ROLES},
}  # fmt: skip
"""By unit, a unit that let its limit pass before the case went to another one (returned, redispatched) counts as having had to
handle it, beside the unit that has it now; so the units' `to_handle` may add up to more than the cases'."""

_NAMES = {
    "unit": "select id::text as key, name, name_en from gis.unit",
    "centre": "select id::text as key, name, name_en from gis.centre",
    "class": "select code as key, name, name_en from dispatch.case_class",
    "major": "select distinct kind || ':' || major_code as key, major_name as name, major_name_en as name_en from dispatch.case_class",
    "grid": "select g.code as key, a.name || ' · ' || n.own as name, nullif(a.name_en, '') || ' · ' || n.own as name_en"
    " from gis.unit_grid g join gis.area a on a.id = g.area_id"
    " cross join lateral (select case when g.code ^@ a.code then substr(g.code, length(a.code) + 1) else g.code end as own) n",
    **dict.fromkeys(("district", "subdistrict", "community"), "select code as key, name, name_en from gis.area"),
    **dict.fromkeys(ROLES, "select id::text as key, name, name_en from gis.account"),
}

SOURCES = {
    "inspector": _("Inspector"), "hotline": _("Hotline"), "citizen": _("Citizen"), "camera": _("Camera"), "sensor": _("Sensor"),
    "other": _("Other"),
}  # fmt: skip


def names(db: Connection, by: str, locale: str) -> Mapping[str | None, str]:
    """The names of the keys of a dimension in the reader's language; what stands for itself is not in it."""
    say = gettext(locale)
    if by == "city":
        return {"city": say(_("Whole city"))}
    found: dict[str | None, str] = {}
    if by == "source":
        found |= {key: say(name) for key, name in SOURCES.items()}
    if by in _NAMES:
        rows = db.execute(text(_NAMES[by]))
        found |= {row.key: (locale == "en" and row.name_en) or row.name for row in rows}
    found[None] = say(_("City")) if by == "centre" else say(_("Not assigned"))
    return found
