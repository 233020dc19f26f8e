"""A client of the broker: MQTT 5, address and login from one URL. For the ingest service, the simulator and tests."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from config.errors import ConfigurationError

KEEPALIVE_SECONDS = 30
UNDER_WAY = 1000
"""Messages sent and not yet acknowledged; paho's own 20 make a sender wait for the network."""
DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}


def connect(
    url: str, client_id: str, *, session_seconds: int = 0, in_flight: int | None = None, manual_ack: bool = False
) -> Client:
    """A client that is about to connect to `mqtt[s]://[user:password@]host[:port]`; set callbacks, then `loop_start()`.

    `session_seconds` above 0 keeps the session at the broker for so long after a disconnect. `in_flight` bounds the
    unacknowledged messages towards this client. It reconnects by itself, after 1 to 15 seconds.
    Raises ConfigurationError for an address of another form.
    """
    scheme, host, port, user, password = _parts(url)
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5, manual_ack=manual_ack)
    if user:
        client.username_pw_set(user, password)
    if scheme == "mqtts":
        client.tls_set()
    client.max_inflight_messages_set(UNDER_WAY)
    client.reconnect_delay_set(min_delay=1, max_delay=15)
    client.connect_async(
        host,
        port,
        keepalive=KEEPALIVE_SECONDS,
        clean_start=session_seconds == 0,
        properties=_properties(session_seconds, in_flight),
    )
    return client


def _parts(url: str) -> tuple[str, str, int, str | None, str | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ConfigurationError(
            "The address of the broker is not of the form mqtt://host:port.",
            "Set CITYCOMMAND_MQTT_URL to mqtt://[user:password@]host:port, or mqtts:// for TLS.",
        )
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme], user, password


def _properties(session_seconds: int, in_flight: int | None) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = session_seconds
    if in_flight is not None:
        properties.ReceiveMaximum = in_flight
    return properties
