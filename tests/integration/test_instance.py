"""A private instance for real: cluster, broker, supervision, backup and restore."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from api.instance import backup, choices, start, stop
from api.instance.paths import InstancePaths
from api.instance.start import Instance
from api.instance.supervision import Supervisor
from config.errors import ConfigurationError, UnreadableFile
from gis.migrations import upgrade
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Database and broker of an instance in a checkout that other users cannot enter."""
    checkout = tmp_path_factory.mktemp("checkout")
    checkout.chmod(0o700)
    yield from _instance(InstancePaths.of("first", checkout))


def _instance(paths: InstancePaths) -> Iterator[Instance]:
    with start.exclusively(paths):
        yield start.start_services(paths, choices.choose(paths, {}), durable=False, services_only=True)
    stop.remove(paths)
    assert not paths.var.exists()


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as rows:
        rows.execute(query)
        return rows.fetchall() if rows.description else []


def test_chinese_text_has_trigrams_whatever_the_locale(instance: Instance) -> None:
    url = instance.variables["CITYCOMMAND_DATABASE_URL"]
    assert ask(url, "SELECT cardinality(show_trgm('路灯不亮')) > 3, similarity('路灯不亮', '路灯不亮了') > 0.5") == [
        (True, True)
    ]


def test_no_role_of_the_city_is_a_superuser_and_the_application_makes_no_tables(instance: Instance) -> None:
    owner = instance.variables["CITYCOMMAND_OWNER_DATABASE_URL"]
    app = instance.variables["CITYCOMMAND_DATABASE_URL"]
    roles = ask(owner, "SELECT rolname, rolsuper FROM pg_roles WHERE rolname LIKE 'citycommand%' ORDER BY 1")
    assert roles == [("citycommand_app", False), ("citycommand_owner", False)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(app, "CREATE TABLE public.mine (id int)")


def test_a_wrong_password_does_not_get_in(instance: Instance) -> None:
    port = instance.choices.postgres
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(f"postgresql://citycommand_app:guess@127.0.0.1:{port}/citycommand")


def test_the_superuser_is_not_reachable_over_the_network(instance: Instance) -> None:
    with pytest.raises(psycopg2.OperationalError, match=r"no pg_hba.conf entry|password"):
        psycopg2.connect(f"postgresql://postgres@127.0.0.1:{instance.choices.postgres}/postgres")


def test_a_second_start_is_quick_and_changes_nothing(instance: Instance) -> None:
    before = Supervisor(instance.paths).states()
    started = time.monotonic()
    again = start.start_services(instance.paths, instance.choices, durable=False, services_only=True)
    assert time.monotonic() - started < 5
    assert again.variables == instance.variables
    after = Supervisor(instance.paths).states()
    assert {name: state.pid for name, state in before.items()} == {name: state.pid for name, state in after.items()}


@pytest.mark.parametrize("name", ["postgres", "mosquitto"])
def test_a_killed_service_comes_back(instance: Instance, name: str) -> None:
    supervisor = Supervisor(instance.paths)
    pid = supervisor.states()[name].pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: supervisor.states()[name].pid not in (0, pid), 20, what=f"a new {name}")
    wait_until(lambda: supervisor.is_up(name), 20, what=f"{name} to stay up")


def test_a_killed_supervisor_takes_its_processes_along_and_is_started_again(instance: Instance) -> None:
    supervisor = Supervisor(instance.paths)
    pids = [state.pid for state in supervisor.states().values()]
    os.kill(int((instance.paths.var / "supervisor.pid").read_text()), signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 20, what="orphans to end")
    start.start_services(instance.paths, instance.choices, durable=False, services_only=True)
    assert ask(instance.variables["CITYCOMMAND_DATABASE_URL"], "SELECT 1") == [(1,)]


def test_two_commands_at_once_do_not_meet(instance: Instance) -> None:
    with pytest.raises(ConfigurationError, match=r"Another \./citycommand"), start.exclusively(instance.paths):
        pytest.fail("the lock was given twice")


def test_another_city_is_entirely_apart(instance: Instance) -> None:
    neighbour = InstancePaths.of("second", instance.paths.var.parent.parent)
    other = choices.choose(neighbour, {}, time_zone="America/New_York")
    mine = instance.choices
    assert {other.http, other.postgres, other.mqtt}.isdisjoint({mine.http, mine.postgres, mine.mqtt})


def test_backup_restores_into_a_new_instance(instance: Instance, tmp_path: Path) -> None:
    owner = instance.variables["CITYCOMMAND_OWNER_DATABASE_URL"]
    upgrade(owner)
    ask(owner, "INSERT INTO gis.unit (code, name, name_en) VALUES ('U1', '照明管理所', 'Lighting')")
    photo = instance.paths.evidence / "ab" / "abcdef"
    photo.parent.mkdir()
    photo.write_bytes(b"a photo")
    chosen = replace(instance.choices, time_zone="America/New_York")
    file = tmp_path / "city.tar"

    backup.write(instance.paths, chosen, owner, file)
    manifest, settings = backup.check(file)

    assert manifest.keys_not_inside
    for key in instance.paths.secrets.iterdir():
        assert key.read_bytes() not in file.read_bytes()
    for restored in _instance(InstancePaths.of("restored", tmp_path)):
        url = restored.variables["CITYCOMMAND_OWNER_DATABASE_URL"]
        backup.read_into(restored.paths, url, file)
        upgrade(url)
        assert ask(url, "SELECT code, name FROM gis.unit") == [("U1", "照明管理所")]
        assert (restored.paths.evidence / "ab" / "abcdef").read_bytes() == b"a photo"
        assert settings["time_zone"] == "America/New_York"
        app = restored.variables["CITYCOMMAND_DATABASE_URL"]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(app, "DELETE FROM dispatch.case_event")


def test_a_damaged_backup_is_refused(instance: Instance, tmp_path: Path) -> None:
    file = tmp_path / "city.tar"
    backup.write(instance.paths, instance.choices, instance.variables["CITYCOMMAND_OWNER_DATABASE_URL"], file)
    content = bytearray(file.read_bytes())
    content[2000] ^= 0xFF
    file.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"damaged: database.dump"):
        backup.check(file)
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFile, match="was cut off"):
        backup.check(file)
