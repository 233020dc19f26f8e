"""The real MQTT broker, each test module on topics of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from uuid import uuid4


@dataclass(frozen=True)
class Broker:
    """Where the broker listens, and a name that no other test module uses in its topics and client ids."""

    url: str
    name: str

    @classmethod
    def from_environment(cls) -> Broker:
        """Read CITYCOMMAND_MQTT_URL, which `./citycommand test` sets."""
        url = os.environ.get("CITYCOMMAND_MQTT_URL")
        if not url:
            raise RuntimeError("Tests need a broker. Run them through './citycommand test', which starts one.")
        return cls(url, f"t{uuid4().hex[:10]}")
