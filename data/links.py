"""Many MQTT connections in one thread: each cabinet's gateway has its own, as in a city, and no thread of its own.

Sockets are waited for together and paho does the rest (`loop_read`, `loop_write`, `loop_misc`). 500 threads would cost more
in switching than all messages in sending; the figures stand in docs/measurements.md.
"""

from __future__ import annotations

import resource
import selectors
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode

from ingest import mqtt

log = structlog.get_logger()

LOOK_AFTER_S = 0.5
"""Keepalives are sent and lost connections tried again this often."""

AT_ONCE = 40
"""New connections in one such moment: a broker that comes back is not stormed."""

RETRY_S = 2.0


@dataclass(eq=False)
class Link:
    """One connection. `up` only between the broker's welcome and the loss of it."""

    client: Client
    subscription: str | None = None
    heard: Callable[[bytes], None] | None = None
    up: bool = False
    socket: Any = None


class Links:
    """Connections by name; `turn` lets them work for a while."""

    def __init__(self, url: str, prefix: str) -> None:
        self._url, self._prefix = url, prefix
        self._links: dict[str, Link] = {}
        self._selector = selectors.DefaultSelector()
        self._looked_after = self._again_at = 0.0
        self._came_up: list[str] = []
        _allow_files()

    def add(self, name: str, subscription: str | None = None, heard: Callable[[bytes], None] | None = None) -> None:
        """A connection called `name`, made at the next turn. `heard` gets what comes on `subscription`."""
        client = mqtt.connect(self._url, f"{self._prefix}-{name}")
        link = self._links[name] = Link(client, subscription, heard)
        client.on_connect = lambda _client, _data, _flags, reason, _properties: self._welcomed(name, reason.is_failure)
        client.on_disconnect = lambda *_: self._lost(link)
        client.on_message = lambda _client, _data, message: link.heard(bytes(message.payload)) if link.heard else None

    @property
    def up(self) -> int:
        """How many are connected."""
        return sum(link.up for link in self._links.values())

    def came_up(self) -> list[str]:
        """Names of those that were connected since the last question."""
        names, self._came_up = self._came_up, []
        return names

    def publish(self, name: str, topic: str, payload: bytes) -> bool:
        """Send with QoS 1. False while this one is not connected: a small controller keeps nothing meanwhile."""
        link = self._links[name]
        if link.up:
            link.client.publish(topic, payload, qos=1)
        return link.up

    def turn(self, until: float, stop: Callable[[], bool]) -> None:
        """Read, write and keep alive until the monotonic time `until`, or until told to stop."""
        while not stop():
            now = time.monotonic()
            if now - self._looked_after >= LOOK_AFTER_S:
                self._looked_after = now
                self._look_after_all(now)
            wait = min(until, self._looked_after + LOOK_AFTER_S) - time.monotonic()
            for key, _ in self._selector.select(max(0.0, wait)):
                link: Link = key.data
                if link.client.loop_read(100) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                    self._lost(link)
            if time.monotonic() >= until:
                return

    def close(self) -> None:
        """Say goodbye on all of them."""
        for link in self._links.values():
            if link.up:
                link.client.disconnect()
            self._forget(link)

    def _look_after_all(self, now: float) -> None:
        closed = []
        for link in self._links.values():
            if link.socket is None:
                closed.append(link)
                continue
            if link.client.want_write():
                link.client.loop_write()
            if link.client.loop_misc() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._lost(link)
        for link in closed[:AT_ONCE] if now >= self._again_at else ():
            try:
                link.client.reconnect()
            except OSError as error:
                log.warning("simulator.no_broker", error=str(error))
                self._again_at = now + RETRY_S
                return
            link.socket = link.client.socket()
            self._selector.register(link.socket, selectors.EVENT_READ, link)

    def _welcomed(self, name: str, refused: bool) -> None:
        if refused:
            log.error("simulator.refused", link=name)
            self._again_at = time.monotonic() + RETRY_S
            return
        link = self._links[name]
        link.up = True
        self._came_up.append(name)
        if link.subscription:
            link.client.subscribe(link.subscription, qos=1)

    def _lost(self, link: Link) -> None:
        if link.socket is not None:
            self._again_at = max(self._again_at, time.monotonic() + LOOK_AFTER_S)
        self._forget(link)

    def _forget(self, link: Link) -> None:
        link.up = False
        if link.socket is not None:
            self._selector.unregister(link.socket)  # found by identity: paho may have closed it already
            link.socket = None


def _allow_files() -> None:
    """Each connection holds three files; the usual 1,024 are too few for 500 gateways."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted: Any = min(4096, hard) if hard != resource.RLIM_INFINITY else 4096
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
