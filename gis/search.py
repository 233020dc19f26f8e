"""Finding places and things by name or code (S7, first version)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from gis.db import named_sql


def search(db: Connection, q: str, locale: str) -> list[dict[str, Any]]:
    """At most 20 hits, the best first: kind, id, name, detail, and a WGS 84 point on it."""
    words = q.strip().replace("\\", "").replace("%", "").replace("_", "")
    if not words:
        return []
    values = {"q": words, "start": f"{words}%", "any": f"%{words}%", "en": locale == "en"}
    rows = db.execute(named_sql("gis", "search"), values)
    return [{name: value for name, value in row._mapping.items() if name != "rank"} for row in rows]
