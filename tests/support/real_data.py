"""Real cities' files for tests. They lie beside the checkout and are never part of it; tests that need them skip without."""

from __future__ import annotations

from pathlib import Path

import pytest

DIRECTORY = Path(__file__).resolve().parents[3] / "shared" / "data"


def real(path: str) -> Path:
    """The file or folder at `path` below the directory of real data; skips the test where it is absent."""
    found = DIRECTORY / path
    if not found.exists():
        pytest.skip(f"the real data {path} is not on this machine (expected in ../shared/data)")
    return found
