"""The private PostgreSQL cluster: made once, tuned modestly, reached over a socket by us and over 127.0.0.1 by the city."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, cursor

from api.instance.choices import Choices
from api.instance.disk import require_space
from api.instance.paths import SOCKET_PATH_LIMIT, InstancePaths
from api.instance.users import as_user, give, home_of, runner, write_for
from config.errors import ConfigurationError
from gis.db import APPLICATION_ROLE, OWNER_ROLE

MAJOR = 15
BINARIES = Path(f"/usr/lib/postgresql/{MAJOR}/bin")
DATABASE = "citycommand"
EXTENSIONS = ("postgis", "pgrouting", "pg_trgm", "btree_gist")
"""Made in template1 by the superuser, so that the owner of the tables need not be one."""

HBA = """\
local  all        postgres                                            peer map=administrators
host   all        {owner},{app}  127.0.0.1/32  scram-sha-256
"""


def prepare(paths: InstancePaths, choices: Choices, *, durable: bool) -> Path:
    """Make the cluster when there is none, and write its configuration. Returns the data directory.

    Raises ConfigurationError for a cluster of another version, a full disk, or a directory that cannot be entered.
    """
    _make_socket_directory(paths)
    home = home_of("postgres", paths.postgres, paths)
    check_version(paths, home)
    if _version_of(home) is None:
        require_space(home, megabytes=500, purpose="a database")
        _initdb(home)
    administrators = sorted({"postgres", pwd.getpwuid(os.geteuid()).pw_name, runner("postgres")})
    files = {
        "citycommand.conf": configuration(paths, choices, durable=durable, memory=total_memory()),
        "pg_hba.conf": HBA.format(owner=OWNER_ROLE, app=APPLICATION_ROLE),
        "pg_ident.conf": "".join(f"administrators {user} postgres\n" for user in administrators),
    }
    for name, content in files.items():
        write_for("postgres", home / name, content)
    return home


def command(home: Path) -> list[str]:
    """Command line of the server, to be run as the user `runner("postgres")`."""
    return [str(BINARIES / "postgres"), "-D", str(home)]


def check_version(paths: InstancePaths, home: Path) -> None:
    """Raise ConfigurationError when the files are of another major version than the installed server."""
    found = _version_of(home)
    if found not in (None, str(MAJOR)):
        raise ConfigurationError(
            f"The database of instance {paths.name!r} was made by PostgreSQL {found}; this version runs {MAJOR}.",
            f"Restore a backup into a new instance: ./citycommand --instance NEW restore FILE; the old files stay in {home}.",
        )


def _version_of(home: Path) -> str | None:
    try:
        return (home / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        return None


def _initdb(home: Path) -> None:
    initdb = [str(BINARIES / "initdb"), "-D", str(home), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
    initdb += ["--auth-local=peer", "--auth-host=scram-sha-256", "--no-instructions"]
    result = subprocess.run(
        as_user(runner("postgres"), initdb),
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
    )
    if result.returncode:
        raise ConfigurationError(
            f"The database cannot be made in {home}: {result.stderr.strip().splitlines()[-1]}",
            "Look at the rights and the free space of that directory, then run './citycommand up' again.",
        )
    with (home / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude 'citycommand.conf'\n")


def _make_socket_directory(paths: InstancePaths) -> None:
    socket = paths.postgres_socket / ".s.PGSQL.65535.lock"
    if len(os.fsencode(socket)) > SOCKET_PATH_LIMIT:
        raise ConfigurationError(f"The socket path {socket} is longer than {SOCKET_PATH_LIMIT} bytes.")
    paths.postgres_socket.mkdir(mode=0o700, exist_ok=True)
    give("postgres", paths.postgres_socket)


def configuration(paths: InstancePaths, choices: Choices, *, durable: bool, memory: int) -> str:
    """The settings that differ from PostgreSQL's own. `memory` in bytes; without `durable` a power cut may lose all."""
    shared = min(max(memory // 8, 128 << 20), 2 << 30) >> 20
    lines = [
        f"port = {choices.postgres}",
        "listen_addresses = '127.0.0.1'",
        f"unix_socket_directories = '{paths.postgres_socket}'",
        "unix_socket_permissions = 0700",
        "password_encryption = scram-sha-256",
        "max_connections = 200",
        f"shared_buffers = {shared}MB",
        f"effective_cache_size = {max(memory // 2 >> 20, 256)}MB",
        "work_mem = 16MB",
        "maintenance_work_mem = 128MB",
        "max_wal_size = 2GB",
        "wal_compression = on",
        "random_page_cost = 1.1",
        "jit = off",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "log_line_prefix = '%m [%p] %u@%d '",
        "log_min_duration_statement = 2000",
    ]
    if not durable:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
    return "# Written by ./citycommand up at every start; changes here are lost.\n" + "\n".join(lines) + "\n"


def total_memory() -> int:
    """Bytes of memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@contextmanager
def administration(paths: InstancePaths, choices: Choices, database: str = "postgres") -> Iterator[cursor]:
    """The superuser's session over the socket, outside any transaction."""
    connection = psycopg2.connect(
        host=str(paths.postgres_socket), port=choices.postgres, user="postgres", dbname=database, connect_timeout=5
    )
    with closing(connection):
        connection.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
        with connection.cursor() as rows:
            yield rows


def is_ready(paths: InstancePaths, choices: Choices) -> bool:
    """Whether the server answers."""
    try:
        with administration(paths, choices) as rows:
            rows.execute("SELECT 1")
    except psycopg2.OperationalError:
        return False
    return True


def provision(paths: InstancePaths, choices: Choices, passwords: dict[str, str], *, may_create: bool) -> None:
    """Make roles, extensions and the city's database where they are missing.

    With `may_create` the owner may make and drop databases, as tests do.
    """
    with administration(paths, choices, "template1") as rows:
        for extension in EXTENSIONS:
            rows.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    with administration(paths, choices) as rows:
        for role, secret in ((OWNER_ROLE, "owner_password"), (APPLICATION_ROLE, "app_password")):
            _ensure_role(rows, role, passwords[secret])
        if may_create:
            owner = sql.Identifier(OWNER_ROLE)
            rows.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(owner))
            rows.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(owner))  # DROP DATABASE … WITH (FORCE)
        rows.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if rows.fetchone() is None:
            rows.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE))
            )


def _ensure_role(rows: cursor, role: str, password: str) -> None:
    rows.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    verb = "ALTER" if rows.fetchone() else "CREATE"
    statement = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEROLE PASSWORD {}")
    rows.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
