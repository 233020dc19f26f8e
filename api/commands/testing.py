"""Subcommands that run tests and benchmarks, on instances of their own: a running city is never touched."""

from __future__ import annotations

import argparse
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from api.commands.registry import Command
from api.instance import choices, start, stop
from api.instance.paths import CHECKOUT, InstancePaths, make_private
from api.instance.progress import say
from api.instance.supervision import Supervisor
from config.errors import InvalidInput

BENCHES = CHECKOUT / "tests" / "benchmarks"


def test(arguments: argparse.Namespace) -> int:
    """Run pytest with a private database and broker; its arguments pass through, its exit status comes back."""
    with services(arguments.instance or "test", durable=False) as variables:
        command = [sys.executable, "-m", "pytest", *side_by_side(arguments.rest), *arguments.rest]
        return subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **variables}, check=False).returncode


def side_by_side(rest: list[str]) -> list[str]:
    """pytest's arguments for as many workers as there are cores (at most four), a file staying with one worker.

    Only where the arguments name no file: for a few tests the workers' start costs more than it saves, and a debugger needs none.
    """
    if any(not word.startswith("-") for word in rest):
        return []
    # In the order of the folders: acceptance and browser, whose files take longest, come first and none is left for the end.
    workers = min(len(os.sched_getaffinity(0)), 4)
    return ["--numprocesses", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]


def _configure_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="one of: " + ", ".join(bench_names()))


def bench(arguments: argparse.Namespace) -> int:
    """Run one benchmark; its last line on standard output is one JSON object."""
    if arguments.name not in bench_names():
        raise InvalidInput(f"There is no benchmark {arguments.name!r}.", f"Choose one of: {', '.join(bench_names())}.")
    with services(arguments.instance or "bench", durable=True) as variables:
        command = [sys.executable, "-m", f"tests.benchmarks.{arguments.name}", *arguments.rest]
        return subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **variables}, check=False).returncode


def bench_names() -> list[str]:
    """Names of the benchmarks: each is a module tests/benchmarks/<name>.py that prints its JSON object last."""
    return sorted(file.stem for file in BENCHES.glob("*.py") if not file.stem.startswith(("_", "test_", "conftest")))


@contextmanager
def services(name: str, *, durable: bool) -> Iterator[dict[str, str]]:
    """Variables of a running database and broker: existing ones where the environment names both, else our own.

    The last of several users at once stops them.
    """
    if os.environ.get("CITYCOMMAND_DATABASE_URL") and os.environ.get("CITYCOMMAND_MQTT_URL"):
        yield {}
        return
    paths = InstancePaths.of(name)
    make_private(paths.var, 0o711)
    with (paths.var / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with start.exclusively(paths, wait=True):
            # Nobody remembers these ports: when nothing runs, take what is free now.
            idle = not Supervisor(paths).is_running()
            chosen = choices.choose(paths, os.environ, empty=True, new_ports=idle)
            instance = start.start_services(paths, chosen, durable=durable, may_create=True, services_only=True)
        try:
            yield dict(instance.variables)
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Database and broker stay up: another run still uses them.")
            else:
                stop.down(paths)


COMMANDS = [
    Command("test", "run the tests; arguments are pytest's", test, passes_rest=True),
    Command("bench", "run one benchmark", bench, _configure_bench, passes_rest=True),
]
