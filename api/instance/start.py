"""Bring an instance up: services first, then the tables, then the city, then its own processes."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from api.instance import broker, choices, cluster, environment, existing, processes, secrets
from api.instance.choices import Choices
from api.instance.disk import require_space
from api.instance.paths import CHECKOUT, InstancePaths, make_private
from api.instance.progress import step
from api.instance.supervision import Supervisor, configuration
from config.errors import ConfigurationError, ServiceUnavailable

READY_WITHIN = 120.0
"""Seconds that a process may take until it answers: crash recovery of a large database, a busy machine."""

DYING_FOR = 20.0
"""Seconds after which a process that is down between two attempts is no longer waited for."""


@dataclass(frozen=True)
class Instance:
    """A prepared instance: what its processes need to know."""

    paths: InstancePaths
    choices: Choices
    variables: Mapping[str, str]

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.choices.http}/"


@contextmanager
def exclusively(paths: InstancePaths, *, wait: bool = False) -> Iterator[None]:
    """Hold the instance's lock: two commands at once would step on each other's feet.

    Raises ConfigurationError when another command holds it, unless told to `wait`.
    """
    make_private(paths.var, 0o711)  # PostgreSQL's user passes through to its own directory
    with (paths.var / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise ConfigurationError(
                f"Another ./citycommand is changing instance {paths.name!r} at this moment.",
                "Wait until it is done, then run the same command again.",
            ) from error
        yield


def start_services(
    paths: InstancePaths,
    chosen: Choices,
    *,
    durable: bool = True,
    may_create: bool = False,
    services_only: bool = False,
) -> Instance:
    """Database and broker run, roles and database exist; our own processes are known to the supervisor, not started."""
    require_space(paths.var, megabytes=200, purpose="the city")
    supervisor = Supervisor(paths)
    if not supervisor.is_running():
        shutil.rmtree(paths.metrics, ignore_errors=True)  # counters begin anew
    for directory in (paths.logs, paths.evidence, paths.metrics):
        make_private(directory)
    choices.save(paths, chosen)
    with step("Preparing database and broker"):
        passwords = secrets.ensure(paths)
        _prepare_services(paths, chosen, passwords, durable=durable)
        variables = environment.build(paths, chosen, passwords)
        environment.write(paths, variables)
    _require_ports(paths, chosen, supervisor, services_only=services_only)
    with step("Starting database and broker"):
        table = processes.table(paths, chosen, services_only=services_only)
        supervisor.apply(configuration(paths, table, variables))
        supervisor.start([process.name for process in table if process.service])
        _wait_for_services(paths, chosen)
        if chosen.own_database:
            cluster.provision(paths, chosen, passwords, may_create=may_create)
        else:
            existing.provision(variables["CITYCOMMAND_OWNER_DATABASE_URL"], variables["CITYCOMMAND_DATABASE_URL"])
    return Instance(paths, chosen, variables)


def _prepare_services(paths: InstancePaths, chosen: Choices, passwords: dict[str, str], *, durable: bool) -> None:
    make_private(paths.sockets.parent, 0o711)
    make_private(paths.sockets, 0o711)
    if chosen.own_database:
        cluster.prepare(paths, chosen, durable=durable)
    if chosen.own_broker:
        broker.prepare(paths, chosen, passwords["mqtt_password"])


def _require_ports(paths: InstancePaths, chosen: Choices, supervisor: Supervisor, *, services_only: bool) -> None:
    """Every port that no process of ours holds yet must be free."""
    running = {name for name, state in supervisor.states().items() if state.pid}
    wanted = {"postgres": chosen.own_database, "mosquitto": chosen.own_broker, "web": not services_only}
    port = {"postgres": chosen.postgres, "mosquitto": chosen.mqtt, "web": chosen.http}
    service = {"postgres": "postgres", "mosquitto": "mqtt", "web": "http"}
    for name, is_wanted in wanted.items():
        if is_wanted and name not in running:
            _give_time(partial(choices.is_free, port[name]))
            choices.require_free(paths, service[name], port[name])


def _give_time(condition: Callable[[], bool], seconds: float = 3.0) -> None:
    """A process of ours whose supervisor was killed needs a moment to let go of its port."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def _wait_for_services(paths: InstancePaths, chosen: Choices) -> None:
    if chosen.own_database:
        wait_for("postgres", lambda: cluster.is_ready(paths, chosen), paths)
    if chosen.own_broker:
        wait_for("mosquitto", lambda: broker.is_ready(chosen), paths)


def wait_for(name: str, condition: Callable[[], bool], paths: InstancePaths) -> None:
    """Wait until `condition`.

    Raises ServiceUnavailable with the log's last lines when it does not come or the process dies again and again.
    """
    started = time.monotonic()
    supervisor = Supervisor(paths)
    while not condition():
        waited = time.monotonic() - started
        state = supervisor.states().get(name)
        dying = state is not None and (state.state == "FATAL" or (state.state == "BACKOFF" and waited > DYING_FOR))
        if dying or waited > READY_WITHIN:
            words = last_words(paths, name)
            raise ServiceUnavailable(
                f"The process {name!r} of instance {paths.name!r} does not come up. Its last words:\n{words}",
                f"Look at './citycommand logs {name} --instance {paths.name}'.",
            )
        time.sleep(0.05)


def last_words(paths: InstancePaths, name: str, lines: int = 8) -> str:
    """The last lines of a process's log."""
    try:
        text = (paths.logs / f"{name}.log").read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return "  (no log)"
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:]) or "  (nothing)"


def migrate(instance: Instance) -> None:
    """Bring the tables to this checkout's revision, as their owner."""
    from gis import migrations

    migrations.upgrade(instance.variables["CITYCOMMAND_OWNER_DATABASE_URL"])


def run_module(instance: Instance, module: str, *arguments: str) -> None:
    """Run `python -m module` with the instance's variables; ServiceUnavailable when it fails."""
    command = [sys.executable, "-m", module, *arguments]
    result = subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **instance.variables}, check=False)
    if result.returncode:
        raise ServiceUnavailable(
            f"'python -m {module}' ended with status {result.returncode}; its message stands above."
        )


def load_demonstration(instance: Instance, scale: float | None = None) -> None:
    """Fill an empty database with the demonstration city, at its usual size or at `scale`; leaves any other alone."""
    size = [] if scale is None else ["--scale", f"{scale:g}"]
    if importlib.util.find_spec("data.demonstration") is not None:
        run_module(instance, "data.demonstration", "--if-empty", *size)


def start_processes(instance: Instance) -> None:
    """Start our own processes, and wait until pages are served and the others have stayed up."""
    names = processes.our_names(instance.choices)
    supervisor = Supervisor(instance.paths)
    supervisor.start(names)
    wait_for("web", lambda: answers(f"{instance.address}healthz"), instance.paths)
    for name in names:
        wait_for(name, partial(supervisor.is_up, name), instance.paths)


def answers(url: str) -> bool:
    """Whether a GET of `url` on this machine gives 200."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
