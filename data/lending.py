"""The demonstration's people and rules lent to an imported city, so that the whole loop can be walked on a real map.

Logins have the demonstration's passwords: this is for trying out, never for a city at work.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.settings import Settings
from data import loading, working_time
from data.generator import generate
from gis import areas, clock


def lend_organisation(db: Connection, settings: Settings) -> str:
    """Add centres, units, accounts, class table, routing rules and calendar; returns a sentence about it.

    An instance that has units already keeps its own. Raises InvalidInput where there is no community to work in.
    """
    if db.execute(text("select exists (select from gis.unit)")).scalar_one():
        return "This instance has units of its own; the demonstration's were not added."
    if not db.execute(text("select exists (select from gis.unit_grid)")).scalar_one():
        raise InvalidInput("There are no unit grids for an organisation to work in.", "Import a city first.")
    loading.load_organisation(db, generate())
    conditions = loading.load_standards(db)
    working_time.load(db, settings, clock.now(db))
    inspectors = db.execute(
        text("select account_id from gis.post_assignment where post = 'inspector' order by account_id")
    ).scalars()
    walks = areas.share_out(db, list(inspectors))
    return (
        f"The demonstration's organisation was added: {conditions} filing conditions, {walks} responsibility grids,"
        " logins with the demonstration's passwords. It is for trying out only."
    )
