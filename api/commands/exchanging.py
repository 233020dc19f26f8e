"""Subcommand tickets: the exchange with 12345 by files, where no network joins the two."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

from sqlalchemy import Connection

from api import tickets
from api.commands.database import variables_of
from api.commands.registry import Command
from config.errors import InvalidInput
from config.settings import Settings, from_environment
from dispatch.exchange import contract, outgoing, partners
from dispatch.exchange.partners import Partner
from gis import clock, events, keyring
from gis.db import make_engine, transaction
from gis.exporting.cells import harmless


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("take", "give", "acknowledge"))
    parser.add_argument("partner", help="code of the other hotline")
    parser.add_argument("file", type=Path, help=".json or .csv: tickets to take, messages to write or acknowledge")


def exchange(arguments: argparse.Namespace) -> int:
    """Take a file of tickets, write the open messages of a partner to a file, or acknowledge those in a file."""
    settings = from_environment(variables_of(arguments))
    engine = make_engine(settings.database_url, pool_size=1)
    with transaction(engine) as db:
        partner = partners.by_code(db, arguments.partner)
        work = {"take": _take, "give": _give, "acknowledge": _acknowledge}[arguments.action]
        refused = work(db, settings, partner, arguments.file)
    engine.dispose()
    return int(refused > 0)


def _take(db: Connection, settings: Settings, partner: Partner, file: Path) -> int:
    read = tickets.of_csv if file.suffix.lower() == ".csv" else tickets.of_json
    results = list(
        tickets.take(db, settings, keyring.ring(db, settings), partner, read(file.read_bytes()), events.new_trace())
    )
    refused = [one for one in results if one["result"] == "refused"]
    for one in refused:
        print(f"{one['number']}: {one['problem']}")
    print(f"{len(results) - len(refused)} tickets taken or known, {len(refused)} refused and kept.")
    return len(refused)


def _give(db: Connection, _settings: Settings, partner: Partner, file: Path) -> int:
    found = outgoing.unacknowledged(db, partner.id)
    with file.open("w", encoding="utf-8", newline="") as target:
        if file.suffix.lower() == ".csv":
            writer = csv.DictWriter(target, contract.COLUMNS, restval="")
            writer.writeheader()
            writer.writerows({name: harmless(value) for name, value in row.items()} for row in found)
        else:
            json.dump({"version": contract.VERSION, "messages": found}, target, ensure_ascii=False, indent=1)
    print(f"{len(found)} messages written to {file.name}; they stay open until acknowledged.")
    return 0


def _acknowledge(db: Connection, _settings: Settings, partner: Partner, file: Path) -> int:
    content = file.read_bytes().decode("utf-8-sig")
    try:
        rows = (
            list(csv.DictReader(content.splitlines()))
            if file.suffix.lower() == ".csv"
            else json.loads(content)["messages"]
        )
        ids = [int(row["id"]) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{file.name} is no file of messages.", "Give the file that 'tickets give' wrote."
        ) from error
    print(f"{outgoing.acknowledge(db, partner.id, ids, clock.now(db))} messages acknowledged.")
    return 0


COMMANDS = [Command("tickets", "exchange tickets with 12345 by files", exchange, _configure)]
