"""The subcommand that asks the demonstration's simulator for a fault."""

from __future__ import annotations

import argparse

from api.commands.database import variables_of
from api.commands.registry import Command
from config.settings import from_environment
from data import simulator
from data.faults import FAULTS, LASTS, SHOWN


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("fault", metavar="FAULT", help=f"one of: {', '.join([*FAULTS, 'repair'])}")
    parser.add_argument("--asset", help="id, component code or reference of an asset at or near which it happens")
    usual = LASTS.total_seconds() / 60
    parser.add_argument("--minutes", type=float, help=f"how long it lasts ({usual:g}); 'repair' ends all at once")


def simulate(arguments: argparse.Namespace) -> int:
    """Have the simulator start a fault, or end all; print where it happens."""
    settings = from_environment(variables_of(arguments))
    answer = simulator.ask(settings, arguments.fault, arguments.asset, arguments.minutes)
    if arguments.fault == "repair":
        print(f"{answer['ended']} faults ended.")
    else:
        print(f"{arguments.fault} at {answer['asset']}; {answer['concerned']} devices concerned.")
        print(f"On the map: {SHOWN[arguments.fault]}. './citycommand simulate repair' ends it.")
    return 0


COMMANDS = [Command("simulate", "have a device of the demonstration city fail, or repair all", simulate, _configure)]
