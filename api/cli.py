"""`python -m api.cli`, which ./citycommand runs: reads the command line, runs one subcommand, says plainly what failed."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Sequence

from api.commands.registry import Command, commands
from config.errors import CityCommandError


def parser(table: Sequence[Command]) -> argparse.ArgumentParser:
    """The command line, built from the table of subcommands."""
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument(
        "--instance", default=argparse.SUPPRESS, metavar="NAME", help="which city; each has everything of its own"
    )
    root = argparse.ArgumentParser(prog="./citycommand", description=__doc__.partition(",")[0], parents=[everywhere])
    root.description = "City Command: one command starts a city, another runs every test."
    subparsers = root.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in table:
        sub = subparsers.add_parser(command.name, help=command.help, description=command.help, parents=[everywhere])
        if command.configure:
            command.configure(sub)
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status; a known error becomes its sentence and the next step."""
    table = commands()
    root = parser(table)
    arguments, rest = root.parse_known_args(argv)
    command = next(command for command in table if command.name == arguments.command)
    if rest and not command.passes_rest:
        root.error(f"unknown argument: {' '.join(rest)}")
    arguments.rest = rest
    arguments.instance = getattr(arguments, "instance", None)
    try:
        return command.run(arguments)
    except CityCommandError as error:
        what, next_step = error.said()
        print(f"\n{what}\nNext step: {next_step}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in PLAIN_OS_ERRORS:
            raise
        what, next_step = PLAIN_OS_ERRORS[error.errno]
        print(f"\n{what}: {error.filename or error}\nNext step: {next_step}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; running the same command again goes on from here.", file=sys.stderr)
        return 130


PLAIN_OS_ERRORS = {
    errno.ENOSPC: ("The disk is full", "Free some space ('df -h' shows the disks), then run the same command again."),
    errno.EACCES: ("Permission is missing", "Run as the user who owns this checkout, or give this user the right."),
    errno.EPERM: ("Permission is missing", "Run as the user who owns this checkout, or give this user the right."),
    errno.EROFS: ("This file system is read-only", "Work in a checkout on a disk that may be written."),
}
"""Errors of the operating system that a user can mend: what to say, and the next step."""


if __name__ == "__main__":
    sys.exit(main())
