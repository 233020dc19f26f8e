"""Programmes, their rules and parameters as dated data: read from files, published, and fetched as they stand on a day (W1)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from config.errors import InvalidInput
from gis.db import named_sql
from welfare import tables
from welfare.amounts import parse_amount
from welfare.assessment import Version, in_order
from welfare.facts import dictionary
from welfare.rules import parameters_of, parse, programmes_of

SHIPPED = Path(__file__).resolve().parents[1] / "config" / "welfare"
DESCRIBED = ("target", "target_en", "authority", "procedure", "resources", "carried_out", "feedback")


@dataclass(frozen=True)
class Policy:
    """All that decides about aid on one day: programme versions, parameter values, pairs that exclude one another."""

    day: date
    versions: tuple[Version, ...]
    parameters: Mapping[str, Any]
    exclusions: tuple[tuple[str, str], ...]


def policy(db: Connection, day: date) -> Policy:
    """The policy in force on `day`."""
    values = {"day": day}
    versions = [_version(row) for row in db.execute(named_sql("welfare", "versions_in_force"), values)]
    parameters = {row.name: row.value for row in db.execute(_PARAMETERS, values)}
    pairs = [(row.one, row.other) for row in db.execute(text("select one, other from welfare.exclusion order by 1, 2"))]
    return Policy(day, tuple(versions), parameters, tuple(pairs))


def publish(db: Connection, content: Mapping[str, Any], account_id: int | None = None) -> dict[str, int]:
    """Write programmes, parameters and exclusions of a parsed file; what stands already the same is left alone.

    Returns how many versions and parameter values are new. Raises InvalidInput for a rule that is not fully understood, a
    parameter or programme that is not there, or programmes that depend on one another in a circle; the caller's transaction
    undoes the rest.
    """
    new = {"programmes": 0, "versions": 0, "parameters": 0}
    for entry in content.get("parameter", []):
        new["parameters"] += _add_parameter(db, entry, account_id)
    for entry in content.get("programme", []):
        new["programmes"] += _add_programme(db, entry)
        new["versions"] += _add_version(db, entry, account_id)
    for pair in content.get("exclusion", []):
        db.execute(upsert(tables.exclusion).values(one=pair["one"], other=pair["other"]).on_conflict_do_nothing())
    _check(db)
    return new


def shipped() -> dict[str, Any]:
    """The demonstration's policy in config/welfare/."""
    found: dict[str, Any] = {}
    for name in ("parameters", "programmes"):
        found |= tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))
    return found


def _add_parameter(db: Connection, entry: Mapping[str, Any], account_id: int | None) -> int:
    key = {"name": entry["name"], "valid_from": entry["valid_from"]}
    standing = db.execute(
        text("select value from welfare.parameter where name = :name and valid_from = :valid_from"), key
    ).first()
    if standing is not None:
        if standing.value != entry["value"]:
            raise InvalidInput(
                "Parameter '{parameter}' has another value from {day} on already.", "Give the new value a later date.",
                parameter=entry["name"], day=entry["valid_from"],
            )  # fmt: skip
        return 0
    facts = {name: entry[name] for name in ("value", "unit", "basis")}
    db.execute(insert(tables.parameter).values(**key, **facts, account_id=account_id))
    return 1


def _add_programme(db: Connection, entry: Mapping[str, Any]) -> int:
    names = ("name", "name_en", "statutory", "department", "department_en")
    facts = {name: entry[name] for name in names} | {
        "description": {name: entry[name] for name in DESCRIBED if name in entry}
    }
    statement = upsert(tables.programme).values(code=entry["code"], **facts)
    statement = statement.on_conflict_do_update(index_elements=["code"], set_=facts)
    return int(db.execute(statement.returning(text("(xmax = 0)::int"))).scalar_one())


def _add_version(db: Connection, entry: Mapping[str, Any], account_id: int | None) -> int:
    """A version whose rule and amount have been read without a doubt."""
    parse(entry["rule"], dictionary())
    parse_amount(entry["amount"], dictionary())
    last = db.execute(_LAST_VERSION, {"code": entry["code"]}).first()
    same = last is not None and (last.rule, last.amount) == (entry["rule"], entry["amount"])
    if same and last is not None and last.valid_from == entry["valid_from"]:
        return 0
    if last is not None and entry["valid_from"] <= last.valid_from:
        raise InvalidInput(
            "Programme '{programme}' has a version from {day} on already.", "Give the new rule a later date.",
            programme=entry["code"], day=last.valid_from,
        )  # fmt: skip
    values = {name: entry[name] for name in ("rule", "amount", "basis", "valid_from")}
    version = (last.version if last else 0) + 1
    db.execute(
        insert(tables.programme_version).values(
            programme_code=entry["code"], version=version, **values, account_id=account_id
        )
    )
    return 1


def _check(db: Connection) -> None:
    """Every version in force or to come: its parameters and programmes exist, and there is no circle."""
    rows = db.execute(named_sql("welfare", "versions_in_force"), {"day": date.max}).all()
    versions = [_version(row) for row in rows]
    known = set(db.execute(text("select name from welfare.parameter")).scalars())
    codes = {version.code for version in versions}
    for version in versions:
        lacking = (parameters_of(version.rule) | version.amount.parameters) - known
        if lacking:
            raise InvalidInput(
                "Programme '{programme}' needs parameter '{parameter}', which has no value.", "Enter it first.",
                programme=version.code, parameter=min(lacking),
            )  # fmt: skip
        strangers = programmes_of(version.rule) - codes
        if strangers:
            raise InvalidInput(
                "Programme '{programme}' asks about '{other}', which does not exist.",
                programme=version.code,
                other=min(strangers),
            )
    in_order(versions)


def _version(row: Row[Any]) -> Version:
    return Version(row.id, row.programme_code, parse(row.rule, dictionary()), parse_amount(row.amount, dictionary()))


_LAST_VERSION = text(
    "select version, rule, amount, valid_from from welfare.programme_version"
    " where programme_code = :code order by version desc limit 1"
)
_PARAMETERS = text(
    "select distinct on (name) name, value from welfare.parameter where valid_from <= :day order by name, valid_from desc"
)
