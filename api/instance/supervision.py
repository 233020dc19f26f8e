"""Supervision with supervisord: a process that dies is started again, the others go on."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from api.instance.paths import CHECKOUT, InstancePaths, write_private
from api.instance.processes import Process
from config.errors import ServiceUnavailable

ALREADY_STARTED, NOT_RUNNING = 60, 70
"""Fault codes of supervisor's XML-RPC interface (supervisor.xmlrpc.Faults)."""


@dataclass(frozen=True)
class State:
    """What the supervisor knows of one process."""

    name: str
    state: str
    """RUNNING, STARTING, BACKOFF (it died and is tried again), STOPPED, FATAL (given up), …"""
    pid: int
    seconds: int
    """How long it has been in this state."""


def configuration(paths: InstancePaths, processes: Sequence[Process], environment: Mapping[str, str]) -> str:
    """Text of supervisord's configuration: the supervisor itself, then one section a process."""
    logs = _literal(str(paths.logs))
    return "\n".join(
        [
            "; Written by ./citycommand up at every start; changes here are lost.",
            "[supervisord]",
            f"logfile = {logs}/supervisor.log",
            "logfile_maxbytes = 5MB",
            "logfile_backups = 1",
            f"pidfile = {_literal(str(paths.var))}/supervisor.pid",
            f"childlogdir = {logs}",
            f"directory = {_literal(str(CHECKOUT))}",
            "umask = 077",
            *(["user = root"] if os.geteuid() == 0 else []),
            "[unix_http_server]",
            f"file = {paths.supervisor_socket}",
            "chmod = 0700",
            "[rpcinterface:supervisor]",
            "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
            *(_section(paths, process, priority, environment) for priority, process in enumerate(processes, 1)),
            "",
        ]
    )


def _section(paths: InstancePaths, process: Process, priority: int, environment: Mapping[str, str]) -> str:
    # A child gets the stop signal when the supervisor itself is killed: no orphan keeps a port or a data directory.
    command = ["setpriv", "--pdeathsig", process.stop_signal, "--", *process.command]
    lines = [
        f"[program:{process.name}]",
        f"command = {_literal(shlex.join(command))}",
        f"directory = {'/' if process.service else _literal(str(CHECKOUT))}",
        f"priority = {priority}",
        f"autostart = {str(process.service).lower()}",
        "autorestart = true",
        "startsecs = 1",
        "startretries = 20",
        f"stopsignal = {process.stop_signal}",
        f"stopwaitsecs = {process.stop_seconds}",
        "redirect_stderr = true",
        f"stdout_logfile = {_literal(str(paths.logs))}/{process.name}.log",
        "stdout_logfile_maxbytes = 20MB",
        "stdout_logfile_backups = 2",
    ]
    if process.user and os.geteuid() == 0:
        lines.append(f"user = {process.user}")
    if not process.service:
        lines += ["stopasgroup = true", "killasgroup = true"]
        pairs = (f'{name}="{_literal(value)}"' for name, value in sorted(environment.items()))
        lines.append("environment = " + ",".join(pairs))
    return "\n".join(lines)


def _literal(value: str) -> str:
    """A value as supervisor's parser wants it: it expands %(…)s."""
    return value.replace("%", "%%")


class Supervisor:
    """The supervisor of one instance, spoken to over its socket."""

    def __init__(self, paths: InstancePaths) -> None:
        self._paths = paths

    def is_running(self) -> bool:
        """Whether the supervisor answers."""
        try:
            with self._speaking() as rpc:
                rpc.getState()
        except OSError:
            return False
        except Fault:  # it is shutting down
            return True
        return True

    def apply(self, configuration: str) -> None:
        """Start the supervisor with this configuration, or have the running one take over what changed."""
        write_private(self._paths.supervisor_configuration, configuration)
        if self.is_running():
            self._take_over_changes()
        else:
            self._launch()

    def states(self) -> dict[str, State]:
        """State of every process, by name; empty when the supervisor does not run."""
        if not self.is_running():
            return {}
        with self._speaking() as rpc:
            rows = rpc.getAllProcessInfo()
        return {
            row["name"]: State(row["name"], row["statename"], row["pid"], max(0, row["now"] - row["start"]))
            for row in rows
        }

    def is_up(self, name: str) -> bool:
        """Whether this process has stayed up long enough to count as running."""
        state = self.states().get(name)
        return state is not None and state.state == "RUNNING"

    def start(self, names: Sequence[str]) -> None:
        """Start these processes where they do not run yet, without waiting for them."""
        with self._speaking() as rpc:
            for name in names:
                with suppress_fault(ALREADY_STARTED):
                    rpc.startProcess(name, False)

    def stop(self, names: Sequence[str]) -> None:
        """Stop these processes where they run, and wait until they are gone."""
        with self._speaking() as rpc:
            for name in names:
                with suppress_fault(NOT_RUNNING):
                    rpc.stopProcess(name, True)

    def shut_down(self, timeout: float = 90.0) -> bool:
        """Stop every process and the supervisor. Returns False when there was nothing to stop."""
        if not self.is_running():
            return False
        with self._speaking() as rpc:
            rpc.shutdown()
        deadline = time.monotonic() + timeout
        while self.is_running():
            if time.monotonic() > deadline:
                raise ServiceUnavailable(f"The processes of instance {self._paths.name!r} do not stop.")
            time.sleep(0.05)
        return True

    def _launch(self) -> None:
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._paths.supervisor_configuration)]
        result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT)
        deadline = time.monotonic() + 10
        while result.returncode == 0 and not self.is_running():
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            if result.returncode == 0:
                return
        raise ServiceUnavailable(
            f"The supervisor does not start: {(result.stderr or result.stdout).strip() or 'no message'}",
            f"Read {self._paths.logs}/supervisor.log, then run './citycommand doctor'.",
        )

    def _take_over_changes(self) -> None:
        with self._speaking() as rpc:
            added, changed, removed = rpc.reloadConfig()[0]
            for name in [*changed, *removed]:
                rpc.stopProcessGroup(name)
                rpc.removeProcessGroup(name)
            for name in [*changed, *added]:
                rpc.addProcessGroup(name)

    @contextmanager
    def _speaking(self) -> Iterator[Any]:
        """One connection to the supervisor; OSError when nobody listens."""
        transport = SupervisorTransport(serverurl=f"unix://{self._paths.supervisor_socket}")
        with closing(transport):
            yield ServerProxy("http://127.0.0.1", transport=transport).supervisor


@contextmanager
def suppress_fault(code: int) -> Iterator[None]:
    """What was asked for is so already."""
    try:
        yield
    except Fault as fault:
        if fault.faultCode != code:
            raise
