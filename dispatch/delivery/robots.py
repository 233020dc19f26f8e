"""Robots of WeCom and DingTalk as Apprise has them, but with their answer read.

Both answer 200 to what they refuse and say so in `errcode` (a wrong key, too many messages in a minute, a missing keyword). Apprise
looks at the status alone and would call it sent. Feishu's and Lark's plugins read the answer themselves.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import requests
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.wecombot import NotifyWeComBot

from config.errors import CityCommandError

LONGEST_ANSWER = 65_536


class Refused(CityCommandError):
    """A robot answered that it did not take a message, in its own words."""


class CheckedWeCom(NotifyWeComBot):  # type: ignore[misc]
    """Apprise's WeCom robot; what its server refuses has failed."""

    def send(self, body: str, title: str = "", **_more: Any) -> bool:
        """Post one text. Raises Refused."""
        content = f"{title}\n{body}" if title else body
        return _post(self, self.api_url, {"msgtype": "text", "text": {"content": content}})


class CheckedDingTalk(NotifyDingTalk):  # type: ignore[misc]
    """Apprise's DingTalk robot; what its server refuses has failed."""

    def send(self, body: str, title: str = "", **_more: Any) -> bool:
        """Post one text, signed where the robot has a secret. Raises Refused."""
        params = dict(zip(("timestamp", "sign"), self._signature(), strict=True)) if self.secret else None
        said = {
            "msgtype": "text",
            "at": {"atMobiles": self.targets, "isAtAll": False},
            "text": {"content": f"{title}\n{body}" if title else body},
        }
        return _post(self, self.notify_url.format(token=self.token), said, params)

    def _signature(self) -> tuple[str, str]:
        """Moment and signature. Apprise quotes the signature, and requests would quote it again: it is sent as it is."""
        moment, signature = self.get_signature()
        return moment, unquote(signature)


CHECKED = {"wecombot": CheckedWeCom, "dingtalk": CheckedDingTalk}
"""Plugins of ours by scheme."""


def _post(plugin: Any, address: str, content: dict[str, Any], params: dict[str, str] | None = None) -> bool:
    try:
        answer = requests.post(
            address,
            params=params,
            json=content,
            timeout=plugin.request_timeout,
            verify=plugin.verify_certificate,
            allow_redirects=False,
        )
        said = answer.json() if answer.ok and len(answer.content) <= LONGEST_ANSWER else {}
    except requests.RequestException as error:
        raise Refused(type(error).__name__) from error
    if answer.status_code != requests.codes.ok or not isinstance(said, dict):
        raise Refused(f"HTTP {answer.status_code}")
    if said.get("errcode", "?") != 0:
        raise Refused(f"{said.get('errcode', '?')} {str(said.get('errmsg', ''))[:120]}")
    return True
