"""Subcommands that tend a running city: letters (events given up), programmes (of aid), services (for the public), keys (of ID numbers)."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, text

from api.commands.database import variables_of
from api.commands.registry import Command
from config.errors import InvalidInput
from config.settings import from_environment
from dispatch.public import services
from gis import clock, keyring, letters, vault
from gis.db import make_engine, transaction
from welfare import policy_files, programmes, resealing


def _configure_letters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("list", "retry"), default="list")
    parser.add_argument("events", nargs="*", type=int, metavar="EVENT", help="only these; all where none is named")


def show_letters(arguments: argparse.Namespace) -> int:
    """List events that were given up, or have them tried again."""
    engine = make_engine(variables_of(arguments)["CITYCOMMAND_DATABASE_URL"], pool_size=1)
    with transaction(engine) as db:
        if arguments.action == "retry":
            print(f"{letters.retry(db, arguments.events)} events are tried again.")
        else:
            _print_letters(db)
    engine.dispose()
    return 0


def _print_letters(db: Connection) -> None:
    found = letters.given_up(db)
    for each in found:
        print(f"{each.event_id}  {each.consumer}  {each.kind}  {each.subject}  {each.occurred_at:%Y-%m-%d %H:%M:%S%z}")
        print(f"    {each.error}  (trace {each.trace_id})")
    again = "\nWhen the cause is gone: ./citycommand letters retry [EVENT …]" if found else ""
    print(f"{len(found)} events given up.{again}")


def _configure_programmes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="TOML in the form of config/welfare/programmes.toml")
    parser.add_argument("--apply", action="store_true", help="publish; without it the differences are only shown")
    parser.add_argument("--by", default="", metavar="USERNAME", help="who publishes: kept with the versions")


def publish_programmes(arguments: argparse.Namespace) -> int:
    """Show what a policy file would change, and with --apply publish it, all or nothing."""
    content = policy_files.read(arguments.file)
    engine = make_engine(variables_of(arguments)["CITYCOMMAND_DATABASE_URL"], pool_size=1)
    with transaction(engine) as db:
        lines = policy_files.changes(db, content)
        new = programmes.publish(db, content, _account(db, arguments.by))
        if not arguments.apply:
            db.rollback()  # all checks have passed by now; nothing of them stays
    engine.dispose()
    print("\n".join(lines) or "Nothing changes: all of it stands already.")
    if arguments.apply:
        print(", ".join(f"{count} new {name}" for name, count in new.items()))
    elif lines:
        print("\nNothing has been changed. To publish this: the same command with --apply")
    return 0


def _configure_services(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="TOML in the form of config/services/demonstration.toml"
    )
    parser.add_argument("--apply", action="store_true", help="publish; without it the differences are only shown")
    parser.add_argument(
        "--from", dest="day", type=date.fromisoformat, metavar="DATE", help="first day; today unless told"
    )


def publish_services(arguments: argparse.Namespace) -> int:
    """Show which services for the public would begin, change or end, and with --apply publish them, all or nothing."""
    wanted = services.read(arguments.file)
    variables = variables_of(arguments)
    engine = make_engine(variables["CITYCOMMAND_DATABASE_URL"], pool_size=1)
    with transaction(engine) as db:
        day = arguments.day or clock.now(db).astimezone(from_environment(variables).time_zone).date()
        lines = services.publish(db, wanted, day)
        if not arguments.apply:
            db.rollback()
    engine.dispose()
    print("\n".join(lines) or "Nothing changes: all of it stands already.")
    if lines and not arguments.apply:
        print("\nNothing has been changed. To publish this: the same command with --apply")
    return 0


def _account(db: Connection, username: str) -> int | None:
    if not username:
        return None
    found = db.execute(
        text("select id from gis.account where username = :name and active"), {"name": username}
    ).scalar()
    if found is None:
        raise InvalidInput(f"There is no active account {username!r}.", "Give the user name of whoever publishes.")
    return int(found)


def _configure_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", choices=("rotate", "reseal"), help="rotate: make a new key and seal everything with it"
    )
    parser.add_argument("--algorithm", choices=sorted(vault.FAMILIES), default=vault.DEFAULT_FAMILY)


def change_keys(arguments: argparse.Namespace) -> int:
    """Seal every ID number with the newest key; `rotate` makes that key first. Old keys stay in the file."""
    variables = variables_of(arguments)
    settings = from_environment(variables)
    engine = make_engine(variables["CITYCOMMAND_OWNER_DATABASE_URL"], pool_size=1)
    with transaction(engine) as db:
        keyring.ring(db, settings)  # the right file for this database, before anything is added to it
        resealing.hold_people(db)
        if arguments.action == "rotate":
            vault.add_key(settings.identity_keys, arguments.algorithm)
        keys = keyring.ring(db, settings)
        count = resealing.reseal(db, keys)
    with transaction(engine) as db:
        count += resealing.reseal(db, keys)  # who had sealed with the old key and waited meanwhile
    engine.dispose()
    print(f"Key version {keys.newest.version} ({keys.newest.algorithm}): {count} ID numbers sealed anew.")
    print(f"Copy {settings.identity_keys.name} to its safe place now; backups from before need the older keys in it.")
    return 0


COMMANDS = [
    Command("letters", "list events that were given up, or have them tried again", show_letters, _configure_letters),
    Command(
        "programmes",
        "show what a policy file changes; publish it with --apply",
        publish_programmes,
        _configure_programmes,
    ),
    Command(
        "services",
        "show what a file of services for the public changes; publish it with --apply",
        publish_services,
        _configure_services,
    ),
    Command("keys", "change the key that seals ID numbers", change_keys, _configure_keys),
]
