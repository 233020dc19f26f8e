"""Speeds by class of street, as `street_speeds.toml` states them."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache
def speeds() -> tuple[dict[str, float], float]:
    """km/h by class of street, and that of any other."""
    found = tomllib.loads(files("config").joinpath("street_speeds.toml").read_text(encoding="utf-8"))
    return {name: float(value) for name, value in found["classes"].items()}, float(found["other"])
