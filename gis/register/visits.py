"""What people bring from an asset: photos, and inspections with their result (巡检)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, insert, text

from config.errors import InvalidInput
from config.i18n import _
from gis import events
from gis.actors import Actor
from gis.register import conflicts, tables

RESULTS = {
    "sound": _("sound"),
    "minor": _("minor defects"),
    "serious": _("serious defects"),
    "dangerous": _("dangerous"),
}


def add_photo(
    db: Connection,
    actor: Actor,
    asset_id: int,
    sha256: bytes,
    file_name: str,
    media_type: str,
    size: int,
    note: str = "",
) -> int:
    """Keep that a stored original shows this asset; returns the photo's id. Raises NotFound, RetiredAsset."""
    conflicts.must_stand(db, asset_id, actor.locale)
    values = {"asset_id": asset_id, "sha256": sha256, "file_name": file_name, "media_type": media_type, "size": size}
    made = insert(tables.asset_photo).values(**values, note=note[:500], account_id=actor.account_id)
    events.notify_live(db, "asset", {"id": asset_id})
    return int(db.execute(made.returning(tables.asset_photo.c.id)).scalar_one())


def inspect(
    db: Connection,
    actor: Actor,
    asset_id: int,
    day: date,
    result: str,
    note: str,
    *,
    today: date,
    next_on: date | None = None,
) -> int:
    """Enter an inspection; the asset's date of inspection follows the newest. Raises InvalidInput, NotFound, RetiredAsset."""
    conflicts.must_stand(db, asset_id, actor.locale)
    if result not in RESULTS:
        raise InvalidInput("'{result}' is no result of an inspection.", result=result)
    if day > today or (next_on is not None and next_on <= day):
        raise InvalidInput("An inspection lies in the past, and the next one after it.", "Correct the dates.")
    values = {"asset_id": asset_id, "inspected_on": day, "result": result, "note": note[:2000], "next_on": next_on}
    made = insert(tables.asset_inspection).values(**values, account_id=actor.account_id)
    inspection = int(db.execute(made.returning(tables.asset_inspection.c.id)).scalar_one())
    _bring_forward(db, actor, asset_id, day, note)
    return inspection


def _bring_forward(db: Connection, actor: Actor, asset_id: int, day: date, note: str) -> None:
    """The date of the newest inspection is a versioned fact of the asset like any other."""
    db.execute(
        text("""
            with old as (select id, inspected_on from gis.asset where id = :id and (inspected_on is null or inspected_on < :day)),
            new as (update gis.asset a set inspected_on = :day, version = a.version + 1, recorded_at = gis.now()
                    from old where a.id = old.id returning a.id, a.version)
            insert into gis.asset_history (asset_id, version, change, before, after, why, account_id)
            select new.id, new.version, 'inspected', jsonb_build_object('inspected_on', old.inspected_on),
                   jsonb_build_object('inspected_on', cast(:day as date)), :why, :account
            from new join old on old.id = new.id
        """),
        {"id": asset_id, "day": day, "why": note[:500] or "inspection", "account": actor.account_id},
    )
    events.notify_live(db, "asset", {"id": asset_id})
