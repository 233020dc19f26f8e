"""What benchmarks share: a database of their own, progress on standard error, figures as one JSON line."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gis import vault
from tests.support import databases
from tests.support.databases import Cluster, Database


def say(text: str) -> None:
    """Progress, on standard error."""
    print(text, file=sys.stderr, flush=True)


def finish(figures: dict[str, Any]) -> None:
    """The result: one JSON object, the last line on standard output."""
    print(json.dumps(figures), flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the sorted values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@contextmanager
def database(name: str = "") -> Iterator[Database]:
    """A migrated database of this benchmark alone, dropped afterwards; `name` tells several at once apart."""
    from gis import migrations

    cluster = Cluster.from_environment()
    databases.ensure_app_role(cluster)
    made = databases.create(cluster, f"citybench_{os.getpid()}{name}")
    try:
        migrations.upgrade(made.owner_url)
        yield made
    finally:
        databases.drop(cluster, made.name)


@contextmanager
def environment(made: Database) -> Iterator[dict[str, str]]:
    """The CITYCOMMAND_* variables of an instance on this database, with files of its own."""
    with tempfile.TemporaryDirectory(prefix="citybench-", dir=os.environ.get("CITYCOMMAND_VAR")) as folder:
        secret = Path(folder, "secret")
        secret.write_bytes(secrets.token_bytes(32))
        vault.ensure(secret.with_name("identity.toml"))
        yield {
            "CITYCOMMAND_INSTANCE": "bench",
            "CITYCOMMAND_DATABASE_URL": made.app_url,
            "CITYCOMMAND_OWNER_DATABASE_URL": made.owner_url,
            "CITYCOMMAND_MQTT_URL": os.environ.get("CITYCOMMAND_MQTT_URL", "mqtt://127.0.0.1:1883"),
            "CITYCOMMAND_VAR": folder,
            "CITYCOMMAND_SECRET_FILE": str(secret),
            "CITYCOMMAND_WEB_WORKERS": "2",
        }
