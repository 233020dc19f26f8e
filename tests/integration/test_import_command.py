"""`./citycommand import` and `./citycommand account` on a small city: what a steward sees on the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api import cli
from tests.support.osm_xml import OsmXml


@pytest.fixture
def town(tmp_path: Path) -> Path:
    city = OsmXml()
    a, b = city.node(115.601, 38.401), city.node(115.610, 38.405)
    city.way([a, b], highway="primary", name="人民路")
    city.node(115.602, 38.4012, highway="street_lamp")
    city.way([a, 999], highway="service")
    return city.write(tmp_path / "small-town.osm")


@pytest.fixture
def command(settings_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line runs with the variables of this module's instance, as under systemd."""
    for name, value in settings_environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("command")
def test_an_import_prints_what_came_in_and_why_the_rest_did_not(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["import", "osm", str(town)]) == 0
    printed = capsys.readouterr().out
    assert "  street_lamp: 1" in printed
    assert "rejected:" in printed
    assert "seconds: " in printed

    assert cli.main(["import", "osm", str(town), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["assets"]["added"] == 0
    assert again["peak_mb"] > 0


@pytest.mark.usefixtures("command")
def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["import", "osm", "/nowhere/city.pbf"]) == 1
    printed = capsys.readouterr().err
    assert "The file city.pbf cannot be read" in printed
    assert "Next step: Check its path" in printed


@pytest.mark.usefixtures("command")
def test_an_unknown_mapping_names_those_there_are(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["import", "standards", str(town), "--mapping", "mars"]) == 1
    assert "standards-cn" in capsys.readouterr().err


@pytest.mark.usefixtures("command")
def test_a_mapping_of_another_kind_is_told(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["import", "layer", str(town), "--mapping", "standards-cn"]) == 1
    assert "The mapping standards-cn is one for 'import standards', not for 'import layer'" in capsys.readouterr().err


@pytest.mark.usefixtures("command")
def test_the_first_account_gets_a_password_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["account", "boss", "--post", "administrator", "--post", "leader"]) == 0
    assert "Password, shown once: " in capsys.readouterr().out
    assert cli.main(["account", "boss", "--post", "administrator"]) == 1
    assert "There is an account 'boss' already" in capsys.readouterr().err


@pytest.mark.usefixtures("command")
def test_a_city_can_be_lent_people_to_work_with(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["import", "osm", str(town), "--with-demonstration-organisation", "--json"]
    assert cli.main(words) == 0
    assert "organisation was added" in json.loads(capsys.readouterr().out)["notes"][-1]
    assert cli.main(words) == 0
    assert "units of its own" in json.loads(capsys.readouterr().out)["notes"][-1]
