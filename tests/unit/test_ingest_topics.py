"""The topic contract."""

from __future__ import annotations

import pytest

from ingest import topics
from ingest.refusal import Refused


def test_a_topic_names_system_shard_and_asset() -> None:
    topic = topics.parse("city/v1/water/s03/4711/tele")
    assert (topic.system, topic.shard, topic.asset_id) == ("water", "s03", 4711)


def test_what_is_published_is_what_is_parsed() -> None:
    assert topics.parse(topics.telemetry("bus", "0", 12)).asset_id == 12


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "city/v1/water/0/4711",
        "city/v1/water/0/4711/cmd",
        "city/v2/water/0/4711/tele",
        "city/v1/water/0/4711/tele/more",
        "city/v1/Water/0/4711/tele",
        "city/v1/water//4711/tele",
        "city/v1/water/0/-1/tele",
        "city/v1/water/0/0/tele",
        "city/v1/water/0/٣/tele",
        "city/v1/water/0/9999999999999999999/tele",
        "city/v1/water/0/4711/tele\n",
    ],
)
def test_another_form_is_refused_with_the_form_wanted(topic: str) -> None:
    with pytest.raises(Refused, match=r"is not city/v1/") as refusal:
        topics.parse(topic)
    assert refusal.value.reason == "topic"
