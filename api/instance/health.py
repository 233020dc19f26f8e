"""What runs, and what stands in the way: for `status` and `doctor`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from api.instance import broker, choices, cluster, contents, environment, processes
from api.instance.choices import Choices
from api.instance.disk import require_space
from api.instance.paths import CHECKOUT, InstancePaths
from api.instance.start import answers
from api.instance.supervision import State, Supervisor
from config.errors import CityCommandError, ConfigurationError

PROGRAMS = {
    "setpriv": "util-linux",
    broker.BINARY: "mosquitto",
    str(cluster.BINARIES / "postgres"): "postgresql-15",
    str(cluster.BINARIES / "pg_dump"): "postgresql-client-15",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: fine when `error` is None."""

    what: str
    error: CityCommandError | None = None
    warning: str | None = None
    """What is no fault yet but will become one."""


def expected_states(paths: InstancePaths, chosen: Choices) -> list[State]:
    """One row for each process that should run, whether or not it does."""
    known = Supervisor(paths).states()
    names = [*(["postgres"] if chosen.own_database else []), *(["mosquitto"] if chosen.own_broker else [])]
    names += processes.our_names(chosen)
    return [known.get(name, State(name, "STOPPED", 0, 0)) for name in names]


def examine(paths: InstancePaths) -> Iterator[Finding]:
    """Look at everything an instance needs, one finding after the other."""
    for program, package in PROGRAMS.items():
        yield _look(f"program {program}", partial(_program, program, package))
    yield _look("front-end libraries", _front_end)
    yield _look("space on the disk", lambda: require_space(paths.var, megabytes=500, purpose="a city"))
    chosen = choices.load(paths)
    if chosen is None:
        yield Finding(
            f"instance {paths.name}",
            ConfigurationError(f"There is no instance {paths.name!r} yet.", "Make it with './citycommand up'."),
        )
        return
    for state in expected_states(paths, chosen):
        yield _look(f"process {state.name}", partial(_process, paths, state))
    yield _look("pages answer", lambda: _pages(chosen))
    url = environment.read(paths)["CITYCOMMAND_DATABASE_URL"]
    yield _calendar(url)
    yield _look("no event given up", lambda: contents.nothing_given_up(url))
    yield _look("no notice undelivered", lambda: contents.nothing_undelivered(url))
    yield _look("no data set overdue", lambda: contents.no_data_set_late(url))


def _look(what: str, check: Callable[[], None]) -> Finding:
    try:
        check()
    except CityCommandError as error:
        return Finding(what, error)
    return Finding(what)


def _calendar(database_url: str) -> Finding:
    what = "holidays known for the months to come"
    try:
        return Finding(what, warning=contents.calendar_end(database_url))
    except CityCommandError as error:
        return Finding(what, error)


def _program(program: str, package: str) -> None:
    if shutil.which(program) is None:
        raise ConfigurationError(f"{program} is missing.", f"Install Debian's package {package}, or run up again.")


def _front_end() -> None:
    if not (CHECKOUT / "dashboards/static/vendor/.complete").exists():
        raise ConfigurationError("The front-end libraries are not in place.", "Run './citycommand up'.")


def _process(paths: InstancePaths, state: State) -> None:
    if state.state != "RUNNING":
        raise ConfigurationError(
            f"The process {state.name} is {state.state.lower()}.",
            f"Run './citycommand up --instance {paths.name}'; './citycommand logs {state.name}' shows its last words.",
        )


def _pages(chosen: Choices) -> None:
    if not answers(f"http://127.0.0.1:{chosen.http}/healthz"):
        raise ConfigurationError(
            f"Nothing answers on port {chosen.http}.", "Run './citycommand up', then './citycommand logs web'."
        )
