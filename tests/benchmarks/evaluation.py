"""Time and figures over a city's year: a million cases stored, a hundred thousand open.

`due_ms`: the slowest of the lists of what is due and overdue, with their totals, and the counters at the top of each screen, as a
person asks for them (95th percentile of 40). `fire_s`: how long after the second in which ten thousand clocks run out the last
of them is marked by the real dispatch process, which is killed without warning in the middle and started again; `fired_twice`.
`monthly_s`, `dashboard_ms`: see _figures.py.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from config.settings import from_environment
from data import demonstration
from dispatch import listing
from dispatch.listing import Filter
from gis import actors, clock
from gis.db import make_engine, transaction
from tests.benchmarks import _figures, _many_cases
from tests.benchmarks._support import database, environment, finish, percentile, say
from tests.support.server import Process
from tests.support.waiting import wait_until

TURNS = 40
LIST_LENGTH = 100
LEAD_S = 15
"""So long before they run out the clocks are set: the process has started by then."""


def main() -> None:
    """Run it; the last line is the result."""
    parser = argparse.ArgumentParser(prog="bench evaluation", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the result is always JSON; kept for scripts")
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--together", type=int, default=10_000, help="clocks that run out in one second")
    chosen = parser.parse_args()
    with database() as made, environment(made) as variables:
        owner, engine = make_engine(made.owner_url), make_engine(made.app_url)
        with transaction(owner) as db:
            say("Loading the demonstration city")
            demonstration.load(db, from_environment(variables), 0.2, cases=0, aid_share=0)
        say(f"{chosen.cases} cases, {chosen.open} of them open")
        started = time.perf_counter()
        _many_cases.make(owner, chosen.cases, chosen.open)
        figures: dict[str, Any] = {"cases": chosen.cases, "made_s": round(time.perf_counter() - started, 1)}
        say(f"  {figures['made_s']} s")
        figures |= due(engine)
        figures |= _figures.measure(owner, engine)
        figures |= firing(engine, variables, chosen.together)
        owner.dispose()
        engine.dispose()
    finish(figures)


def due(engine: Engine) -> dict[str, Any]:
    """Lists, totals and counters of a dispatcher who sees the whole city."""
    with engine.connect() as db:
        reader = actors.actor(db, db.execute(text("select username from gis.account a join gis.post_assignment p"
                                                  " on p.account_id = a.id where p.post = 'dispatcher' limit 1")).scalar_one())  # fmt: skip
        now = clock.now(db)
        urgent = Filter(most_urgent_first=True)
        asked: dict[str, Callable[[], Any]] = {
            "overdue": lambda: listing.cases(
                db, reader, Filter(overdue=True, most_urgent_first=True), now=now, limit=LIST_LENGTH
            ),
            "overdue_newest": lambda: listing.cases(db, reader, Filter(overdue=True), now=now, limit=LIST_LENGTH),
            "overdue_total": lambda: listing.count(db, reader, Filter(overdue=True)),
            "due_2h": lambda: listing.cases(
                db, reader, Filter(due_within_s=7200, most_urgent_first=True), now=now, limit=LIST_LENGTH
            ),
            "due_2h_total": lambda: listing.count(db, reader, Filter(due_within_s=7200)),
            "due_24h_total": lambda: listing.count(db, reader, Filter(due_within_s=86400)),
            "urgent": lambda: listing.cases(db, reader, urgent, now=now, limit=LIST_LENGTH),
            "open_total": lambda: listing.count(db, reader, Filter(open=True)),
            "counters": lambda: listing.counters(db, reader),
        }
        found = {name: _p95_ms(ask) for name, ask in asked.items()}
    say("  " + ", ".join(f"{name} {value} ms" for name, value in found.items()))
    return {"due_ms": max(found.values()), "each_ms": found}


def _p95_ms(ask: Callable[[], Any]) -> float:
    ask()
    took = []
    for _ in range(TURNS):
        started = time.perf_counter()
        ask()
        took.append(time.perf_counter() - started)
    return round(percentile(took, 0.95) * 1000, 1)


def firing(engine: Engine, variables: dict[str, str], together: int) -> dict[str, Any]:
    """Ten thousand clocks run out in one second; the process that marks them is killed half-way."""
    say(f"{together} clocks run out in one second")
    with transaction(engine) as db:
        moment = clock.now(db) + timedelta(seconds=LEAD_S)
        _set_due(db, together, moment)
        before = db.execute(text("select coalesce(max(id), 0) from gis.event")).scalar_one()
    log = Path(variables["CITYCOMMAND_VAR"]) / "dispatch.log"
    with Process(["dispatch.service"], variables, log) as first:
        wait_until(lambda: _told(engine, before, moment)[0] > 0, LEAD_S + 60, what="the first clock")
        first.kill()
    half = _told(engine, before, moment)[0]
    with Process(["dispatch.service"], variables, log):
        wait_until(lambda: _told(engine, before, moment)[1] >= together, 60, what="all clocks")
        with transaction(engine) as db:
            late = (clock.now(db) - moment).total_seconds()
    told, cases = _told(engine, before, moment)
    say(f"  all marked {late:.1f} s after; killed when {half} were")
    return {"fire_s": round(late, 1), "fired": cases, "fired_twice": told - cases, "before_kill": half}


def _set_due(db: Connection, count: int, moment: datetime) -> None:
    db.execute(
        text("""
            with chosen as (select id, case_id from dispatch.clock where stopped_at is null and breached_at is null
                            and started_at < :at order by id limit :count),
                 shown as (update dispatch.cases set stage_due_at = :at from chosen where cases.id = chosen.case_id)
            update dispatch.clock set due_at = :at, warn_at = least(warn_at, :at), warned_at = coalesce(warned_at, :at)
            from chosen where clock.id = chosen.id
        """),
        {"count": count, "at": moment},
    )


def _told(engine: Engine, before: int, moment: datetime) -> tuple[int, int]:
    """Events of clocks that ran out at `moment`, and of how many cases they are."""
    statement = text(
        "select count(*), count(distinct subject) from gis.event where id > :before and kind = 'clock.breached'"
        " and cast(payload ->> 'due_at' as timestamptz) = :at"
    )
    with engine.connect() as db:
        events, cases = db.execute(statement, {"before": before, "at": moment}).one()
    return events, cases


if __name__ == "__main__":
    main()
