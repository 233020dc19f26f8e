"""The first five minutes of an administrator: up, up again, a crash, a taken port, backup, restore, down."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psycopg2
import pytest

from api.instance import choices, environment
from api.instance.paths import InstancePaths
from api.instance.supervision import Supervisor
from tests.support.waiting import wait_until

SECOND_UP_WITHIN = 15.0
"""Seconds (issue 2, section 1) of a machine that does nothing else; where others work, too, each gets its share of the cores."""


@pytest.fixture(scope="module")
def city(root: Path) -> Iterator[InstancePaths]:
    """A demonstration city started with the first command, as a newcomer types it."""
    paths = InstancePaths.of(f"first{os.getpid()}", root)
    result = citycommand("up", paths)
    assert result.returncode == 0, result.stderr
    assert f"http://127.0.0.1:{port_of(paths)}/" in result.stdout
    assert "demo-dispatcher" in result.stdout
    yield paths
    assert citycommand("reset", paths, "--yes").returncode == 0
    assert not paths.var.exists()


def citycommand(command: str, paths: InstancePaths, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ./citycommand as from a fresh terminal: nothing of this test run's services is in its environment."""
    fresh = {name: value for name, value in os.environ.items() if not name.startswith("CITYCOMMAND_")}
    words = [str(paths.var.parent.parent / "citycommand"), command, "--instance", paths.name, *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=False, env=fresh, timeout=300)


def port_of(paths: InstancePaths) -> int:
    chosen = choices.load(paths)
    assert chosen is not None
    return chosen.http


def count(paths: InstancePaths, table: str) -> int:
    url = environment.read(paths)["CITYCOMMAND_OWNER_DATABASE_URL"]
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as rows:
        rows.execute(f"SELECT count(*) FROM {table}")
        found = rows.fetchone()
        assert found is not None
        return int(found[0])


def test_a_second_up_is_quick_and_harmless(city: InstancePaths) -> None:
    pids = {name: state.pid for name, state in Supervisor(city).states().items()}
    cases = count(city, "dispatch.cases")
    started = time.monotonic()
    result = citycommand("up", city)
    assert result.returncode == 0, result.stderr
    at_once = max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))
    assert time.monotonic() - started < SECOND_UP_WITHIN * at_once
    assert {name: state.pid for name, state in Supervisor(city).states().items()} == pids
    assert count(city, "dispatch.cases") >= cases > 0


def test_the_login_page_answers(city: InstancePaths) -> None:
    answer = httpx.get(f"http://127.0.0.1:{port_of(city)}/login")
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["dispatch", "ingest", "simulator", "web"])
def test_a_crashed_process_is_started_again_and_the_others_go_on(city: InstancePaths, name: str) -> None:
    supervisor = Supervisor(city)
    before = {state.name: state.pid for state in supervisor.states().values()}
    os.kill(before[name], signal.SIGKILL)
    wait_until(lambda: supervisor.states()[name].pid not in (0, before[name]), 20, what=f"a new {name}")
    wait_until(lambda: supervisor.is_up(name), 20, what=f"{name} to stay up")
    after = {state.name: state.pid for state in supervisor.states().values()}
    assert {other: pid for other, pid in after.items() if other != name} == {
        other: pid for other, pid in before.items() if other != name
    }


def test_status_and_doctor_find_no_fault(city: InstancePaths) -> None:
    def all_is_well() -> bool:
        return (
            citycommand("doctor", city).returncode == 0
        )  # that holidays run out soon is a warning, true each December

    wait_until(all_is_well, 60, what="pages after the crash before")
    assert citycommand("status", city).returncode == 0


def test_a_backup_becomes_a_city_of_its_own(city: InstancePaths, tmp_path: Path) -> None:
    file = tmp_path / "city.tar"
    written = citycommand("backup", city, str(file))
    assert written.returncode == 0, written.stderr
    assert "Keys are not inside" in written.stdout
    other = InstancePaths.of(f"second{os.getpid()}", city.var.parent.parent)
    try:
        restored = citycommand("restore", other, str(file))
        assert restored.returncode == 0, restored.stderr
        assert port_of(other) != port_of(city)
        # The first city lives on while the second is made: it can only have more than the backup.
        assert 0 < count(other, "gis.account") == count(city, "gis.account")
        assert 0 < count(other, "dispatch.case_event") <= count(city, "dispatch.case_event")
        again = citycommand("restore", other, str(file))
        assert again.returncode == 1
        assert "exists already" in again.stderr
    finally:
        citycommand("reset", other, "--yes")


def test_down_stops_all_and_a_taken_port_is_named(city: InstancePaths) -> None:
    assert citycommand("down", city).returncode == 0
    assert Supervisor(city).states() == {}
    assert citycommand("status", city).returncode == 3
    with socket.create_server(("127.0.0.1", port_of(city))):
        refused = citycommand("up", city)
    assert refused.returncode == 1
    assert f"Port {port_of(city)}" in refused.stderr
    assert "Next step: Stop that program, or choose another port" in refused.stderr
    assert citycommand("up", city).returncode == 0
