"""An import in steps: opened, previewed, then applied or discarded; an applied one undone as a whole (gis/importing/undo.py).

A preview does the import in a transaction and rolls it back, keeping the difference (gis/importing/difference.py). Applying does
it again from the kept files, in one transaction, and commits only if the difference is still the one that was looked at.
One connection works; another says how far the work is, for that must be seen before the work is committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, text, update

from config.errors import CityCommandError, IllegalStep, NotFound, StalePreview, UnreadableFile
from gis import tables
from gis.db import transaction
from gis.importing import difference, runs
from gis.importing.runs import Outcome, Report
from gis.tables import NOW

Work = Callable[[Connection], Outcome]
"""The import itself: everything in the transaction that it is given."""

STEPS: Mapping[str, tuple[str, ...]] = {
    "previewed": ("running", "previewed"),
    "applied": ("running", "previewed"),
    "discarded": ("previewed", "failed"),
    "failed": ("running",),
    "undone": ("applied",),
}
"""The states of a run: which one may follow which."""

STATES: Mapping[str, tuple[str, str]] = {
    "running": ("进行中", "running"),
    "previewed": ("待确认", "previewed"),
    "applied": ("已生效", "applied"),
    "undone": ("已撤销", "undone"),
    "failed": ("失败", "failed"),
    "discarded": ("已放弃", "discarded"),
}
"""The states of a run in words, Chinese and English."""

REPORT_EVERY_S = 0.5
BEGINS_WITHIN_S = 60
"""How long a run may wait for its worker: on a busy machine a new process takes many seconds to begin."""

LOCKS = 4_009
"""First key of the advisory locks that runs hold while somebody works on them; the second is the run's id."""


def open_run(
    db: Connection,
    kind: str,
    files: Sequence[Path],
    *,
    mapping: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    account_id: int | None = None,
    replays: int | None = None,
) -> int:
    """A run that waits for its preview. Raises UnreadableFile for a file that cannot be read."""
    run_id = runs.start(db, kind, files, mapping)
    values = {"options": dict(options or {}), "account_id": account_id, "replays": replays}
    db.execute(update(tables.import_run).where(tables.import_run.c.id == run_id).values(**values))
    return run_id


def preview(engine: Engine, run_id: int, work: Work) -> Outcome:
    """Do the work, keep its difference, and leave the city as it was. An error marks the run as failed, and comes through."""
    with _at_work(engine, run_id) as report:
        try:
            return _try_out(engine, run_id, work, report)
        except CityCommandError as error:
            with transaction(engine) as db:
                _failed(db, run_id, error)
            raise


def apply(engine: Engine, run_id: int, files: Sequence[Path], work: Work) -> Outcome:
    """Do the work of a previewed run for good, in one transaction.

    Raises IllegalStep for a run that is not previewed, UnreadableFile where its files are no longer those that were looked at,
    StalePreview where what stands has changed since and the difference is another one now, which is kept in its place.
    """
    with _at_work(engine, run_id) as report:
        with transaction(engine) as db:
            run = get(db, run_id)
        must(run, "applied")
        if runs.fingerprint(files) != run.sha256:
            raise UnreadableFile(
                "The files of run {run} are no longer those that were previewed.",
                "Discard the run and import the file anew.",
                run=run_id,
            )
        with transaction(engine) as db, runs.going_on(run_id, report):
            difference.forget(db, run_id)
            db.execute(text("delete from gis.import_reject where run_id = :id"), {"id": run_id})
            outcome = work(db)
            with difference.collect(db, run_id, outcome.source) as now:
                if now.digest == run.effects.get("digest"):
                    return outcome
                db.rollback()
                with transaction(engine) as again:
                    _keep(again, outcome, now)
                raise StalePreview("What stands has changed since run {run} was previewed.", run=run_id)


def discard(db: Connection, run_id: int) -> None:
    """Leave a previewed run: nothing of it is applied; its figures stay. Raises IllegalStep for any other run."""
    to(db, run_id, "discarded", finished_at=NOW)
    difference.forget(db, run_id)


def get(db: Connection, run_id: int) -> Row[Any]:
    """The row of a run. Raises NotFound."""
    row = db.execute(select(tables.import_run).where(tables.import_run.c.id == run_id)).first()
    if row is None:
        raise NotFound("There is no import run {run}.", "Look at the list of runs.", run=run_id)
    return row


def settle_interrupted(db: Connection) -> int:
    """Mark runs as failed whose worker is gone, such as after a restart; returns how many. Nothing of them was applied."""
    found = db.execute(
        text("""
            with going as materialized (
                select id from gis.import_run
                where state = 'running' and started_at < gis.now() - make_interval(secs => :begins)
            )
            select id from going where pg_try_advisory_xact_lock(:locks, id::int)
        """),
        {"locks": LOCKS, "begins": BEGINS_WITHIN_S},
    ).scalars()
    interrupted = IllegalStep("The work was interrupted; nothing was applied.", "Import the file again.")
    ids = list(found)
    for run_id in ids:
        _failed(db, run_id, interrupted)
    return len(ids)


def note_problem(engine: Engine, run_id: int, error: CityCommandError) -> None:
    """Keep why a previewed run could not be applied, beside its difference."""
    with transaction(engine) as db:
        table = tables.import_run
        values = {"problem": error.kept(), "progress": {}}
        db.execute(update(table).where(table.c.id == run_id, table.c.state == "previewed").values(**values))


def forget_problem(db: Connection, run_id: int) -> None:
    """A new attempt begins: what went wrong before no longer counts."""
    table = tables.import_run
    values = {"problem": None, "progress": {"phase": "waiting", "done": 0, "total": None}}
    db.execute(update(table).where(table.c.id == run_id).values(**values))


def fail(engine: Engine, run_id: int, error: CityCommandError) -> None:
    """Say why a run that nobody works on any more came to nothing."""
    with transaction(engine) as db:
        _failed(db, run_id, error)


def _try_out(engine: Engine, run_id: int, work: Work, report: Report) -> Outcome:
    with transaction(engine) as db, runs.going_on(run_id, report):
        outcome = work(db)
        with difference.collect(db, run_id, outcome.source) as collected:
            db.rollback()
            with transaction(engine) as kept:
                _keep(kept, outcome, collected)
    return outcome


def _keep(db: Connection, outcome: Outcome, collected: difference.Collected) -> None:
    """Store what the work would do, beside its figures."""
    difference.store(db, outcome.run_id, collected)
    effects = {"digest": collected.digest, "source": outcome.source}
    counts = runs.figures(outcome) | {"difference": difference.counts(db, outcome.run_id)}
    to(db, outcome.run_id, "previewed", counts=counts, effects=effects, progress={}, problem=None, finished_at=NOW)


def _failed(db: Connection, run_id: int, error: CityCommandError) -> None:
    to(db, run_id, "failed", problem=error.kept(), progress={}, finished_at=NOW)


def to(db: Connection, run_id: int, state: str, **values: Any) -> None:
    """Bring a run to a state. Raises IllegalStep where it is in none that this one may follow."""
    table = tables.import_run
    change = update(table).where(table.c.id == run_id, table.c.state.in_(STEPS[state])).values(state=state, **values)
    if db.execute(change).rowcount == 0:
        must(get(db, run_id), state)


def must(run: Row[Any], state: str) -> None:
    """See that a run may come to `state`. Raises IllegalStep."""
    if run.state not in STEPS[state]:
        raise IllegalStep(
            "Run {run} cannot be {wanted_state}: it is {run_state}.",
            run=run.id,
            wanted_state=state,
            run_state=run.state,
        )


@contextmanager
def _at_work(engine: Engine, run_id: int) -> Iterator[Report]:
    """Hold the run while its work goes on, and hand out the way to say how far it is.

    Raises IllegalStep while somebody else works on it. The lock goes with the connection, whatever becomes of this process.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as aside:
        mine = {"locks": LOCKS, "id": run_id}
        if not aside.execute(text("select pg_try_advisory_lock(:locks, :id)"), mine).scalar():
            raise IllegalStep("Run {run} is being worked on at this moment.", "Wait until it is done.", run=run_id)
        try:
            yield _reporter(aside, run_id)
        finally:
            aside.execute(text("select pg_advisory_unlock(:locks, :id)"), mine)


def _reporter(aside: Connection, run_id: int) -> Report:
    """Writes progress to the run's row, twice a second at most."""
    last = 0.0
    table = tables.import_run

    def report(phase: str, done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last < REPORT_EVERY_S:
            return
        last = time.monotonic()
        told = {"phase": phase, "done": done, "total": total}
        aside.execute(update(table).where(table.c.id == run_id).values(progress=told))

    return report
