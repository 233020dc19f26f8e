"""Water networks for tests: WNTR's own, which come with the package, and the real ones beside the checkout."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from tests.support.real_data import real

OWN = ("Net3", "Net6", "ky4", "ky10")
REAL = {"CTOWN": "water-ctown-batadal/CTOWN.INP", "exnet-3": "water-ctown-batadal/exnet-3.inp"}
ALL = (*OWN, *REAL)


def inp(name: str) -> Path:
    """The EPANET file of a network; skips the test where a real one is absent."""
    if name in REAL:
        return real(REAL[name])
    import wntr

    return Path(wntr.__file__).parent / "library" / "networks" / f"{name}.inp"


def model(name: str) -> Any:
    """The network as WNTR reads it."""
    import wntr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # WNTR remarks on head-loss formulas and unused curves
        return wntr.network.WaterNetworkModel(str(inp(name)))
