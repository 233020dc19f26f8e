"""Subcommands around the database: migrate, psql."""

from __future__ import annotations

import argparse
import os

from api.commands.registry import Command
from api.commands.running import paths_of
from api.instance import clients, environment, existing


def variables_of(arguments: argparse.Namespace) -> dict[str, str]:
    """The instance's CITYCOMMAND_* variables; where none is named, those that are set already (systemd, tests)."""
    if arguments.instance is None and os.environ.get("CITYCOMMAND_OWNER_DATABASE_URL"):
        return {name: value for name, value in os.environ.items() if name.startswith("CITYCOMMAND_")}
    return environment.read(paths_of(arguments))


def migrate(arguments: argparse.Namespace) -> int:
    """Make the application's role where it is missing, and bring the tables to this checkout's revision."""
    from gis import migrations

    variables = variables_of(arguments)
    owner_url = variables["CITYCOMMAND_OWNER_DATABASE_URL"]
    existing.provision(owner_url, variables["CITYCOMMAND_DATABASE_URL"])
    migrations.upgrade(owner_url)
    print(f"The tables are at revision {migrations.head()}.")
    return 0


def psql(arguments: argparse.Namespace) -> int:
    """Open psql as the owner of the tables; further arguments go to psql."""
    url = variables_of(arguments)["CITYCOMMAND_OWNER_DATABASE_URL"]
    options, variables = clients.login(url)
    os.execvpe("psql", ["psql", *options, *arguments.rest], variables)


COMMANDS = [
    Command("migrate", "bring the tables to this version", migrate),
    Command("psql", "open psql on the instance's database", psql, passes_rest=True),
]
