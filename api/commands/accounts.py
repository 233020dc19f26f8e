"""Subcommand that makes the first accounts of a city that is no demonstration."""

from __future__ import annotations

import argparse
import secrets

from api.commands.database import variables_of
from api.commands.registry import Command
from config.errors import InvalidInput
from config.permissions import POSTS
from gis import organisation
from gis.db import make_engine, transaction


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username")
    parser.add_argument("--name", help="the person's name; the user name where it is not given")
    parser.add_argument("--post", action="append", required=True, choices=POSTS, help="may be given several times")


def add_account(arguments: argparse.Namespace) -> int:
    """Make an account with posts and print its generated password, once."""
    password = secrets.token_urlsafe(12)
    engine = make_engine(variables_of(arguments)["CITYCOMMAND_DATABASE_URL"], pool_size=1)
    with transaction(engine) as db:
        if organisation.has_account(db, arguments.username):
            raise InvalidInput(f"There is an account {arguments.username!r} already.", "Choose another user name.")
        name = arguments.name or arguments.username
        account_id = organisation.add_account(db, arguments.username, name, password=password)
        for post in arguments.post:
            organisation.give_post(db, account_id, post)
    engine.dispose()
    print(f"{arguments.username}: {', '.join(arguments.post)}")
    print(f"Password, shown once: {password}")
    return 0


COMMANDS = [Command("account", "make an account; its password is generated and shown once", add_account, _configure)]
