"""Waiting for something that happens elsewhere: poll with a deadline, never sleep and hope."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(predicate: Callable[[], T], timeout: float = 10.0, *, what: str = "", every: float = 0.02) -> T:
    """Return the predicate's first truthy answer; raise AssertionError when `timeout` seconds pass without one."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise AssertionError(f"Waited {timeout:g} s in vain for {what or predicate!r}; last answer: {answer!r}")
        pause.wait(every)
