"""Sending through Apprise: which of its addresses are allowed, and one message to one address. It calls nothing else.

Apprise is told to follow no redirect, to keep nothing on disk and to name no picture of its own. What it says of a failure goes to
its log: the lines of this thread are the reason that is kept, with everything secret taken out.
"""

from __future__ import annotations

import logging
import re
import threading
from functools import cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from apprise import AppriseAsset, NotifyFormat
from apprise.manager_plugins import NotificationManager

from config.errors import InvalidInput, NotDelivered
from config.i18n import _
from dispatch.delivery import robots
from dispatch.delivery.kinds import OWN

SCHEMES: dict[str, tuple[str, ...]] = {
    "mail": ("mailto", "mailtos"),
    "sms": (
        "json", "jsons", "form", "forms", "xml", "xmls", "bulksms", "burstsms", "clickatell", "clicksend", "httpsms", "kavenegar",
        "msgbird", "msg91", "plivo", "sinch", "smseagle", "smseagles", "smsmanager", "sns", "twilio", "voipms", "vonage",
    ),
    "wecom": ("wecombot",),
    "dingtalk": ("dingtalk",),
    "feishu": ("feishu", "lark"),
}  # fmt: skip
"""Schemes of Apprise that a channel may use: none that runs a program, writes a file or talks to this machine's desktop."""

HOST_IS_NO_SECRET = frozenset({"mailto", "mailtos", "json", "jsons", "form", "forms", "xml", "xmls"})
CONNECT_S, READ_S = 5, 10
TO = "{to}"
"""Stands in the address where each person's own mail address or number goes."""

_EXAMPLES = {
    "mail": "mailtos://USER:PASSWORD@smtp.example.org?from=city@example.org&to={to}",
    "sms": "jsons://gateway.example.org/send?:mobile={to}",
    "wecom": "wecombot://KEY",
    "dingtalk": "dingtalk://SECRET@TOKEN",
    "feishu": "feishu://TOKEN",
}


def shown(kind: str, address: str) -> str:
    """What of an address is no secret, for lists. Raises InvalidInput for one that Apprise cannot use, or not for this kind."""
    scheme = address.partition("://")[0].lower()
    example = _("For example: {address}")
    if scheme not in SCHEMES[kind]:
        schemes = ", ".join(f"{each}://" for each in SCHEMES[kind])
        raise InvalidInput(
            "An address of this kind begins with {schemes}.",
            example,
            schemes=schemes,
            address=_EXAMPLES[kind],
            field="address",
        )
    if kind in OWN and TO not in address:
        raise InvalidInput(
            "The address must have {{to}} where each person's own goes.",
            example,
            address=_EXAMPLES[kind],
            field="address",
        )
    if kind not in OWN and TO in address:
        raise InvalidInput(
            "An address that all readers share has no {{to}}.", example, address=_EXAMPLES[kind], field="address"
        )
    _plugin(address.replace(TO, "someone@example.org" if kind == "mail" else "13800000000"))
    host = urlsplit(address.replace(TO, "to")).hostname
    return f"{scheme}://{host}" if scheme in HOST_IS_NO_SECRET and host else f"{scheme}://…"


def send(address: str, to: str | None, title: str, body: str) -> None:
    """Send one message; `to` fills the place in the address. Raises NotDelivered with the reason, free of secrets."""
    whole = address.replace(TO, quote(to or "", safe=""))
    with _Listening() as heard:
        try:
            plugin = _plugin(whole)
            sent = plugin.notify(body=body, title=title, body_format=NotifyFormat.TEXT)
        except InvalidInput:
            raise
        except robots.Refused as refused:
            raise NotDelivered(
                "The other side refused it: {reason}.", reason=scrubbed(str(refused), whole, to)
            ) from None
        except Exception as error:  # whatever a plugin stumbles over: this message failed, and others go on
            raise NotDelivered("It could not be sent: {reason}.", reason=type(error).__name__) from None
    if not sent:
        reason = scrubbed(" ".join(heard.lines), whole, to) or "?"
        raise NotDelivered("It could not be sent: {reason}.", reason=reason)


def scrubbed(words: str, address: str, to: str | None = None) -> str:
    """`words` without any part of the address that could be a secret, and without the person's own address. Pure."""
    scheme, _sign, rest = address.partition("://")
    host = urlsplit(address).hostname if scheme in HOST_IS_NO_SECRET else None
    parts = {part for part in re.split(r"[/?&=:@;,#]+", rest) if len(part) >= 4 and part.lower() != host}
    parts |= {unquote(part) for part in parts} | ({to} if to else set()) | {rest}
    for part in sorted(parts, key=len, reverse=True):
        words = words.replace(part, "***")
    return " ".join(words.split())[:300]


def _plugin(address: str) -> Any:
    """The plugin for an address. Raises InvalidInput."""
    scheme = address.partition("://")[0].lower()
    with _Listening():
        try:
            kind: Any = robots.CHECKED.get(scheme) or NotificationManager()[scheme]
            read: dict[str, Any] | None = kind.parse_url(address)
            if read is None:
                raise ValueError("unreadable")
            read |= {"asset": _asset(), "redirect": False, "rto": READ_S, "cto": CONNECT_S}
            return kind(**read)
        except (KeyError, TypeError, ValueError) as error:  # AppriseImproperlyConfigured is a TypeError
            raise InvalidInput(
                "Apprise cannot read this address.", "Compare it with its documentation.", field="address"
            ) from error


@cache
def _asset() -> AppriseAsset:
    asset = AppriseAsset(
        app_id="City Command", app_desc="City Command", app_url="", storage_mode="memory", http_redirects=False
    )
    asset.image_url_mask = asset.image_url_logo = asset.default_extension = ""
    return asset


class _Listening(logging.Handler):
    """What Apprise logs in this thread while it is entered; nothing of it reaches our own log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of this thread."""
        if record.thread == self._thread:
            self.lines.append(record.getMessage())

    def __enter__(self) -> _Listening:
        log = logging.getLogger("apprise")
        log.propagate = False
        log.setLevel(logging.WARNING)
        log.addHandler(self)
        return self

    def __exit__(self, *_error: object) -> None:
        logging.getLogger("apprise").removeHandler(self)
