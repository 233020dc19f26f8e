"""What an alarm says to a Chinese and to an English reader, for every kind of rule."""

from __future__ import annotations

from typing import Any

import pytest

from config import profiles
from dispatch import alarm_words

LAMP = {
    "rule": "lamp_power_high",
    "rule_name": "路灯功率过高",
    "rule_name_en": "Lamp power too high",
    "metric": "powerConsumption",
    "unit": "W",
    "value": 470.04,
    "threshold": 450.0,
    "device_id": "L000001",
    "members": 0,
}


@pytest.mark.parametrize(
    ("changes", "chinese", "english"),
    [
        (
            {"kind": "threshold"},
            "路灯功率过高：功率 470.04 W，限值 450 W。设备：L000001",
            "Lamp power too high: power 470.04 W, limit 450 W. Device: L000001",
        ),
        (
            {
                "kind": "threshold",
                "over": "usual",
                "metric": "flowRate",
                "unit": "m3/h",
                "value": 14.2,
                "threshold": 12,
            },
            "路灯功率过高：流量比平常高 14.2 m³/h，限值 12 m³/h。设备：L000001",
            "Lamp power too high: flow 14.2 m³/h above the usual, limit 12 m³/h. Device: L000001",
        ),
        (
            {"kind": "silence", "metric": "silence", "unit": "s", "value": 1230, "threshold": 1200},
            "路灯功率过高：已 20 分钟无消息。设备：L000001",
            "Lamp power too high: no message for 20 min. Device: L000001",
        ),
        (
            {"kind": "group", "metric": "share", "unit": "1", "value": 0.9, "threshold": 0.5, "members": 24},
            "路灯功率过高：24 台设备。设备：L000001",
            "Lamp power too high: 24 devices. Device: L000001",
        ),
        (
            {"kind": "headway", "metric": "headway", "unit": "1", "value": 0.2, "threshold": 0.25, "members": 2},
            "路灯功率过高：间隔仅为时刻表的 20 %。设备：L000001",
            "Lamp power too high: a gap of 20 % of the timetable's. Device: L000001",
        ),
        (
            {"kind": "threshold", "metric": "doorOpen", "unit": "1", "value": 1, "threshold": 0.5},
            "路灯功率过高：箱门开着。设备：L000001",
            "Lamp power too high: the door stands open. Device: L000001",
        ),
        (
            {"kind": "threshold", "metric": "circuitBreakerTripped", "unit": "1", "value": 2, "threshold": 0.5},
            "路灯功率过高：跳闸开关数：2。设备：L000001",
            "Lamp power too high: breakers tripped: 2. Device: L000001",
        ),
        (
            {"metric": "turbidity", "unit": "1", "value": 3, "threshold": 1},
            "路灯功率过高：turbidity 3，限值 1。设备：L000001",
            "Lamp power too high: turbidity 3, limit 1. Device: L000001",
        ),
    ],
)
def test_each_reader_has_the_sentence_in_his_language(changes: dict[str, Any], chinese: str, english: str) -> None:
    assert alarm_words.describe(LAMP | changes, "zh") == chinese
    assert alarm_words.describe(LAMP | changes, "en") == english


def test_a_rule_without_a_name_in_the_language_is_called_by_what_it_has() -> None:
    assert alarm_words.title(LAMP | {"rule_name_en": ""}, "en") == "路灯功率过高"
    assert alarm_words.title({"rule": "own_rule"}, "en") == "own_rule"


def test_what_our_devices_measure_has_a_name_in_every_language() -> None:
    measured = {metric.name for profile in profiles.read() for metric in profile.metrics}
    unseen = {"longitude", "latitude"}  # a place is shown, not read
    assert measured - unseen <= alarm_words.METRICS.keys() | alarm_words.SWITCHES.keys()


def test_facts_that_are_no_alarms_are_not_dressed_up() -> None:
    with pytest.raises(ValueError, match="junk"):
        alarm_words.describe(LAMP | {"value": "junk"}, "en")
