"""The work list of a network: what checks found, what stewards decided about it, and what has gone since."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import shapely
from pyproj import Transformer
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from config.i18n import _
from config.permissions import GRANTS
from gis.copying import copy_rows
from gis.db import named_sql
from gis.networks import standing
from gis.networks.topology import Finding

State = Literal["open", "done", "ignored"]

CHECKS = {
    "unsnapped_end": _("End {gap_cm} cm short of another line"),
    "unjoined": _("Touches another line ({gap_cm} cm) and is not joined to it: two nodes for one place"),
    "loose_point": _("Stands on no line"),
    "duplicate": _("Drawn twice"),
    "no_source": _("No source feeds {lines} lines, {length_m} m"),
    "no_outlet": _("No outfall is reached from {lines} lines, {length_m} m"),
    "circle": _("Water would flow in a circle of {lines} lines"),
    "adverse_slope": _("Rises by {rise_m} m in the direction stated"),
    "valve_without_pipe": _("Names pipe {pipe} and node {node}, which are not there"),
    "lamp_off_street": _("Lamp {distance_m} m from the nearest street"),
    "stop_off_line": _("Stop {distance_m} m from the nearest bus line"),
}
"""Sentence of each check; the names in braces are its facts."""

NOTE_CHARACTERS = 500


def store(db: Connection, name: str, found: Sequence[Finding], project: Transformer) -> None:
    """The findings of a build: new ones are added, known ones keep what was decided, those not found again are gone.

    What was ticked off as done and is found again is open again; so is what was gone in between, even if it was ignored then:
    it is a new occurrence, and the reason for ignoring the old one stays as its note.
    """
    db.execute(text("drop table if exists pg_temp.found_now"))
    db.execute(
        text(
            'create temporary table found_now (identity text, name text, "check" text, asset_id bigint, other_id bigint,'
            " facts jsonb, geom geometry) on commit drop"
        )
    )
    xy = np.array([(each.x, each.y) for each in found], dtype=float).reshape(-1, 2)
    lon, lat = project.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
    shapes = shapely.to_wkb(shapely.set_srid(shapely.points(lon, lat), 4326), hex=True, include_srid=True)
    rows = (
        (
            f"{name}/{each.check}/{each.asset}/{each.other or ''}",
            name,
            each.check,
            each.asset,
            each.other,
            json.dumps(each.facts),
            shape,
        )
        for each, shape in zip(found, shapes, strict=True)
    )
    copy_rows(db, "found_now", ("identity", "name", '"check"', "asset_id", "other_id", "facts", "geom"), rows)
    if name == "street":
        standing.store(db, name)
    db.execute(named_sql("gis.networks", "keep_findings"), {"name": name})


def listed(
    db: Connection,
    name: str | None = None,
    check: str | None = None,
    state: str | None = None,
    limit: int = 500,
    area: str | None = None,
    assignee: int | None = None,
) -> list[dict[str, Any]]:
    """Findings that still hold, the open ones first; `lon`, `lat` in degrees. `area`: code of the area they lie in."""
    rows = db.execute(
        text("""
            select f.id, f.name, f."check", f.asset_id, f.other_id, f.facts, f.state, f.note, f.decided_at, f.recorded_at,
                   st_x(f.geom) as lon, st_y(f.geom) as lat, a.kind, a.name as asset_name, a.source_ref as ref,
                   f.assignee_id, w.name as assignee, w.name_en as assignee_en
            from gis.finding f join gis.seen_asset a on a.id = f.asset_id left join gis.account w on w.id = f.assignee_id
            where f.gone_at is null and (f.other_id is null or f.other_id in (select id from gis.seen_asset))
              and (cast(:name as text) is null or f.name = :name)
              and (cast(:check as text) is null or f."check" = :check) and (cast(:state as text) is null or f.state = :state)
              and (cast(:assignee as bigint) is null or f.assignee_id = :assignee)
              and (cast(:area as text) is null or exists (
                  select from gis.area s where s.code = :area and st_covers(s.geom, f.geom)))
            order by f.state <> 'open', f.name, f."check", f.id limit :limit
        """),
        {"name": name, "check": check, "state": state, "limit": limit, "area": area, "assignee": assignee},
    )
    return [dict(row._mapping) | {"said": sentence(row.check, row.facts)} for row in rows]


def counts(db: Connection) -> list[dict[str, Any]]:
    """How many findings hold by network, check and state."""
    rows = db.execute(
        text(
            'select name, "check", state, count(*) as number from gis.finding f where gone_at is null'
            " and ((select gis.hidden_now()) = '{}' or f.asset_id in (select id from gis.seen_asset)"
            " and (f.other_id is null or f.other_id in (select id from gis.seen_asset)))"
            ' group by name, "check", state order by name, "check", state'
        )
    )
    return [dict(row._mapping) for row in rows]


def sentence(check: str, facts: dict[str, Any]) -> str:
    """What was found, in the language of the request."""
    return _(CHECKS[check]).format(**facts)


def areas(db: Connection) -> list[dict[str, Any]]:
    """Districts and sub-districts, by which a work list is cut."""
    rows = db.execute(
        text("select code, name, name_en from gis.area where level in ('district', 'subdistrict') order by code")
    )
    return [dict(row._mapping) for row in rows]


def people(db: Connection) -> list[dict[str, Any]]:
    """Who may be given a finding: active accounts whose posts decide about them."""
    posts = [post for post, grants in GRANTS.items() if "finding.decide" in grants]
    rows = db.execute(
        text(
            "select distinct a.id, a.name, a.name_en from gis.account a join gis.post_assignment p on p.account_id = a.id"
            " where a.active and p.post = any(:posts) order by a.name, a.id"
        ),
        {"posts": posts},
    )
    return [dict(row._mapping) for row in rows]


def assign(db: Connection, finding_id: int, account_id: int | None) -> None:
    """Give a finding to somebody, or to nobody. Raises NotFound, InvalidInput for an account that has no such post."""
    if account_id is not None and account_id not in {person["id"] for person in people(db)}:
        raise InvalidInput("Account {account} may not look after findings.", field="account_id", account=account_id)
    done = db.execute(
        text("update gis.finding set assignee_id = :account where id = :id and gone_at is null"),
        {"id": finding_id, "account": account_id},
    )
    if not done.rowcount:
        raise NotFound("There is no finding {number}.", "It may have been corrected meanwhile.", number=finding_id)


def decide(db: Connection, finding_id: int, state: State, note: str, account_id: int) -> None:
    """A steward ticks a finding off, ignores it with a reason, or opens it again.

    Raises NotFound for one that does not stand any more, InvalidInput for ignoring without a reason.
    """
    if state == "ignored" and not note.strip():
        raise InvalidInput("A finding is ignored for a reason.", "Say why it may stay as it is.", field="note")
    done = db.execute(
        text(
            "update gis.finding set state = :state, note = :note, account_id = :account_id, decided_at = gis.now()"
            " where id = :id and gone_at is null"
        ),
        {"id": finding_id, "state": state, "note": note.strip()[:NOTE_CHARACTERS], "account_id": account_id},
    )
    if not done.rowcount:
        raise NotFound("There is no finding {number}.", "It may have been corrected meanwhile.", number=finding_id)
