"""Subcommands that keep and move a city: backup, restore, bundle."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from api.commands.registry import Command
from api.commands.running import paths_of, print_summary
from api.instance import backup, bundle, choices, environment, start
from api.instance.progress import step
from config.errors import ConfigurationError


def _configure_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")


def write_backup(arguments: argparse.Namespace) -> int:
    """Write database, evidence and settings of a running instance to one file."""
    paths = paths_of(arguments)
    variables = environment.read(paths)
    chosen = choices.load(paths)
    if chosen is None:
        raise ConfigurationError(f"There is no instance {paths.name!r} here.", "Make it with './citycommand up'.")
    with step(f"Writing {arguments.file}"):
        manifest = backup.write(paths, chosen, variables["CITYCOMMAND_OWNER_DATABASE_URL"], arguments.file)
    print(f"{arguments.file}: database, settings and {len(manifest.files) - 2} evidence files.")
    print(
        f"Keys are not inside; keep {paths.secrets} in a safe place of its own: {', '.join(manifest.keys_not_inside)}"
    )
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Make a new instance from a backup and start it."""
    paths = paths_of(arguments)
    if choices.load(paths) is not None:
        raise ConfigurationError(
            f"Instance {paths.name!r} exists already; a backup is only restored into a new one.",
            "Choose another name (--instance NAME), or delete the old one first: ./citycommand reset --yes",
        )
    with step(f"Checking {arguments.file}"):
        manifest, settings = backup.check(arguments.file)
    print(f"Backup of instance {manifest.instance!r}, made {manifest.made_at}", file=sys.stderr)
    with start.exclusively(paths):
        chosen = replace(choices.choose(paths, os.environ), **settings)
        instance = start.start_services(paths, chosen)
        with step("Restoring database and evidence"):
            backup.read_into(paths, instance.variables["CITYCOMMAND_OWNER_DATABASE_URL"], arguments.file)
        with step("Bringing the tables up to date"):
            start.migrate(instance)
        with step("Starting pages, ingestion and dispatch"):
            start.start_processes(instance)
    print_summary(instance)
    return 0


def write_bundle(arguments: argparse.Namespace) -> int:
    """Write an archive from which `up` installs without network."""
    bundle.write(arguments.file, os.environ["CITYCOMMAND_PACKAGES"].split())
    print(f"{arguments.file}: unpack it anywhere and run ./citycommand up in the directory city-command.")
    return 0


COMMANDS = [
    Command(
        "backup", "write database, evidence and settings to FILE; keys stay outside", write_backup, _configure_file
    ),
    Command("restore", "make a new instance from a backup FILE", restore, _configure_file),
    Command("bundle", "write FILE, an archive that installs without network", write_bundle, _configure_file),
]
