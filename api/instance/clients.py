"""PostgreSQL's own programs (psql, pg_dump, pg_restore), told where to connect."""

from __future__ import annotations

import os
import subprocess

from sqlalchemy import make_url

from api.instance.cluster import BINARIES
from config.errors import ServiceUnavailable


def login(url: str) -> tuple[list[str], dict[str, str]]:
    """Options and environment that connect a program to `url`; the password stays out of the process list."""
    parts = make_url(url)
    options = {"host": parts.host, "port": parts.port, "username": parts.username, "dbname": parts.database}
    environment = {**os.environ, "PGPASSWORD": str(parts.password)} if parts.password else dict(os.environ)
    return [f"--{name}={value}" for name, value in options.items() if value is not None], environment


def run(program: str, *arguments: str, url: str | None = None) -> str:
    """Run a program, connected to `url` where one is given; returns what it prints.

    Raises ServiceUnavailable with the program's own words when it fails.
    """
    options, environment = login(url) if url else ([], dict(os.environ))
    command = [str(BINARIES / program), *options, *arguments]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise ServiceUnavailable(
            f"{program} failed: {result.stderr.strip()}", "Look at './citycommand status' and at the space on the disk."
        )
    return result.stdout
