"""Kinds of value that several routes take."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated

from pydantic import Field

from config.errors import InvalidInput

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""Key of a row: what PostgreSQL's bigint can hold."""

FIRST_YEAR, LAST_YEAR = 1970, 2200


def zoned(moment: datetime | None, zone: tzinfo) -> datetime | None:
    """A moment of a query; without a zone it is the city's time. Raises InvalidInput outside the years 1970 to 2200."""
    if moment is None:
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidInput("The time lies outside the years {first} to {last}.", first=FIRST_YEAR, last=LAST_YEAR)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
