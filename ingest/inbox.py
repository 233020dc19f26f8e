"""What the broker has delivered and we have not acknowledged. Acknowledged only when told so, after the commit.

paho's network thread fills the inbox, the worker empties it. A packet id means something only within one session: a
broker that has lost its sessions begins to count anew, and an old id would then acknowledge a message that is not stored
yet. So every delivery remembers its connection, and an acknowledgement of an earlier one is not sent; where the session
has survived, the message comes again and is recognised as stored.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import structlog
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest import mqtt
from ingest.batch import Message

log = structlog.get_logger(process="ingest")  # paho's thread does not inherit what logs.configure bound

NEW_SUBSCRIPTIONS_ONLY = 1
"""MQTT 5 retain handling: retained messages come once, not with every reconnect."""


CLOSE_S = 5.0
"""How long a broker that goes away is waited for at the end."""


class Delivery(NamedTuple):
    """One message in our hands, and what acknowledges it."""

    message: Message
    packet_id: int
    qos: int
    connection: int


class Inbox:
    """A subscription that outlives disconnects: persistent session, QoS 1, bounded, manually acknowledged."""

    def __init__(self, url: str, client_id: str, topics: Sequence[str], in_flight: int, session_seconds: int) -> None:
        self._topics = topics
        self._in_flight = in_flight
        self._deliveries: deque[Delivery] = deque()
        self._lock = threading.Condition()
        self._connection = 0
        self._connected = False
        self._wanted = 1
        self._network: threading.Thread | None = None
        self._answered = threading.Event()
        self._client = mqtt.connect(
            url, client_id, session_seconds=session_seconds, in_flight=in_flight, manual_ack=True
        )
        self._client.on_pre_connect = self._on_pre_connect
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    @property
    def connected(self) -> bool:
        """Whether the broker answers."""
        return self._connected

    @property
    def alive(self) -> bool:
        """False when the network thread has died of an error; only a new process helps then."""
        return self._network is None or self._network.is_alive()

    def open(self) -> None:
        """Begin to connect and to receive, in a thread of its own."""
        self._client.loop_start()

    def close(self) -> None:
        """Say goodbye when the broker has worked through what acknowledgements are under way; the session stays.

        A broker answers in order: once it has answered one more subscription, nothing acknowledged before comes again.
        """
        if self._connected:
            self._answered.clear()
            self._subscribe()
            self._answered.wait(CLOSE_S)
        self._client.disconnect()
        self._client.loop_stop()

    def take(self, most: int, gather_seconds: float, idle_seconds: float) -> list[Delivery]:
        """Up to `most` deliveries: waits `idle_seconds` for a first one, then `gather_seconds` for more."""
        with self._lock:
            self._wanted = 1
            if not self._lock.wait_for(lambda: self._deliveries, idle_seconds):
                return []
            self._wanted = most
            self._lock.wait_for(lambda: len(self._deliveries) >= most, gather_seconds)
            return [self._deliveries.popleft() for _ in range(min(most, len(self._deliveries)))]

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Tell the broker that these are safe. In order of arrival, as MQTT demands.

        Holding the lock keeps a disconnect from being noticed half-way: what is queued for a dead connection, paho drops.
        """
        with self._lock:
            for delivery in deliveries:
                if delivery.connection == self._connection:
                    self._client.ack(delivery.packet_id, delivery.qos)

    def _on_pre_connect(self, _client: Client, _userdata: Any) -> None:
        self._network = threading.current_thread()

    def _on_connect(
        self, _client: Client, _userdata: Any, flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.error("broker_refused", reason=str(reason))
            return
        with self._lock:
            self._connected = True
            while flags.session_present and len(self._deliveries) > self._in_flight:
                self._deliveries.popleft()  # it comes again; without a bound, a flapping broker would fill the memory
        self._subscribe()
        log.info("broker_connected", session_present=flags.session_present)

    def _on_disconnect(
        self, _client: Client, _userdata: Any, _flags: Any, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        with self._lock:
            self._connection += 1
            self._connected = False
        log.warning("broker_disconnected", reason=str(reason))

    def _subscribe(self) -> None:
        options = SubscribeOptions(qos=1, retainHandling=NEW_SUBSCRIPTIONS_ONLY)
        self._client.subscribe([(topic, options) for topic in self._topics])

    def _on_subscribe(
        self, _client: Client, _userdata: Any, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refused = [topic for topic, reason in zip(self._topics, reasons, strict=False) if reason.is_failure]
        if refused:
            log.error("subscription_refused", topics=refused)
        else:
            log.info("subscribed", topics=self._topics)
        self._answered.set()

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        delivery = Delivery(
            Message(_topic(message), bytes(message.payload)), message.mid, message.qos, self._connection
        )
        with self._lock:
            if delivery.qos == 0 and len(self._deliveries) >= 2 * self._in_flight:
                return  # the sender asked for no guarantee, and the broker does not hold it back for us
            self._deliveries.append(delivery)
            if len(self._deliveries) in (1, self._wanted):
                self._lock.notify()


def _topic(message: MQTTMessage) -> str:
    try:
        return message.topic
    except UnicodeDecodeError:
        return "\ufffd"
