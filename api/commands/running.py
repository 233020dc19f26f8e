"""Subcommands that start, stop and look at an instance: up, down, status, doctor, logs, reset."""

from __future__ import annotations

import argparse
import os
import sys

from api.commands.registry import Command
from api.instance import choices, health, processes, start, stop
from api.instance.paths import InstancePaths
from api.instance.progress import step
from api.instance.summary import logins
from config.errors import ConfigurationError, InvalidInput, NotFound


def paths_of(arguments: argparse.Namespace) -> InstancePaths:
    """Paths of the instance that the command line names."""
    return InstancePaths.of(arguments.instance or "default")


def _configure_up(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="port of the pages (remembered)")
    parser.add_argument("--new-ports", action="store_true", help="choose free ports again")
    parser.add_argument("--time-zone", metavar="NAME", help="the city's time zone (remembered; Asia/Shanghai)")
    parser.add_argument("--scale", type=float, help="size of a new demonstration city; 1 is the reference city (0.02)")
    parser.add_argument("--empty", action="store_true", help="a new instance without the demonstration city")


def up(arguments: argparse.Namespace) -> int:
    """Start everything that does not run yet, and say what there is. Harmless where all of it runs."""
    print_summary(bring_up(arguments))
    return 0


def bring_up(arguments: argparse.Namespace) -> start.Instance:
    """Start everything that does not run yet."""
    paths = paths_of(arguments)
    print(f"City Command, instance {paths.name!r}", file=sys.stderr)
    with start.exclusively(paths):
        chosen = choices.choose(
            paths,
            os.environ,
            port=arguments.port,
            time_zone=arguments.time_zone,
            new_ports=arguments.new_ports,
            empty=arguments.empty,
        )
        instance = start.start_services(paths, chosen)
        with step("Bringing the tables up to date"):
            start.migrate(instance)
        if chosen.demonstration:
            with step("Loading the demonstration city where the database is empty"):
                start.load_demonstration(instance, arguments.scale)
        with step("Starting pages, ingestion and dispatch"):
            start.start_processes(instance)
    return instance


def print_summary(instance: start.Instance) -> None:
    """Address, who can sign in, what runs, what to type next."""
    print(f"\nCity Command is up: {instance.address}\n")
    if instance.choices.demonstration:
        print("Sign in (demonstration only):")
        for login in logins(instance.variables["CITYCOMMAND_OWNER_DATABASE_URL"]):
            print(f"  {login.username:<18} demo-{login.username:<18} {login.posts}")
        print()
    _print_states(instance.paths, instance.choices)
    flag = "" if instance.paths.name == "default" else f" --instance {instance.paths.name}"
    print(f"\nOpen: {instance.address}    Look: ./citycommand status{flag}    Stop: ./citycommand down{flag}")


def _print_states(paths: InstancePaths, chosen: choices.Choices) -> bool:
    """Print one line a process; returns whether all run."""
    port = {"postgres": chosen.postgres, "mosquitto": chosen.mqtt, "web": chosen.http}
    states = health.expected_states(paths, chosen)
    for state in states:
        where = f"127.0.0.1:{port[state.name]}" if state.name in port else ""
        print(f"  {state.name:<10} {state.state.lower():<9} {where:<16} {processes.PURPOSE[state.name]}")
    if not chosen.own_database:
        print("  database   existing service (CITYCOMMAND_DATABASE_URL)")
    if not chosen.own_broker:
        print("  broker     existing service (CITYCOMMAND_MQTT_URL)")
    return all(state.state == "RUNNING" for state in states)


def down(arguments: argparse.Namespace) -> int:
    """Stop every process of the instance."""
    paths = paths_of(arguments)
    with start.exclusively(paths, wait=True), step(f"Stopping instance {paths.name!r}"):
        ran = stop.down(paths)
    print("Stopped." if ran else "Nothing was running.")
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Print what runs; exit status 0 when everything does, 3 otherwise."""
    paths = paths_of(arguments)
    chosen = choices.load(paths)
    if chosen is None:
        raise NotFound(f"There is no instance {paths.name!r} here.", "Make it with './citycommand up'.")
    print(f"Instance {paths.name!r}, time zone {chosen.time_zone}, http://127.0.0.1:{chosen.http}/")
    return 0 if _print_states(paths, chosen) else 3


def doctor(arguments: argparse.Namespace) -> int:
    """Look at everything the instance needs; name each fault with its remedy."""
    faults = warnings = 0
    for finding in health.examine(paths_of(arguments)):
        print(f"  {'✗' if finding.error else '!' if finding.warning else '✓'} {finding.what}")
        if finding.warning:
            warnings += 1
            print(f"      {finding.warning}")
        if finding.error:
            faults += 1
            what, next_step = finding.error.said()
            print(f"      {what}\n      Next step: {next_step}")
    if faults:
        print(f"\n{faults} fault{'s' if faults != 1 else ''} found.")
    else:
        print(
            "\nNothing is broken; look at what is marked with '!'." if warnings else "\nEverything is as it should be."
        )
    return 1 if faults else 0


def _configure_logs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("process", nargs="?", help="one process; without it, the last words of each")
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--follow", "-f", action="store_true", help="go on printing what comes")


def logs(arguments: argparse.Namespace) -> int:
    """Print the last lines of one process's log, or of each."""
    paths = paths_of(arguments)
    files = sorted(paths.logs.glob("*.log"))
    if arguments.process:
        files = [file for file in files if file.stem == arguments.process]
    if not files:
        known = ", ".join(processes.PURPOSE)
        raise InvalidInput(f"There is no log of {arguments.process or paths.name!r}.", f"The processes are: {known}.")
    command = ["tail", f"--lines={arguments.lines}", *(["--follow=name"] if arguments.follow else [])]
    sys.stdout.flush()
    os.execvp("tail", [*command, *map(str, files)])


def _configure_reset(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="really delete database, evidence and settings")


def reset(arguments: argparse.Namespace) -> int:
    """Delete the instance: database, evidence, settings and keys."""
    paths = paths_of(arguments)
    if not arguments.yes:
        raise ConfigurationError(
            f"This would delete the database, the evidence and the settings of instance {paths.name!r}.",
            "Add --yes if that is what you want; './citycommand backup FILE' keeps a copy.",
        )
    with start.exclusively(paths, wait=True), step(f"Removing instance {paths.name!r}"):
        stop.remove(paths)
    return 0


COMMANDS = [
    Command("up", "start the city: services, tables, demonstration, processes", up, _configure_up),
    Command("down", "stop every process of the instance", down),
    Command("status", "what runs, and where", status),
    Command("doctor", "look for faults and name the remedy of each", doctor),
    Command("logs", "last lines of the processes' logs", logs, _configure_logs),
    Command("reset", "delete the instance and all it holds", reset, _configure_reset),
]
