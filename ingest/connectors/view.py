"""A view of another PostgreSQL database, read in a transaction that cannot write there. `st_astext(geom) as wkt` brings shapes."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import Any

import psycopg2
from psycopg2.extensions import connection

from config.errors import ServiceUnavailable
from ingest.connectors.reader import MOST_BYTES, Brought, Request, need

CHUNK = 5000
TIMEOUT_S = 300


def read(request: Request) -> Brought:
    """Settings: `query`, where %(since)s is the time of the newest data known (or null); `changed`, the column with each row's time.

    The secret's `dsn` says where. Raises ServiceUnavailable with the database's words, without the address.
    """
    query, changed = str(need(request.settings, "query")), str(request.settings.get("changed", ""))
    path = request.folder / f"{request.code}.csv"
    try:
        db = psycopg2.connect(
            need(request.secrets, "dsn"), connect_timeout=10, application_name="citycommand connector"
        )
    except psycopg2.Error:
        raise ServiceUnavailable(
            "The other database does not answer.", "Ask its owner; check the connector's dsn."
        ) from None
    try:
        db.set_session(readonly=True, isolation_level="REPEATABLE READ")
        newest, rows = _copy(db, query, {"since": request.since}, changed, path)
    except psycopg2.Error as error:
        said = (error.pgerror or str(error)).strip().splitlines()
        raise ServiceUnavailable(
            "The other database refuses: {problem}", "Correct the query.", problem=said[0] if said else ""
        ) from None
    finally:
        db.close()
    return Brought([path] if rows else [], newest or request.since)


def _copy(db: connection, query: str, values: dict[str, Any], changed: str, path: Any) -> tuple[datetime | None, int]:
    newest: datetime | None = None
    total = 0
    with db.cursor() as setting:
        setting.execute("set statement_timeout = %s", (TIMEOUT_S * 1000,))
    with db.cursor("citycommand") as cursor, path.open("w", encoding="utf-8", newline="") as file:
        cursor.itersize = CHUNK
        cursor.execute(query, values)
        table = csv.writer(file)
        for row in cursor:
            if not total:
                names = [column.name for column in cursor.description or ()]
                table.writerow(names)
                place = names.index(changed) if changed in names else None
            table.writerow(row)
            total += 1
            if place is not None and isinstance(row[place], datetime):
                moment = row[place] if row[place].tzinfo else row[place].replace(tzinfo=UTC)
                newest = moment if newest is None or moment > newest else newest
            if total % CHUNK == 0 and file.tell() > MOST_BYTES:
                raise ServiceUnavailable(
                    "The other database sends more than {bytes} bytes.", "Narrow the query.", bytes=MOST_BYTES
                )
    return newest, total
