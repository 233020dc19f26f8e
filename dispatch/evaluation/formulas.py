"""Formulas in force: those of config/indicators.toml and what the assessor has changed since; by day, and as known (D6, rule 8)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotPermitted
from dispatch.evaluation import expressions
from dispatch.evaluation.expressions import Formula
from dispatch.evaluation.named_counts import COUNTS
from gis.actors import Actor

KNOWN = frozenset(COUNTS)
"""Names that a formula may use."""

FROM_THE_BEGINNING = date(2000, 1, 1)


@dataclass(frozen=True)
class Indicator:
    """A rate or another figure with one formula. `better` is more, less or empty; `version` is 0 where the city changed nothing."""

    code: str
    zh: str
    en: str
    formula: Formula
    better: str
    valid_from: date
    version: int

    def name(self, locale: str) -> str:
        """What it is called in the reader's language."""
        return self.en if locale == "en" else self.zh


@dataclass(frozen=True)
class Part:
    """One part of a composite score: its weight, and a formula that gives a share."""

    weight: float
    formula: Formula
    zh: str
    en: str

    def name(self, locale: str) -> str:
        """What it is called in the reader's language."""
        return self.en if locale == "en" else self.zh


@dataclass(frozen=True)
class Score:
    """A composite score of a dimension (unit, or a post): weighted parts, and from how many points which grade."""

    code: str
    zh: str
    en: str
    parts: tuple[Part, ...]
    grades: tuple[tuple[str, float], ...]
    valid_from: date
    version: int


@dataclass(frozen=True)
class Formulas:
    """All that is in force on one day."""

    indicators: tuple[Indicator, ...]
    scores: Mapping[str, Score]

    @property
    def versions(self) -> dict[str, int]:
        """Which versions a report used: code → id of the change, for what the city changed."""
        changed: list[Indicator | Score] = [*self.indicators, *self.scores.values()]
        return {each.code: each.version for each in changed if each.version}


_CHANGED = text("""
    select distinct on (kind, code) id, kind, code, definition, active, valid_from from dispatch.formula
    where valid_from <= :day and (cast(:known as timestamptz) is null or recorded_at <= :known)
    order by kind, code, valid_from desc, id desc
""")


def in_force(db: Connection, day: date, known: datetime | None = None) -> Formulas:
    """Indicators and scores in force on `day`; with `known`, as they had been entered by that moment."""
    indicators, scores = {each.code: each for each in defaults().indicators}, dict(defaults().scores)
    for row in db.execute(_CHANGED, {"day": day, "known": known}):
        if not row.active:
            (indicators if row.kind == "indicator" else scores).pop(row.code, None)
        elif row.kind == "indicator":
            indicators[row.code] = _indicator(row.code, row.definition, row.valid_from, row.id)
        else:
            scores[row.code] = _score(row.code, row.definition, row.valid_from, row.id)
    return Formulas(tuple(indicators.values()), scores)


def change(
    db: Connection,
    actor: Actor,
    kind: str,
    code: str,
    definition: Mapping[str, Any],
    valid_from: date,
    reason: str,
    *,
    active: bool = True,
) -> int:
    """Enter a new version; returns its id. Raises InvalidInput for a formula that cannot be read, or a change without a reason."""
    actor.must("formula.change")
    if not actor.everywhere:
        raise NotPermitted("Formulas are the whole city's.", "Ask its assessor.")
    if kind not in ("indicator", "score"):
        raise InvalidInput("There is no kind '{kind}' of formula.", kind=kind, field="kind")
    if not code.isidentifier() or len(code) > 60:
        raise InvalidInput("A code is a word of letters, digits and _.", "For example: my_rate", field="code")
    if not reason.strip():
        raise InvalidInput(
            "A change of a formula needs a reason.", "Say what was decided, where and when.", field="reason"
        )
    if kind == "score" and code not in defaults().scores:
        raise InvalidInput("There is no score of '{code}'.", code=code, field="code")
    (_indicator if kind == "indicator" else _score)(code, definition, valid_from, 0)
    values = {
        "kind": kind,
        "code": code,
        "definition": json.dumps(dict(definition), ensure_ascii=False),
        "active": active,
        "day": valid_from,
        "reason": reason.strip(),
        "account": actor.account_id,
    }
    return int(db.execute(_ENTER, values).scalar_one())


_ENTER = text("""
    insert into dispatch.formula (kind, code, definition, active, valid_from, reason, account_id)
    values (:kind, :code, cast(:definition as jsonb), :active, :day, :reason, :account) returning id
""")


def past(db: Connection, kind: str, code: str) -> list[dict[str, Any]]:
    """All versions that the city entered, the newest first, with who and why."""
    rows = db.execute(
        text("""
            select f.id, f.definition, f.active, f.valid_from, f.reason, f.recorded_at, a.name, a.name_en
            from dispatch.formula f join gis.account a on a.id = f.account_id
            where f.kind = :kind and f.code = :code order by f.id desc
        """),
        {"kind": kind, "code": code},
    )
    return [dict(row._mapping) for row in rows]


@lru_cache
def defaults() -> Formulas:
    """Those of config/indicators.toml."""
    wanted = tomllib.loads(files("config").joinpath("indicators.toml").read_text(encoding="utf-8"))
    grades = {"grades": wanted["grades"]}
    return Formulas(
        tuple(_indicator(code, entry, FROM_THE_BEGINNING, 0) for code, entry in wanted["indicators"].items()),
        {code: _score(code, grades | entry, FROM_THE_BEGINNING, 0) for code, entry in wanted["scores"].items()},
    )


def _indicator(code: str, entry: Mapping[str, Any], valid_from: date, version: int) -> Indicator:
    zh, en = _called(entry)
    better = str(entry.get("better", ""))
    if better not in ("more", "less", ""):
        raise InvalidInput("Better is 'more', 'less' or nothing.", field="better")
    formula = expressions.read(str(entry.get("formula", "")), KNOWN)
    return Indicator(code, zh, en, formula, better, valid_from, version)


def _score(code: str, entry: Mapping[str, Any], valid_from: date, version: int) -> Score:
    zh, en = _called(entry)
    parts = tuple(_part(each) for each in entry.get("parts") or ())
    if not parts or sum(part.weight for part in parts) != 100:
        raise InvalidInput("The weights of a score add up to 100.", "Correct the weights.", field="parts")
    return Score(code, zh, en, parts, _grades(entry.get("grades") or {}), valid_from, version)


def _part(entry: Mapping[str, Any]) -> Part:
    zh, en = _called(entry)
    weight = entry.get("weight")
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 < weight <= 100:
        raise InvalidInput("A weight is a number between 0 and 100.", field="parts")
    return Part(float(weight), expressions.read(str(entry.get("formula", "")), KNOWN), zh, en)


def _grades(entry: Mapping[str, Any]) -> tuple[tuple[str, float], ...]:
    wanted: Sequence[tuple[str, Any]] = sorted(entry.items())
    limits = [limit for _, limit in wanted]
    fit = all(isinstance(limit, int | float) and not isinstance(limit, bool) and 0 <= limit <= 100 for limit in limits)
    if not wanted or not fit or limits != sorted(limits, reverse=True):
        raise InvalidInput("Grades fall from A on, each with the points from which it is given.", field="grades")
    return tuple((grade, float(limit)) for grade, limit in wanted)


def _called(entry: Mapping[str, Any]) -> tuple[str, str]:
    zh, en = str(entry.get("zh", "")).strip(), str(entry.get("en", "")).strip()
    if not zh or not en:
        raise InvalidInput("It needs a Chinese and an English name.", "Enter both.", field="zh")
    return zh, en
