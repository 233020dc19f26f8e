"""Payloads as they come: good, odd, junk. Junk gets a reason and never a crash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.json_v1 import decode
from ingest.refusal import Refused

GOOD = b'{"device":"WM-1","at":"2026-03-08T10:00:00+08:00","values":{"flow":12.5,"pressure":1},"trace":"ab12"}'


def with_values(values: str, rest: str = "") -> bytes:
    return f'{{"device":"WM-1","at":"2026-03-08T02:00:00Z","values":{values}{rest}}}'.encode()


def test_a_good_payload_gives_utc_and_numbers() -> None:
    telemetry = decode(GOOD)
    assert telemetry.device == "WM-1"
    assert telemetry.at == datetime(2026, 3, 8, 2, tzinfo=UTC)
    assert telemetry.at.utcoffset() == UTC.utcoffset(None)
    assert telemetry.values == {"flow": 12.5, "pressure": 1.0}
    assert telemetry.trace == "ab12"


def test_fields_of_newer_devices_are_passed_over() -> None:
    assert decode(with_values('{"flow":1}', ',"firmware":{"version":[2,7]}')).values == {"flow": 1.0}


def test_microseconds_are_kept() -> None:
    payload = b'{"device":"d","at":"2026-03-08T02:00:00.123456Z","values":{"flow":1}}'
    assert decode(payload).at.microsecond == 123456


@pytest.mark.parametrize(
    ("payload", "detail"),
    [
        (b"", "truncated"),
        (b"\xff\xfe\x00", "malformed"),
        (b'{"device":"\xff\xfe","at":""}', "utf-8"),
        (b"[" * 50_000, "array"),
        (with_values('{"flow":1}', ',"more":' + "[" * 20_000 + "]" * 20_000), "nested too deeply"),
        (with_values('{"flow":{"flow":1}}'), "float"),
        (with_values('{"flow":NaN}'), "malformed"),
        (with_values('{"flow":Infinity}'), "malformed"),
        (with_values('{"flow":1e400}'), "out of range"),
        (with_values('{"flow":1' + "0" * 400 + "}"), "out of range"),
        (with_values('{"flow":true}'), "bool"),
        (with_values('{"flow":null}'), "null"),
        (with_values('{"flow":"12"}'), "str"),
        (with_values("{}"), "length >= 1"),
        (with_values("[]"), "array"),
        (with_values('{"flow":1}', ',"trace":"\\u0000"'), "regex"),
        (b'{"at":"2026-03-08T02:00:00Z","values":{"flow":1}}', "device"),
        (b'{"device":"","at":"2026-03-08T02:00:00Z","values":{"flow":1}}', "regex"),
        (b'{"device":"a b","at":"2026-03-08T02:00:00Z","values":{"flow":1}}', "regex"),
        (b'{"device":"d","at":"2026-03-08T02:00:00","values":{"flow":1}}', "timezone"),
        (b'{"device":"d","at":1772935200,"values":{"flow":1}}', "int"),
        (b'{"device":"d","at":"0001-01-01T00:00:00+14:00","values":{"flow":1}}', "out of range"),
        (b'{"device":"d","at":"9999-12-31T23:59:59-14:00","values":{"flow":1}}', "out of range"),
        (GOOD[:-1], "truncated"),
        (GOOD + b"x", "trailing"),
    ],
)
def test_junk_is_refused_with_the_fault(payload: bytes, detail: str) -> None:
    with pytest.raises(Refused) as refusal:
        decode(payload)
    assert refusal.value.reason == "malformed"
    assert detail in refusal.value.detail


def test_ten_megabytes_are_refused_unread() -> None:
    with pytest.raises(Refused, match="10000000 bytes, allowed are 65536") as refusal:
        decode(b" " * 10_000_000)
    assert refusal.value.reason == "too_large"


@given(st.binary(max_size=400))
def test_any_bytes_are_either_telemetry_or_refused(payload: bytes) -> None:
    try:
        telemetry = decode(payload)
    except Refused:
        return
    assert telemetry.values
