"""Progress on standard error: one line a step, with the seconds it took; a long one says that it still goes on."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

STILL_EVERY = 10.0
"""Seconds between two signs of life where the output is no terminal."""


def say(line: str) -> None:
    """Print one line at once."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Announce a step, show the seconds that pass, and close the line when it is done. A failed one is marked."""
    started = time.monotonic()
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(what, started, done), daemon=True)
    watcher.start()
    sign = "✗"
    try:
        yield
        sign = "✓"
    finally:
        done.set()
        watcher.join()
        erase = "\r\033[K" if sys.stderr.isatty() else ""
        say(f"{erase}  {sign} {what} ({time.monotonic() - started:.1f} s)")


def _watch(what: str, started: float, done: threading.Event) -> None:
    terminal = sys.stderr.isatty()
    while not done.wait(0.5 if terminal else STILL_EVERY):
        seconds = time.monotonic() - started
        if terminal:
            print(f"\r\033[K  … {what} ({seconds:.0f} s)", end="", file=sys.stderr, flush=True)
        else:
            say(f"  … {what} ({seconds:.0f} s so far)")
