"""What the public is told: stages without names, words without numbers, rounded positions; services from their file."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.citizen_pages import network_of
from config.errors import InvalidInput
from dispatch.public import masking, services, stages, submissions
from dispatch.workflow import FINAL, STATES

START = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_every_state_has_a_public_stage_and_final_ones_have_ended() -> None:
    for state in STATES:
        stage = stages.stage_of(state)
        assert stage in stages.STAGES
        assert (stage in stages.ENDED) == (state in FINAL), state


def test_a_state_that_nobody_told_the_public_about_is_with_the_unit_or_ended() -> None:
    assert stages.stage_of("suspended_somehow") == "with_unit"
    assert stages.stage_of("merged_somehow", closed=True) == "ended"


def test_notes_say_each_stage_once_and_nothing_else() -> None:
    path = (
        "reported",
        "accepted",
        "verifying",
        "verified",
        "filed",
        "dispatched",
        "handling",
        "handled",
        "failed",
        "dispatched",
        "closed",
    )
    events = [{"to_state": state, "occurred_at": START + timedelta(minutes=n)} for n, state in enumerate(path)]
    notes = stages.notes(events)
    assert [note.stage for note in notes] == ["received", "examined", "with_unit", "checked", "with_unit", "done"]
    assert notes[1].at == START + timedelta(minutes=1)
    assert set(vars(notes[0])) == {"stage", "at"}


@pytest.mark.parametrize(
    "private",
    [
        "13812345678",
        "138 1234 5678",
        "+86 138-1234-5678",
        "(0351) 7654321",
        "a.person+x@mail.example.cn",
        "110101199003078515",
        "11010119900307851X",
        "6222021234567890123",
        "京A12345",
        "晋M·D12345",
        "微信：zhang_san88",
    ],
)
def test_what_reaches_a_person_is_taken_out(private: str) -> None:
    words = f"路灯不亮，联系{private}，谢谢 please"
    masked = masking.masked(words)
    assert private not in masked
    assert masking.MASK in masked
    assert masked.startswith("路灯不亮")
    assert masked.endswith("please")


@pytest.mark.parametrize(
    "plain", ["3号楼旁2盏灯", "Lamp 12045 is dark", "已经3天了，20:30 还没亮", "No. 128, 2nd floor"]
)
def test_what_says_where_stays(plain: str) -> None:
    assert masking.masked(plain) == plain


@pytest.mark.parametrize(
    ("host", "sender"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_one_household_is_one_sender(host: str, sender: str) -> None:
    assert network_of(host) == sender


def test_what_the_reporter_said_of_themselves_is_taken_out() -> None:
    assert (
        masking.masked("我是张晓明, ZHANG Xiaoming here", ["张晓明", "Zhang Xiaoming", ""])
        == f"我是{masking.MASK}, {masking.MASK} here"
    )


@given(st.floats(-179, 179), st.floats(-80, 80), st.sampled_from([50.0, 200.0, 1000.0]))
def test_a_rounded_position_is_near_and_the_same_for_all_of_its_square(lon: float, lat: float, step: float) -> None:
    x, y = masking.rounded(lon, lat, step)
    metres = math.hypot((x - lon) * math.cos(math.radians(lat)), y - lat) * masking.METRES_PER_DEGREE
    assert metres <= step * 0.75, "half the diagonal is 0.71"
    assert masking.rounded(x, y, step) == (x, y), "the middle is its own middle"


def test_a_code_is_typed_as_people_type_and_differs_by_nonce_and_secret() -> None:
    code = submissions.code_of(b"s" * 32, b"n" * 16)
    assert len(code.replace("-", "")) == submissions.CODE_LENGTH
    assert not set(code) & set("IO01")
    assert submissions.code_hash(code) == submissions.code_hash(f" {code.lower().replace('-', ' ')} ")
    assert len({code, submissions.code_of(b"t" * 32, b"n" * 16), submissions.code_of(b"s" * 32, b"m" * 16)}) == 3


def test_the_demonstrations_services_are_named_in_both_languages_and_have_every_kind_and_datatype(root: Path) -> None:
    found = services.read(root / "config" / "services" / "demonstration.toml")
    assert {each.kind for each in found} == set(services.KINDS)
    asked = {attribute.datatype for each in found for attribute in each.attributes}
    assert asked >= {"string", "number", "datetime", "singlevaluelist", "multivaluelist"}
    for each in found:
        for column in ("name", "description", "keywords", "group_name"):
            assert each.said(column, "zh"), each.code
            assert each.said(column, "en") not in ("", each.said(column, "zh")), (each.code, column)
    lamp = next(each for each in found if each.code == "street-lamp")
    assert (lamp.class_code, lamp.attributes[0].label("en")) == ("C0137", "What is wrong with the lamp?")


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[[service]]\ncode = "a"\nname = "甲"',
        '[[service]]\ncode = "a"\nname = "甲"\nname_en = "A"\ncolour = "red"',
        '[[service]]\ncode = "a"\nname = "甲"\nname_en = "A"\nkind = "quick"',
        '[[service]]\ncode = "a"\nname = "甲"\nname_en = "A"\n' * 2,
        '[[service]]\ncode="a"\nname="甲"\nname_en="A"\n[[service.attributes]]\ncode="X"\ndatatype="singlevaluelist"\nname="问"\nname_en="?"',
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "services.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput):
        services.read(path)
