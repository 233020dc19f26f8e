"""The compose file and the systemd units say the same as the process table that ./citycommand up supervises."""

from __future__ import annotations

import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.instance import broker, cluster, environment, processes, secrets
from api.instance.choices import Choices
from api.instance.paths import InstancePaths
from gis import vault

OURS = {name: module for name, module in processes.MODULES.items() if name != "simulator"}
OWNER_ONLY = {"CITYCOMMAND_OWNER_DATABASE_URL"}


@pytest.fixture(scope="module")
def deploy(root: Path) -> Path:
    return root / "config" / "deploy"


@pytest.fixture(scope="module")
def services(deploy: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((deploy / "compose.yml").read_text("utf-8"))["services"]
    return loaded


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    paths = InstancePaths.of("default", tmp_path_factory.mktemp("checkout"))
    built = environment.build(paths, Choices(1, 2, 3), dict.fromkeys(secrets.NAMES, "x"))
    return {name for name in built if name.startswith("CITYCOMMAND_")}


def test_compose_runs_the_processes_of_the_table(services: dict[str, Any]) -> None:
    commands = {name: service["command"] for name, service in services.items() if name in OURS}
    assert commands == {name: ["python", "-m", module] for name, module in OURS.items()}
    assert set(services) == {*OURS, "postgres", "mosquitto", "migrate"}


def test_compose_sets_what_up_sets(services: dict[str, Any], variables: set[str]) -> None:
    for name in OURS:
        assert variables - OWNER_ONLY <= set(services[name]["environment"])
        assert not OWNER_ONLY & set(services[name]["environment"]), f"{name} must not know the owner's login"
    assert set(services["migrate"]["environment"]) >= variables


def test_compose_takes_the_same_postgresql_and_locale(services: dict[str, Any], deploy: Path) -> None:
    assert f"FROM postgres:{cluster.MAJOR}-" in (deploy / "Dockerfile").read_text("utf-8")
    assert "--locale=C.UTF-8" in services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]


def test_composes_broker_has_the_limits_of_ours(deploy: Path) -> None:
    def limits(text: str) -> set[str]:
        of_the_place = ("#", "listener", "user", "password_file", "persistence_location")
        return {line for line in text.splitlines() if line and not line.startswith(of_the_place)}

    assert limits((deploy / "mosquitto.conf").read_text("utf-8")) == limits(broker.configuration(Path("/x"), 1))


@pytest.mark.parametrize("name", sorted(OURS))
def test_systemd_runs_the_processes_of_the_table(name: str, deploy: Path) -> None:
    unit = RawConfigParser(strict=False)
    unit.read(deploy / "systemd" / f"citycommand-{name}.service")
    assert unit["Service"]["ExecStart"].split()[1:] == ["-m", OURS[name]]
    assert unit["Service"]["Restart"] == "always"


def test_no_unit_stands_for_a_process_that_is_gone(deploy: Path) -> None:
    units = {file.stem.removeprefix("citycommand-") for file in (deploy / "systemd").glob("citycommand-*.service")}
    assert units == {*OURS, "migrate"}


def test_the_example_names_every_variable(deploy: Path, variables: set[str]) -> None:
    example = (deploy / "systemd" / "environment.example").read_text("utf-8")
    assert [name for name in variables if f"{name}=" not in example] == []


def test_both_deployments_make_the_keys_of_id_numbers(deploy: Path, tmp_path: Path, root: Path) -> None:
    for file in (deploy / "compose.yml", deploy / "systemd" / "environment.example"):
        assert "python -m gis.vault /var/lib/citycommand/identity.toml" in file.read_text("utf-8")
    keys = tmp_path / "identity.toml"
    subprocess.run([sys.executable, "-m", "gis.vault", str(keys)], cwd=root, check=True)
    assert vault.read(keys).newest.version == 1
