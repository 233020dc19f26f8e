"""The city's past cases as examples; what was suggested and what people chose."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from dispatch.classifying.model import Label
from dispatch.classifying.suggesting import Suggestion
from dispatch.classifying.training import Example
from dispatch.classifying.words import features, naming
from gis.db import named_sql

MOST_EXAMPLES = 200_000
"""The newest; what was said longer ago tells less of how people speak now."""


def examples(db: Connection) -> list[Example]:
    """Past cases to learn from."""
    rows = db.execute(named_sql("dispatch.classifying", "history"), {"most": MOST_EXAMPLES})
    return [
        Example(
            features(row.description, row.source),
            Label(row.class_code, row.condition_id),
            row.occurred_at,
            naming(row.description, row.name, row.name_en),
        )
        for row in rows
    ]


def keep(
    db: Connection, report_id: int, shown: Sequence[Suggestion], chosen: Label | None, *, alone: bool = False
) -> None:
    """Note what was shown for a report and what was chosen in the end (None: no class)."""
    codes = [each.class_code for each in shown]
    rank = codes.index(chosen.class_code) + 1 if chosen and chosen.class_code in codes else None
    db.execute(
        text(
            "insert into dispatch.suggestion (report_id, shown, class_code, condition_id, rank, alone)"
            " values (:report_id, cast(:shown as jsonb), :class_code, :condition_id, :rank, :alone)"
        ),
        {
            "report_id": report_id,
            "shown": json.dumps([each.told() for each in shown]),
            "class_code": chosen.class_code if chosen else None,
            "condition_id": chosen.condition_id if chosen else None,
            "rank": rank,
            "alone": alone,
        },
    )


def choices(db: Connection) -> dict[str, Any]:
    """What people made of suggestions: the first taken, another of the list, none of it; what was put right most."""
    counts = db.execute(
        text("""
            select count(*) as shown, count(*) filter (where rank = 1) as first, count(*) filter (where rank > 1) as another,
                   count(*) filter (where rank is null and class_code is not null) as none,
                   count(*) filter (where class_code is null) as no_class
            from dispatch.suggestion where not alone
        """)
    ).one()
    alone = db.execute(
        text("""
            select count(*) as decided, count(*) filter (where c.class_code is distinct from s.class_code) as put_right
            from dispatch.suggestion s join dispatch.report r on r.id = s.report_id join dispatch.cases c on c.id = r.case_id
            where s.alone
        """)
    ).one()
    corrected = db.execute(
        text("""
            select shown -> 0 ->> 'class_code' as said, class_code as chosen, count(*) as times
            from dispatch.suggestion where not alone and rank is distinct from 1 and class_code is not null
            group by 1, 2 order by times desc, said, chosen limit 10
        """)
    )
    return {
        "suggested": dict(counts._mapping),
        "alone": dict(alone._mapping),
        "put_right": [dict(row._mapping) for row in corrected],
    }
