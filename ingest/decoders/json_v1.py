"""JSON payload, version 1: {"device": …, "at": RFC 3339 with zone, "values": {metric: number}, "trace"?: …}."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec

from ingest.refusal import Refused

DeviceId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
TraceId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Telemetry(msgspec.Struct, frozen=True):
    """One message of one device: values of one moment. Unknown fields are passed over, so that devices may be newer."""

    device: DeviceId
    at: Moment
    values: Annotated[dict[str, float], msgspec.Meta(min_length=1, max_length=256)]
    trace: TraceId | None = None


_decoder = msgspec.json.Decoder(Telemetry)


def decode(payload: bytes, most_bytes: int = 65_536) -> Telemetry:
    """Read a payload; `at` comes back in UTC, values are finite.

    Raises Refused("too_large" or "malformed") with the place of the fault.
    """
    if len(payload) > most_bytes:
        raise Refused("too_large", f"{len(payload)} bytes, allowed are {most_bytes}")
    try:
        telemetry = _decoder.decode(payload)
        at = telemetry.at.astimezone(UTC)
    except RecursionError:
        raise Refused("malformed", "nested too deeply") from None
    except (ValueError, OverflowError) as error:
        raise Refused("malformed", str(error)) from None
    return telemetry if at.tzinfo is telemetry.at.tzinfo else msgspec.structs.replace(telemetry, at=at)
