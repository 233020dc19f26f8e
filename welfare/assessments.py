"""Assessing real households: all programmes with reasons for one, and keeping what a decision rests on (W3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert

from gis.actors import Actor
from welfare import programmes, tables
from welfare.assessment import Assessment, assess, trace
from welfare.households import Record
from welfare.programmes import Policy
from welfare.rules import parameters_of


def of_record(db: Connection, record: Record, day: date) -> tuple[Policy, dict[str, Assessment]]:
    """Every programme for an opened household, by the policy of `day`."""
    policy = programmes.policy(db, day)
    return policy, assess(policy.versions, record.view, policy.parameters, policy.exclusions)


def keep(db: Connection, record: Record, policy: Policy, found: Assessment, actor: Actor | None) -> int:
    """Keep an assessment with version, parameter values, facts and trace, so that the decision can be retraced; returns its id."""
    values = {
        "area_code": record.household.area_code, "household_id": record.id, "programme_code": found.programme,
        "version_id": found.version_id, "day": policy.day, "outcome": found.outcome, "amount": found.amount,
        "trace": trace(found.finding), "facts": _facts(record), "parameters": _used(policy, found),
        "account_id": actor.account_id if actor else None,
    }  # fmt: skip
    return int(db.execute(insert(tables.assessment).values(**values).returning(tables.assessment.c.id)).scalar_one())


def _facts(record: Record) -> dict[str, Any]:
    return {
        "household": dict(record.view.facts),
        "members": {str(member.person_id): dict(member.facts) for member in record.view.members},
        "receiving": sorted(record.view.receiving),
    }


def _used(policy: Policy, found: Assessment) -> Mapping[str, Any]:
    """Values of the parameters that the programme's rule and amount need."""
    version = next(version for version in policy.versions if version.id == found.version_id)
    return {name: policy.parameters[name] for name in sorted(parameters_of(version.rule) | version.amount.parameters)}
