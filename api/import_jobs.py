"""Long work of imports beside the web server: a process for each run, so that reading a city holds up no page.

What becomes of the work stands in the run's row; a process that dies leaves a run that is told as interrupted.
"""

from __future__ import annotations

import multiprocessing
from typing import Any

import structlog
from sqlalchemy import Engine, text

from api import import_work
from config import i18n
from config.errors import CityCommandError
from config.settings import Settings
from gis.db import make_engine, transaction
from gis.importing import steps

log = structlog.get_logger()

ACTS = {"preview": import_work.preview_run, "apply": import_work.apply}


def start(settings: Settings, run_id: int, act: str) -> None:
    """Begin to preview or apply a run and return at once."""
    multiprocessing.active_children()  # takes leave of those that are done
    context = multiprocessing.get_context("spawn")
    context.Process(target=work, args=(settings, run_id, act), daemon=True, name=f"import-{run_id}").start()


def work(settings: Settings, run_id: int, act: str) -> None:
    """Do it in this process; whatever goes wrong is kept with the run."""
    engine = make_engine(settings.database_url, pool_size=4)
    try:
        with i18n.use(_language(engine, run_id)):  # reasons of refused rows are kept as their steward reads them
            ACTS[act](engine, settings, run_id)
    except CityCommandError as error:
        _keep(engine, run_id, act, error)
    except Exception as error:
        log.error("import_failed", run_id=run_id, act=act, exc_info=error)
        unexpected = CityCommandError("Something unexpected happened here; nothing was changed.")
        _keep(engine, run_id, act, unexpected)
    finally:
        engine.dispose()


def _language(engine: Engine, run_id: int) -> str:
    """The language of whoever handed the file in; English for a run of the command line."""
    asked = text("select a.locale from gis.import_run r join gis.account a on a.id = r.account_id where r.id = :run")
    with transaction(engine) as db:
        return str(db.execute(asked, {"run": run_id}).scalar() or "en")


def _keep(engine: Any, run_id: int, act: str, error: CityCommandError) -> None:
    """A preview that failed marks its run; a run that could not be applied stays previewed, and says why."""
    if act == "preview":
        steps.fail(engine, run_id, error)
    else:
        steps.note_problem(engine, run_id, error)
