"""One change of many assets (批量修改): who is meant, what would differ, done as one change set, taken back as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, text

from config.errors import IllegalStep, InvalidAsset, InvalidInput, NotFound
from config.i18n import _, gettext
from config.kinds import kinds
from gis.actors import Actor
from gis.register import editing, fields, shapes
from gis.register.tables import change_set

MOST = 2000
"""Assets that one change may take; more would hold others up for too long."""

ONE_BY_ONE = ("name", "name_en", "code", "geometry")
"""What belongs to each asset alone."""

_IN_SHAPE = text("""
    select id, version, coalesce(nullif(case when :en then name_en end, ''), nullif(name, ''), code, source_ref) as name from gis.asset
    where kind = :kind and status <> 'removed' and st_intersects(geom, st_setsrid(st_geomfromgeojson(:shape), 4326))
    order by id limit :most
""")
_LISTED = text("""
    select id, version, coalesce(nullif(case when :en then name_en end, ''), nullif(name, ''), code, source_ref) as name from gis.asset
    where kind = :kind and status <> 'removed' and (code = any(:listed) or source_ref = any(:listed) or name = any(:listed))
    order by id limit :most
""")
_PRESENT = text("select id, version from gis.asset where id = any(:ids) order by id for update")
_PARTS = text("""
    select h.asset_id, h.before, h.after, a.version, a.kind, to_jsonb(a) - 'geom' as now
    from gis.asset_history h join gis.asset a on a.id = h.asset_id where h.change_set_id = :id order by h.asset_id
""")
_RECENT = text("""
    select s.id, s.why, s.assets, s.recorded_at, case when :en and a.name_en <> '' then a.name_en else a.name end as who, s.undoes,
           u.id is not null as undone
    from gis.change_set s join gis.account a on a.id = s.account_id left join gis.change_set u on u.undoes = s.id
    order by s.id desc limit 10
""")


@dataclass
class Done:
    """What a change of many did: its set, how many differ now, and who was left because somebody else had changed them."""

    change_set: int | None = None
    changed: int = 0
    same: int = 0
    left: list[int] = field(default_factory=list)


def choose(
    db: Connection,
    kind: str,
    shape: Mapping[str, Any] | None = None,
    listed: Sequence[str] = (),
    locale: str = "zh",
) -> list[dict[str, Any]]:
    """Standing assets of a kind in a GeoJSON area, or with these codes, references or names: [{id, version, name}].

    Raises InvalidInput for an unknown kind, no selection, or more than MOST.
    """
    if kinds().get(kind) is None:
        raise InvalidInput("There is no kind of asset '{kind}'.", kind=kind)
    if shape is None and not listed:
        raise InvalidInput("Nothing is chosen.", "Draw an area, or list codes.")
    if shape is not None and not shapes.is_area(shape):
        raise InvalidInput(
            "The selection must be an area whose border does not cross itself.", "Draw it again, or list codes."
        )
    statement = _IN_SHAPE if shape is not None else _LISTED
    values = {"kind": kind, "shape": json.dumps(shape), "listed": list(listed), "most": MOST + 1, "en": locale == "en"}
    wanted = {name: value for name, value in values.items() if f":{name}" in str(statement)}
    found = [dict(row._mapping) for row in db.execute(statement, wanted)]
    if len(found) > MOST:
        raise InvalidInput("More than {most} assets are chosen.", "Choose a smaller area.", most=MOST)
    return found


def preview(db: Connection, actor: Actor, chosen: Mapping[int, int], changes: Mapping[str, Any]) -> Done:
    """How many would differ; nothing is kept. Raises as `apply`."""
    with db.begin_nested() as trial:
        done = _change(db, actor, chosen, changes, "preview", None)
        trial.rollback()
    return done


def apply(db: Connection, actor: Actor, chosen: Mapping[int, int], changes: Mapping[str, Any], why: str) -> Done:
    """Change all of `chosen` (id → version that was looked at) as one set; who was changed meanwhile stays as he is.

    Raises InvalidAsset naming what cannot be kept, RetiredAsset for one that was chosen although it is retired: then nothing is changed.
    """
    if not why.strip():
        said = gettext(actor.locale)(_("Say why: the history keeps it."))
        raise InvalidAsset("Say why: the history keeps it.", fields={"why": said})
    made = _new_set(db, actor, why, len(chosen), None)
    return _change(db, actor, chosen, changes, why, made)


def undo(db: Connection, actor: Actor, set_id: int, why: str) -> Done:
    """Take a set back: every field that still has what the set gave it gets what it had before; later changes stay.

    Raises NotFound, and IllegalStep for a set that has been taken back already.
    """
    db.execute(
        text("select pg_advisory_xact_lock(hashtext('gis.change_set'), cast(:id % 2147483647 as integer))"),
        {"id": set_id},
    )
    if db.execute(text("select 1 from gis.change_set where id = :id"), {"id": set_id}).first() is None:
        raise NotFound("There is no change set {set}.", set=set_id)
    if db.execute(text("select 1 from gis.change_set where undoes = :id"), {"id": set_id}).first():
        raise IllegalStep("Change set {set} has been taken back already.", set=set_id)
    parts = list(db.execute(_PARTS, {"id": set_id}))
    done = Done(_new_set(db, actor, why or f"undo {set_id}", len(parts), set_id))
    for part in parts:
        back = _back(part.before or {}, part.after or {}, part.now)
        gone = part.now["status"] == "removed" and "status" not in (back or {})
        if back is None or gone:
            done.left.append(part.asset_id)
            continue
        reason = why or gettext(actor.locale)(_("change set {set} taken back")).format(set=set_id)
        editing.change(db, actor, part.asset_id, part.version, back, reason, change_set=done.change_set)
        done.changed += 1
    return done


def recent(db: Connection, locale: str) -> list[dict[str, Any]]:
    """The last ten sets, the newest first: who, when, why, how many, whether taken back."""
    return [dict(row._mapping) for row in db.execute(_RECENT, {"en": locale == "en"})]


def _change(
    db: Connection, actor: Actor, chosen: Mapping[int, int], changes: Mapping[str, Any], why: str, made: int | None
) -> Done:
    if not changes or len(chosen) > MOST:
        raise InvalidInput("Choose a field and at most {most} assets.", most=MOST)
    alone = [name for name in changes if name in ONE_BY_ONE]
    if alone:
        said = gettext(actor.locale)(_("belongs to each asset alone"))
        raise InvalidAsset("This belongs to each asset alone.", fields=dict.fromkeys(alone, said))
    done = Done(made)
    present = {row.id: row.version for row in db.execute(_PRESENT, {"ids": list(chosen)})}
    for asset_id, version in sorted(chosen.items()):
        if present.get(asset_id) != version:
            done.left.append(asset_id)
        elif editing.change(db, actor, asset_id, version, changes, why, change_set=made) > version:
            done.changed += 1
        else:
            done.same += 1
    return done


def _new_set(db: Connection, actor: Actor, why: str, assets: int, undoes: int | None) -> int:
    values = {"why": why.strip(), "assets": assets, "undoes": undoes, "account_id": actor.account_id}
    return int(db.execute(insert(change_set).values(**values).returning(change_set.c.id)).scalar_one())


def _back(before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any] | None:
    """The change that takes a part back; None where somebody has changed one of its fields since."""
    back: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for name, old, new in fields.differences(before, after):
        own = name.removeprefix("attributes.")
        held = now["attributes"].get(own) if name.startswith("attributes.") else now.get(name)
        if held != new:
            return None
        if name.startswith("attributes."):
            attributes[own] = old
        else:
            back[name] = old
    return back | ({"attributes": attributes} if attributes else {})
