"""An instance's paths, choices and texts of configuration, without starting anything."""

from __future__ import annotations

import shlex
import socket
import stat
from configparser import RawConfigParser
from pathlib import Path

import pytest

from api.instance import choices, cluster, environment, processes, secrets
from api.instance.choices import Choices
from api.instance.disk import require_space
from api.instance.paths import SOCKET_PATH_LIMIT, InstancePaths, make_private
from api.instance.supervision import configuration
from config.errors import ConfigurationError, InvalidInput
from config.settings import VARIABLES

CHOSEN = Choices(http=8000, postgres=20_000, mqtt=26_000)


@pytest.fixture
def paths(tmp_path: Path) -> InstancePaths:
    paths = InstancePaths.of("harbin", tmp_path)
    paths.var.mkdir(parents=True)
    return paths


@pytest.mark.parametrize("name", ["", "..", "a/b", "Harbin", "1st", "x" * 40, "a b"])
def test_an_instance_has_a_name_that_fits_a_directory(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be called"):
        InstancePaths.of(name, tmp_path)


def test_sockets_fit_their_limit_however_deep_the_checkout_lies(tmp_path: Path) -> None:
    deep = InstancePaths.of("harbin", tmp_path / ("d" * 200))
    assert len(str(deep.postgres_socket / ".s.PGSQL.65535.lock")) <= SOCKET_PATH_LIMIT
    assert len(str(deep.supervisor_socket)) + len(".12345678") <= SOCKET_PATH_LIMIT


def test_two_checkouts_never_share_sockets(tmp_path: Path) -> None:
    assert InstancePaths.of("a", tmp_path / "one").sockets != InstancePaths.of("a", tmp_path / "two").sockets


def test_a_link_in_place_of_a_private_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="belongs to another user"):
        make_private(tmp_path / "link")


def test_instances_of_other_checkouts_look_for_ports_elsewhere(tmp_path: Path) -> None:
    """Below the ports that outgoing connections take, and seldom where a neighbour looks that is not known here."""
    found = [choices.choose(InstancePaths.of("a", tmp_path / str(number)), {}) for number in range(6)]
    assert len({one.postgres // 100 for one in found}) > 1
    assert len({one.http // 100 for one in found}) > 1
    assert all(port < 32_768 for one in found for port in (one.http, one.postgres, one.mqtt))
    assert choices.choose(InstancePaths.of("default", tmp_path), {}).http < 8_100


def test_secrets_are_made_once_and_private(paths: InstancePaths) -> None:
    first = secrets.ensure(paths)
    assert secrets.ensure(paths) == first
    assert len(set(first.values())) == len(secrets.NAMES)
    for name in secrets.NAMES:
        assert stat.S_IMODE((paths.secrets / name).stat().st_mode) == 0o600


def test_choices_are_remembered_and_neighbours_avoided(paths: InstancePaths) -> None:
    choices.save(paths, choices.choose(paths, {}, time_zone="America/New_York"))
    assert choices.choose(paths, {}) == choices.load(paths)
    neighbour = InstancePaths.of("boston", paths.var.parent.parent)
    other = choices.choose(neighbour, {})
    mine = choices.choose(paths, {})
    assert {other.http, other.postgres, other.mqtt}.isdisjoint({mine.http, mine.postgres, mine.mqtt})
    assert (mine.time_zone, other.time_zone) == ("America/New_York", "Asia/Shanghai")


def test_existing_services_are_remembered(paths: InstancePaths) -> None:
    given = {"CITYCOMMAND_DATABASE_URL": "postgresql://o@db/city", "CITYCOMMAND_MQTT_URL": "mqtt://broker"}
    choices.save(paths, choices.choose(paths, given))
    chosen = choices.choose(paths, {})
    assert not chosen.own_database
    assert not chosen.own_broker
    names = [process.name for process in processes.table(paths, chosen)]
    assert names == ["web", "ingest", "dispatch", "exchange", "simulator"]


def test_unknown_time_zone_and_port_are_refused(paths: InstancePaths) -> None:
    with pytest.raises(InvalidInput, match="time zone 'Mars/Base' is not known"):
        choices.choose(paths, {}, time_zone="Mars/Base")
    with pytest.raises(InvalidInput, match="80 is not a usable port"):
        choices.choose(paths, {}, port=80)


def test_a_taken_port_is_named_with_the_way_out(paths: InstancePaths) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ConfigurationError) as caught:
            choices.require_free(paths, "http", port)
    assert f"Port {port}" in str(caught.value)
    assert "./citycommand up --instance harbin --port" in str(caught.value)


def test_a_full_disk_is_named_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"3 MB are free at .*, a database needs 500 MB"):
        require_space(tmp_path / "not" / "there", 500, "a database", free_bytes=3_000_000)


def test_a_cluster_of_another_version_is_left_alone(paths: InstancePaths) -> None:
    paths.postgres.mkdir()
    (paths.postgres / "PG_VERSION").write_text("13\n")
    with pytest.raises(ConfigurationError, match="was made by PostgreSQL 13; this version runs 15") as caught:
        cluster.check_version(paths, paths.postgres)
    assert "restore" in str(caught.value)


def test_the_environment_file_reads_back_as_written(paths: InstancePaths) -> None:
    variables = environment.build(paths, CHOSEN, {name: f"{name} $x 'y' %" for name in secrets.NAMES})
    environment.write(paths, variables)
    assert environment.read(paths) == variables
    assert stat.S_IMODE(paths.environment.stat().st_mode) == 0o600


def test_optional_settings_of_the_shell_reach_the_instance(
    paths: InstancePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("CITYCOMMAND_CLASSIFY_ALONE", "0.9"),
        ("CITYCOMMAND_PUBLIC_OWNERS", "1"),
        ("CITYCOMMAND_TLS", "1"),
    ):
        monkeypatch.setenv(name, value)
    variables = environment.build(paths, CHOSEN, dict.fromkeys(secrets.NAMES, "p"))
    assert (variables["CITYCOMMAND_CLASSIFY_ALONE"], variables["CITYCOMMAND_PUBLIC_OWNERS"]) == ("0.9", "1")
    assert set(environment.PASSED_ON) <= VARIABLES.keys()


def test_owner_and_application_sign_in_as_different_roles(paths: InstancePaths) -> None:
    variables = environment.build(paths, CHOSEN, dict.fromkeys(secrets.NAMES, "p"))
    assert "citycommand_app:" in variables["CITYCOMMAND_DATABASE_URL"]
    assert "citycommand_owner:" in variables["CITYCOMMAND_OWNER_DATABASE_URL"]


def test_one_address_of_an_existing_server_is_the_owners(paths: InstancePaths) -> None:
    chosen = choices.choose(paths, {"CITYCOMMAND_DATABASE_URL": "postgresql://boss:secret@db/city"})
    variables = environment.build(paths, chosen, dict.fromkeys(secrets.NAMES, "p"))
    assert variables["CITYCOMMAND_OWNER_DATABASE_URL"] == "postgresql://boss:secret@db/city"
    assert variables["CITYCOMMAND_DATABASE_URL"] == "postgresql://citycommand_app:p@db/city"


def test_supervision_restarts_what_dies_and_leaves_no_orphans(paths: InstancePaths) -> None:
    table = [processes.Process("web", ("/a b/python", "-m", "api.serve"))]
    parsed = RawConfigParser()
    parsed.read_string(configuration(paths, table, {"CITYCOMMAND_DATABASE_URL": "postgresql://a:%25@h/d"}))
    section = parsed["program:web"]
    assert shlex.split(section["command"]) == ["setpriv", "--pdeathsig", "TERM", "--", *table[0].command]
    assert section["autorestart"] == "true"
    assert section["environment"] == 'CITYCOMMAND_DATABASE_URL="postgresql://a:%%25@h/d"'


def test_the_tests_cluster_gives_up_durability_and_a_citys_never_does(paths: InstancePaths) -> None:
    durable = cluster.configuration(paths, CHOSEN, durable=True, memory=8 << 30)
    assert "fsync" not in durable
    assert "shared_buffers = 1024MB" in durable
    assert "fsync = off" in cluster.configuration(paths, CHOSEN, durable=False, memory=8 << 30)
