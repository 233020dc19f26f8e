"""docs/guide/telemetry.md says what the code does: examples work, and nothing is missing."""

from __future__ import annotations

import re
from pathlib import Path

from config import telemetry
from config.telemetry import Limits
from ingest import metrics, topics
from ingest.decoders import json_v1
from ingest.refusal import REASONS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "guide" / "telemetry.md").read_text(encoding="utf-8")


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def test_the_example_topic_is_one() -> None:
    (lines,) = examples("")[:1]
    assert topics.parse(lines.splitlines()[1]).asset_id == 4711


def test_the_example_payload_is_understood() -> None:
    (payload,) = examples("json")
    telemetry = json_v1.decode(payload.encode())
    assert telemetry.device == "WM-0815"
    assert telemetry.values == {"pressure": 0.31, "flowRate": 12.5}


def test_every_reason_of_refusal_is_described_and_no_other() -> None:
    table = GUIDE.split("## Refused messages")[1].split("## Alarms")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(REASONS)


def test_every_setting_is_described() -> None:
    source = Path(telemetry.__file__).read_text(encoding="utf-8")
    described = set(re.findall(r"`(CITYCOMMAND_INGEST_\w+)`", GUIDE))
    assert described == set(re.findall(r'"(CITYCOMMAND_INGEST_\w+)"', source))


def test_every_counter_is_described() -> None:
    for family in metrics.REGISTRY.collect():
        assert f"`{family.name}" in GUIDE


def test_limits_are_the_ones_that_hold() -> None:
    limits = Limits()
    assert f"at most {limits.payload_bytes:,} bytes" in GUIDE
    assert f"more than {limits.ahead.seconds // 60} minutes ahead" in GUIDE
    assert f"more than {limits.behind.days} days old" in GUIDE
