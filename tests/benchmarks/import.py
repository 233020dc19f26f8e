"""`import osm` with validation, difference and history, against osm2pgsql on the same file in the same run.

The file is Porto Alegre repeated side by side until it has 300,000 ways. osm2pgsql (Debian's, its default style) writes into a
database of its own on the same server, indexes of places included; ours is the command a steward types, with a register, areas and
unit grids at the end.

`osm2pgsql_ratio` is against its quickest way (`--create`), after which a newer file can only be imported from the beginning.
`osm2pgsql_slim_ratio` is against `--create --slim`, which also keeps what it needs to apply later changes. The bound of the issue is
about the first.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.errors import NotFound
from tests.benchmarks import _osm_copies
from tests.benchmarks._support import database, environment, finish, say
from tests.support.real_data import DIRECTORY

ORIGINAL = DIRECTORY / "porto-alegre-osm-gtfs" / "poa_osm.pbf"


def main() -> None:
    """Run it; the last line is the result."""
    parser = argparse.ArgumentParser(prog="bench import", description=__doc__)
    parser.add_argument("--json", action="store_true", help="the result is always JSON; kept for scripts")
    parser.add_argument("--ways", type=int, default=300_000)
    chosen = parser.parse_args()
    if not ORIGINAL.exists():
        raise NotFound("The file {file} is not here.", "Put the real data beside the checkout.", file=ORIGINAL.name)
    with tempfile.TemporaryDirectory(prefix="citybench-") as folder:
        file = Path(folder, "large.osm.pbf")
        ways = _osm_copies.ways_in(ORIGINAL)
        copies = -(-chosen.ways // ways)
        say(f"Writing {copies} copies of {ways} ways")
        _osm_copies.repeat(ORIGINAL, file, copies)
        theirs = osm2pgsql(file)
        slim = osm2pgsql(file, "--slim")
        figures, seconds = ours(file)
    assets = figures["assets"]
    finish(
        {
            "osm2pgsql_ratio": round(seconds / theirs, 2),
            "peak_mb": figures["peak_mb"],
            "seconds": round(seconds, 1),
            "osm2pgsql_s": round(theirs, 1),
            "osm2pgsql_slim_ratio": round(seconds / slim, 2),
            "osm2pgsql_slim_s": round(slim, 1),
            "load": round(os.getloadavg()[0], 1),
            "ways": figures["read"]["ways"],
            "assets": assets["added"],
            "grids": figures["grids"]["grids"],
        }
    )


def osm2pgsql(file: Path, *how: str) -> float:
    """Seconds that osm2pgsql takes; `how` are options of its own beside --create."""
    with database() as made:
        address = made.owner.set(drivername="postgresql").render_as_string(hide_password=False)
        say(" ".join(["osm2pgsql", *how]))
        started = time.monotonic()
        subprocess.run(["osm2pgsql", "--create", *how, "-d", address, str(file)], check=True, capture_output=True)
        seconds = time.monotonic() - started
    say(f"  {seconds:.1f} s")
    return seconds


def ours(file: Path) -> tuple[Mapping[str, Any], float]:
    """What `./citycommand import osm` says, and its seconds from start to end of the process."""
    with database() as made, environment(made) as variables:
        say("import osm")
        command = [
            sys.executable,
            "-m",
            "api.cli",
            "import",
            "osm",
            str(file),
            "--name",
            "Porto Alegre",
            "--grids",
            "lattice",
            "--json",
        ]
        started = time.monotonic()
        done = subprocess.run(command, env={**os.environ, **variables}, check=True, capture_output=True, text=True)
        seconds = time.monotonic() - started
    say(f"  {seconds:.1f} s")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures, seconds


if __name__ == "__main__":
    main()
