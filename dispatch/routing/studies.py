"""What takes long is worked on by the dispatch process in pieces: a dry run on history, the finder of gaps and conflicts.

Each piece is one event: it does what fits into a fraction of a second, keeps result and progress, and asks for the next. Killed at any
moment, the study goes on where it was; alarms and notices come between its pieces.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import shapely
from sqlalchemy import Connection, Row, text

from config.errors import InvalidInput, NotFound
from config.settings import Settings
from dispatch import policy, reach
from dispatch.routing import past, store
from dispatch.routing.book import Book
from dispatch.routing.gaps import MARKS, ClassFacts, judge, of_class
from gis import actors, clock, events

PIECE_S = 0.4
CASES_AT_ONCE = 500
MOST_SHOWN = 1000
"""So many of the cases that would go elsewhere are listed; all are counted."""


def start(db: Connection, account_id: int, kind: str, set_id: int, asked: Mapping[str, Any], trace_id: str) -> int:
    """Ask for a study; returns its id."""
    made = text(
        "insert into dispatch.routing_study (kind, set_id, asked, account_id) values (:kind, :set, cast(:asked as jsonb), :account)"
        " returning id"
    )
    values = {"kind": kind, "set": set_id, "asked": json.dumps(asked, default=str), "account": account_id}
    study_id = int(db.execute(made, values).scalar_one())
    total = db.execute(_TOTALS[kind], {"since": asked.get("since"), "until": asked.get("until")}).scalar_one()
    db.execute(text("update dispatch.routing_study set total = :n where id = :id"), {"n": total, "id": study_id})
    _next(db, study_id, trace_id)
    return study_id


_TOTALS = {
    "dry_run": text(
        "select count(*) from dispatch.seen_case where occurred_at >= cast(:since as timestamptz)"
        " and occurred_at < cast(:until as timestamptz) and class_code is not null"
    ),
    "gaps": text("select count(*) from gis.area where level = 'community'"),
}


def one(db: Connection, study_id: int) -> Row[Any]:
    """A study as it stands. Raises NotFound."""
    row = db.execute(text("select * from dispatch.routing_study where id = :id"), {"id": study_id}).first()
    if row is None:
        raise NotFound("There is no such study.")
    return row


def act(db: Connection, settings: Settings, event: events.Event) -> None:
    """Consumer `studies`: one piece of a study, as far as its asker may see."""
    study = db.execute(
        text(
            "select s.*, a.username from dispatch.routing_study s join gis.account a on a.id = s.account_id where s.id = :id"
            " and s.finished_at is null for update of s"
        ),
        {"id": event.payload["study_id"]},
    ).first()
    if study is None:
        return
    reach.limit(db, actors.actor(db, study.username))
    piece = {"dry_run": _dry_run, "gaps": _gaps}[study.kind]
    done, cursor, result, finished = piece(db, settings, study)
    db.execute(
        text(
            "update dispatch.routing_study set done = :done, cursor = :cursor, result = cast(:result as jsonb),"
            " finished_at = case when :finished then gis.now() end where id = :id"
        ),
        {
            "done": done,
            "cursor": cursor,
            "result": json.dumps(result, ensure_ascii=False),
            "finished": finished,
            "id": study.id,
        },
    )
    if not finished:
        _next(db, study.id, event.trace_id)


def _next(db: Connection, study_id: int, trace_id: str) -> None:
    events.append(db, "routing.study", f"routing_study:{study_id}", {"study_id": study_id}, trace_id)


Piece = tuple[int, int, dict[str, Any], bool]
"""How many are done, where to go on, the result so far, and whether that is all."""


def _dry_run(db: Connection, settings: Settings, study: Row[Any]) -> Piece:
    """The set against the one it is compared with, on the cases of a period."""
    asked = study.asked
    since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    ours, theirs = store.book_of(db, study.set_id), store.book_of(db, asked["against"])
    fallback = store.in_force(db, until).fallback_unit_id
    calendar = policy.calendar(db, settings.time_zone)
    result = study.result or {"changed": 0, "unrouted": 0, "moves": {}, "by_rule": {}, "cases": []}
    done, cursor, begun = study.done, study.cursor, time.monotonic()
    while time.monotonic() - begun < PIECE_S:
        found = list(past.cases(db, since, until, cursor, CASES_AT_ONCE, settings.time_zone, calendar))
        for case in found:
            _compare(result, case, past.unit_by(theirs, fallback, case), past.unit_by(ours, fallback, case))
        done += len(found)
        if len(found) < CASES_AT_ONCE:
            return done, cursor, result, True
        cursor = found[-1].id
    return done, cursor, result, False


def _compare(
    result: dict[str, Any],
    case: past.PastCase,
    before: tuple[int | None, int | None],
    after: tuple[int | None, int | None],
) -> None:
    rule = str(after[1] or "fallback")
    result["by_rule"][rule] = result["by_rule"].get(rule, 0) + 1
    result["unrouted"] += after[1] is None
    if before[0] == after[0]:
        return
    result["changed"] += 1
    way = f"{before[0] or 0}>{after[0] or 0}"
    result["moves"][way] = result["moves"].get(way, 0) + 1
    if len(result["cases"]) < MOST_SHOWN:
        point = case.point or (None, None)
        kept = {"id": case.id, "number": case.number, "title": case.title, "lon": point[0], "lat": point[1]}
        where = {"class_code": case.facts.class_code, "area_code": case.facts.area_code}
        ways = {"from": before[0], "to": after[0], "from_rule": before[1], "to_rule": after[1]}
        result["cases"].append(kept | where | ways)


def _gaps(db: Connection, settings: Settings, study: Row[Any]) -> Piece:
    """Every community by every class."""
    book, classes = store.book_of(db, study.set_id), classes_of(db, clock.now(db).astimezone(settings.time_zone).date())
    speaking = [(about, of_class(book.rules, about)) for about in classes]
    result = study.result or {
        "classes": [about.code for about in classes],
        "areas": [],
        "counts": dict.fromkeys(MARKS, 0),
    }
    done, cursor, begun = study.done, study.cursor, time.monotonic()
    while time.monotonic() - begun < PIECE_S:
        area = db.execute(
            text(
                "select id, code, name, name_en, st_asbinary(geom) as geom from gis.area where level = 'community' and id > :after"
                " order by id limit 1"
            ),
            {"after": cursor},
        ).first()
        if area is None:
            return done, cursor, result, True
        whole, partly = book.over(shapely.from_wkb(bytes(area.geom)))
        cells = [judge(rules, about, area.code, whole, partly, book.meet) for about, rules in speaking]
        for cell in cells:
            result["counts"][cell.kind] += 1
        marks = "".join(MARKS[cell.kind] for cell in cells)
        result["areas"].append({"code": area.code, "name": area.name, "name_en": area.name_en, "cells": marks})
        done, cursor = done + 1, area.id
    return done, cursor, result, False


def classes_of(db: Connection, day: date) -> list[ClassFacts]:
    """All classes in use with their conditions in force on a day of the city, and the units these name."""
    rows = db.execute(
        text(
            "select c.code, array_remove(array_agg(f.id), null) as conditions,"
            " array_agg(f.unit_id) filter (where f.id is not null) as units"
            " from dispatch.case_class c left join dispatch.filing_condition f on f.class_code = c.code"
            " and f.valid_from <= :day and (f.valid_to is null or f.valid_to > :day)"
            " where c.active group by c.code order by c.code"
        ),
        {"day": day},
    )
    return [ClassFacts(row.code, frozenset(row.conditions), tuple(row.units or ())) for row in rows]


def cell(db: Connection, book: Book, area_code: str, class_code: str, day: date) -> dict[str, Any]:
    """One cell with the rules that can decide there, by number. Raises NotFound, InvalidInput."""
    area = db.execute(
        text("select code, st_asbinary(geom) as geom from gis.area where code = :code"), {"code": area_code}
    ).first()
    about = next((each for each in classes_of(db, day) if each.code == class_code), None)
    if area is None:
        raise NotFound("There is no area '{area}'.", "Choose one of the list.", area=area_code)
    if about is None:
        raise InvalidInput("There is no such class in use.", field="class_code")
    whole, partly = book.over(shapely.from_wkb(bytes(area.geom)))
    found = judge(of_class(book.rules, about), about, area.code, whole, partly, book.meet)
    numbers = {rule.id: rule.number for rule in book.rules}
    pairs = [[numbers[one], numbers[other]] for one, other in found.pairs]
    return {"kind": found.kind, "rules": [numbers[rule] for rule in found.rules], "pairs": pairs}
