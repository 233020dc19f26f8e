"""The subcommand that writes the reference page from the code."""

from __future__ import annotations

import argparse

from api.commands.registry import Command


def docs(_arguments: argparse.Namespace) -> int:
    """Write docs/reference.md."""
    from api import reference

    reference.PATH.write_text(reference.text(), encoding="utf-8")
    print(f"Written: {reference.PATH.name}")
    return 0


COMMANDS = [Command("docs", "write docs/reference.md from the code", docs)]
