"""The table of subcommands. A new one: write its group's file here in api/commands/, add its COMMANDS to GROUPS."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

GROUPS = (
    "running",
    "database",
    "importing",
    "import_runs",
    "grids",
    "reporting",
    "frame",
    "exporting",
    "connecting",
    "exchanging",
    "accounts",
    "keeping",
    "evidence",
    "classifying",
    "tending",
    "simulating",
    "replaying",
    "testing",
    "documents",
)
"""Modules of this package, each with a list COMMANDS, in the order of the help text."""


@dataclass(frozen=True)
class Command:
    """One subcommand: `configure` adds its arguments, `run` does it and returns the exit status."""

    name: str
    help: str
    run: Callable[[argparse.Namespace], int]
    configure: Callable[[argparse.ArgumentParser], None] | None = None
    passes_rest: bool = False
    """Whether arguments it does not know are handed on in `arguments.rest`, to pytest for example."""


def commands() -> list[Command]:
    """Every subcommand."""
    return [command for group in GROUPS for command in import_module(f"api.commands.{group}").COMMANDS]
