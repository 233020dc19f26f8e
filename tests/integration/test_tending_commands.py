"""`letters`, `programmes`, `keys` and `import calendar`: what an administrator does to a running city from the terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from api import cli
from api.instance import contents
from config.settings import Settings
from dispatch.calendars import coverage, reading
from dispatch.public import services
from gis import clock, events, keyring, letters
from tests.support import aid
from tests.support.databases import Database
from welfare import policy_files, programmes

RAISED = """
[[parameter]]
name = "mla_standard"
unit = "CNY/month/person"
valid_from = 2027-07-01
value = { by = "settlement", values = { urban = 1240, rural = 980 } }
basis = "测试"
"""


@pytest.fixture(autouse=True)
def command(settings_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line runs with the variables of this module's instance, as under systemd."""
    for name, value in settings_environment.items():
        monkeypatch.setenv(name, value)


def test_letters_are_listed_and_sent_again(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with engine.begin() as db:
        ids = [events.append(db, "alarm.raised", f"asset:{n}", {}, "a" * 32) for n in (1, 2)]
        db.execute(
            text("update gis.delivery set attempts = 20, error = 'no such class' where event_id = any(:ids)"),
            {"ids": ids},
        )
    assert cli.main(["letters"]) == 0
    listed = capsys.readouterr().out
    assert "no such class" in listed
    assert "2 events given up." in listed

    assert cli.main(["letters", "retry", str(ids[0])]) == 0
    assert "1 events are tried again." in capsys.readouterr().out
    with engine.begin() as db:
        assert [letter.event_id for letter in letters.given_up(db)] == [ids[1]]
        again = events.claim(db, "cases")
        assert again is not None
        assert (again.id, again.attempts) == (ids[0], 1)
    assert cli.main(["letters", "retry"]) == 0
    with engine.begin() as db:
        assert letters.given_up(db) == []


def test_a_policy_file_shows_its_difference_first_and_is_then_published(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as db:
        programmes.publish(db, programmes.shipped())
    file = tmp_path / "standard-2027.toml"
    file.write_text(RAISED, "utf-8")
    value = text("select value from welfare.parameter where name = 'mla_standard' order by valid_from desc limit 1")

    assert cli.main(["programmes", str(file)]) == 0
    shown = capsys.readouterr().out
    assert '"urban": 1180' in shown
    assert '→ {"by": "settlement", "values": {"rural": 980, "urban": 1240}}' in shown
    assert "Nothing has been changed." in shown
    with engine.connect() as db:
        assert db.execute(value).scalar_one()["values"]["urban"] == 1180

    assert cli.main(["programmes", str(file), "--apply"]) == 0
    assert "1 new parameters" in capsys.readouterr().out
    with engine.connect() as db:
        assert db.execute(value).scalar_one()["values"]["urban"] == 1240
    assert cli.main(["programmes", str(file)]) == 0
    assert "Nothing changes" in capsys.readouterr().out


def test_services_for_the_public_are_shown_first_and_then_published(
    engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as db:
        db.execute(
            text(
                "insert into dispatch.case_class (code, edition, kind, major_code, major_name, name)"
                " values ('C7777', 'test', 'component', '77', '类', '路灯')"
            )
        )
    file = tmp_path / "services.toml"
    file.write_text('[[service]]\ncode = "lamp"\nclass = "C7777"\nname = "路灯"\nname_en = "Lamp"\n', "utf-8")
    assert cli.main(["services", str(file)]) == 0
    assert capsys.readouterr().out.startswith("begins: lamp\n\nNothing has been changed.")
    assert cli.main(["services", str(file), "--apply", "--from", "2027-01-01"]) == 0
    assert capsys.readouterr().out == "begins: lamp\n"
    with engine.connect() as db:
        assert services.in_force(db, date(2026, 12, 31)) == []
        assert [each.code for each in services.in_force(db, date(2027, 1, 1))] == ["lamp"]
    assert cli.main(["services", str(file), "--from", "2027-01-01"]) == 0
    assert "Nothing changes" in capsys.readouterr().out
    file.write_text(file.read_text("utf-8").replace("C7777", "C9999"), "utf-8")
    assert cli.main(["services", str(file), "--apply"]) == 1
    assert "no class C9999" in capsys.readouterr().err


def test_a_new_version_of_a_rule_is_told_line_by_line(engine: Engine) -> None:
    content = programmes.shipped()
    changed = next(entry for entry in content["programme"] if entry["code"] == "mla")
    with engine.connect() as db:
        assert policy_files.changes(db, {"programme": [changed]}) == []
        newer = changed | {"valid_from": date(2027, 7, 1), "basis": "新办法第三条"}
        lines = policy_files.changes(db, {"programme": [newer]})
    assert lines[0].endswith("→ version 2 from 2027-07-01")
    assert any(line.startswith("  -") and changed["basis"] in line for line in lines)
    assert any(line.startswith("  +") and "新办法第三条" in line for line in lines)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[[parameter]]\nname = 'x'", "lacks unit, valid_from, value, basis"),
        ("[[programm]]\ncode = 'x'", "has no [[programm]]"),
        (RAISED.replace("2027-07-01", '"2027-07-01"'), "has no date in valid_from"),
        (RAISED.replace("2027-07-01", "2026-07-01"), "has another value from 2026-07-01 on already"),
        ("[[parameter", "cannot be read"),
    ],
)
def test_a_policy_file_that_cannot_be_used_is_refused_in_words(
    content: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(content, "utf-8")
    assert cli.main(["programmes", str(file)]) == 1
    told = capsys.readouterr().err
    assert complaint in told
    assert "Next step:" in told


def test_keys_are_changed_and_every_number_stays_readable(
    engine: Engine, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as db:
        town = aid.build(db)
        ring = keyring.ring(db, settings)
        for number in range(3):
            aid.register(db, ring, aid.household(number + 1, aid.HERE, {}), town["here"])
    before = ring.newest.version
    assert cli.main(["keys", "rotate"]) == 0
    told = capsys.readouterr().out
    assert f"Key version {before + 1}" in told
    assert "0 ID numbers" not in told
    assert settings.identity_keys.stat().st_mode & 0o077 == 0
    with engine.begin() as db:
        db.execute(text("select set_config('welfare.area_from', '', true), set_config('welfare.area_to', '~', true)"))
        versions = set(db.execute(text("select id_key_version from welfare.person")).scalars())
        assert versions == {before + 1}
        newer = keyring.ring(db, settings)
        assert sorted(newer.keys) == [*sorted(ring.keys), before + 1]
    assert cli.main(["keys", "reseal"]) == 0
    assert ": 0 ID numbers sealed anew" in capsys.readouterr().out


def test_a_calendar_is_read_and_its_end_is_told(
    engine: Engine, database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as db:
        year = clock.now(db).year
        assert reading.known_until(db) is None
    assert "No holidays are known" in (contents.calendar_end(database.app_url) or "")
    file = tmp_path / "calendar.csv"
    file.write_text(f"day,working,name\n{year + 1}-01-01,no,元旦\n{year + 1}-01-04,yes,元旦调休\n", "utf-8-sig")
    assert cli.main(["import", "calendar", str(file)]) == 0
    assert "new: 2" in capsys.readouterr().out
    assert contents.calendar_end(database.app_url) is None
    with engine.connect() as db:
        assert reading.known_until(db) == date(year + 1, 12, 31)
        saved = db.execute(text("select working from dispatch.calendar_day order by day")).scalars()
        assert list(saved) == [False, True]
    assert cli.main(["import", "calendar", str(file)]) == 0
    assert "replaced: 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("date,working\n2027-01-01,no\n", "has no column day"),
        ("day,working\n2027-13-01,no\n", "Row 2 is no day of a calendar"),
        ("day,working\n2027-01-01,no\n2027-01-01,yes\n", "Row 3 is no day of a calendar"),
        ("day,working\n2027-01-01,maybe\n", "Row 2"),
        ("day,working\n", "has no rows"),
    ],
)
def test_a_calendar_that_is_not_clear_changes_nothing(
    content: str, complaint: str, engine: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = text("select count(*) from dispatch.calendar_day")
    with engine.connect() as db:
        before = db.execute(days).scalar_one()
    file = tmp_path / "calendar.csv"
    file.write_text(content, "utf-8")
    assert cli.main(["import", "calendar", str(file)]) == 1
    assert complaint in capsys.readouterr().err
    with engine.connect() as db:
        assert db.execute(days).scalar_one() == before


@pytest.mark.parametrize(
    ("until", "today", "told"),
    [
        (date(2026, 12, 31), date(2026, 11, 30), False),
        (date(2026, 12, 31), date(2026, 12, 2), True),
        (date(2026, 12, 31), date(2027, 3, 1), True),
        (None, date(2026, 3, 1), True),
    ],
)
def test_the_end_of_the_calendar_is_told_a_month_before(until: date | None, today: date, told: bool) -> None:
    assert coverage.runs_out(until, today) is told
