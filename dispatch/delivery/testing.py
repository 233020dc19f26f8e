"""A test message by one channel, sent now and by itself."""

from __future__ import annotations

import json
import time
from uuid import uuid4

from config.errors import InvalidInput, NotDelivered
from config.i18n import _, gettext
from dispatch.delivery import apprise_door, webhooks
from dispatch.delivery.channels import Opened
from dispatch.delivery.kinds import OWN


def send(channel: Opened, to: str, instance: str) -> None:
    """Send it; `to` is needed where everybody has an address of their own. Raises InvalidInput, NotDelivered."""
    if channel.kind in OWN and not to.strip():
        raise InvalidInput("Say where the test message shall go.", field="to")
    said = gettext(channel.locale)
    words = said(_("A test message of {instance}: this channel works.")).format(instance=instance)
    try:
        _send(channel, to.strip() or None, said(_("Test message")), words, instance)
    except NotDelivered as error:
        kept = error.kept()
        raise NotDelivered(
            str(kept["message"]), "Look at the address, ask whoever runs the other side, and test again.", **error.facts
        ) from None


def _send(channel: Opened, to: str | None, title: str, words: str, instance: str) -> None:
    if channel.kind != "webhook":
        apprise_door.send(channel.address, to, title, words)
        return
    message_id = str(uuid4())
    content = json.dumps(
        {"version": "1", "id": message_id, "instance": instance, "test": words, "notices": []}, ensure_ascii=False
    ).encode()
    webhooks.send(channel.address, content, webhooks.headers(channel.secrets, message_id, int(time.time()), content))
