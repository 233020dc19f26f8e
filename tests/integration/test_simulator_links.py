"""Many connections in one thread: each speaks for itself, and all come back when the broker does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.links import Links
from ingest import mqtt
from tests.support.mosquitto import Mosquitto, own_broker

GATEWAYS = [f"LC-{number:04d}" for number in range(60)]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Mosquitto]:
    with own_broker(tmp_path) as broker:
        yield broker


def turn_until(links: Links, condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Let the connections work until `condition`; fails when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        links.turn(time.monotonic() + 0.1, condition)


def test_every_gateway_has_a_connection_of_its_own_and_all_survive_the_broker(own: Mosquitto) -> None:
    heard: set[str] = set()
    listener = mqtt.connect(own.url, "listener")
    listener.on_connect = lambda client, *_: client.subscribe("city/#", qos=1)
    listener.on_message = lambda _client, _data, message: heard.add(message.topic)
    listener.loop_start()
    links = Links(own.url, "simulator-test")
    for name in GATEWAYS:
        links.add(name)
    try:
        assert not links.publish(GATEWAYS[0], "city/early", b"x")  # not connected yet: a small controller keeps nothing
        turn_until(links, lambda: links.up == len(GATEWAYS))
        assert sorted(links.came_up()) == GATEWAYS
        assert links.came_up() == []

        own.stop()
        turn_until(links, lambda: links.up == 0)
        assert not links.publish(GATEWAYS[0], "city/lost", b"x")
        own.start()
        turn_until(links, lambda: links.up == len(GATEWAYS) and listener.is_connected(), 30)
        assert sorted(links.came_up()) == GATEWAYS

        def all_heard() -> bool:
            for name in GATEWAYS:
                links.publish(name, f"city/{name}", b"x")
            return heard == {f"city/{name}" for name in GATEWAYS}

        turn_until(links, all_heard)
    finally:
        links.close()
        listener.disconnect()
        listener.loop_stop()


def test_what_is_said_to_one_is_heard_by_it(own: Mosquitto) -> None:
    heard: list[bytes] = []
    links = Links(own.url, "simulator-test")
    links.add("main", "city/control", heard.append)
    links.add("other")
    try:
        turn_until(links, lambda: links.up == 2)

        def wished() -> bool:
            links.publish("other", "city/control", b"storm")
            return b"storm" in heard

        turn_until(links, wished)
    finally:
        links.close()
