"""Device types as data: the file that ships is sound, and a faulty one is refused with the fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import profiles
from config.errors import ConfigurationError

METER = """
[[profile]]
code = "meter"
name = "表"
name_en = "Meter"
interval_s = 60
metrics = [{ name = "flow", unit = "m3/h", min = 0.0, max = 100.0 }]
"""

RULE = """
[[profile.rule]]
code = "high"
name = "高"
name_en = "High"
metric = "flow"
comparison = "above"
threshold = 90.0
clears_at = 80.0
class_code = "M0501"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "profiles.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_file_that_ships_is_sound() -> None:
    assert any(profile.rule for profile in profiles.read())


def test_a_vehicle_says_where_it_is() -> None:
    bus = next(profile for profile in profiles.read() if profile.code == "bus_terminal")
    assert {"longitude", "latitude"} <= {metric.name for metric in bus.metrics}


def test_a_profile_with_its_rule_is_read(tmp_path: Path) -> None:
    (profile,) = profiles.read(written(tmp_path, METER + RULE))
    assert profile.metrics[0].unit == "m3/h"
    assert profile.rule[0].clears_at == 80.0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (METER + METER, "profile meter stands twice"),
        (METER + RULE + RULE, "rule high stands twice"),
        (METER + RULE.replace('"flow"', '"smell"'), "watches smell, which meter does not measure"),
        (METER + RULE.replace("80.0", "95.0"), "clears on the alarming side"),
        (METER + RULE.replace("= 90.0", "= 190.0"), "outside the range of flow"),
        (METER + RULE + 'unless = "low"', "defers to low, which is no other rule"),
        (METER.replace("min = 0.0", "min = 200.0"), "min above max"),
        (METER.replace("interval_s = 60", "interval_s = 0"), "interval_s"),
        (METER.replace("interval_s", "interval"), "interval"),
        ("profile = [", "profiles.toml"),
    ],
)
def test_a_faulty_file_is_refused_with_the_fault(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        profiles.read(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"profiles\.toml"):
        profiles.read(tmp_path / "profiles.toml")
