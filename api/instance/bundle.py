"""An archive from which `./citycommand up` installs without network: checkout, Debian packages, wheels, front end.

Below the name of the archive lie the files that git tracks, the static folder's libraries, and offline/debs and
offline/wheels, which ./citycommand takes in place of the network. It fits the Debian release, the processor and the
Python version of the machine that made it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from api.instance.disk import require_space
from api.instance.frontend import VENDOR
from api.instance.paths import CHECKOUT
from api.instance.progress import step
from config.errors import ConfigurationError, ServiceUnavailable

ROOM_MB = 3000
"""What packages, wheels and the archive itself take together, with some air."""


def write(file: Path, packages: Sequence[str]) -> None:
    """Write the archive (gzip tar) with these Debian packages and all they depend on."""
    require_space(file.absolute().parent, ROOM_MB, "the bundle")
    tracked = _tracked_files()
    with tempfile.TemporaryDirectory(dir=file.absolute().parent) as directory:
        debs, wheels = Path(directory) / "debs", Path(directory) / "wheels"
        with step("Fetching Debian packages with all they depend on"):
            _fetch_debs(debs, packages)
        with step("Fetching Python libraries"):
            _fetch_wheels(wheels)
        with step(f"Writing {file}"):
            _pack(file, tracked, debs, wheels)


def _tracked_files() -> list[Path]:
    command = ["git", "-C", str(CHECKOUT), "ls-files", "-z"]
    try:
        result = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigurationError(
            "A bundle is made from a git checkout, and git does not see one here.",
            "Install git, and run this command in a clone.",
        ) from error
    names = (Path(os.fsdecode(name)) for name in result.stdout.split(b"\0") if name)
    return [name for name in names if (CHECKOUT / name).is_file()]


def _fetch_debs(target: Path, packages: Sequence[str]) -> None:
    """Download the closure as an empty machine would need it: nothing depends on what happens to be installed here."""
    state = target.parent / "apt"
    for directory in (target / "partial", state / "lists" / "partial"):
        directory.mkdir(parents=True)
    (state / "status").touch()
    options = {
        "Dir::State": state,
        "Dir::State::status": state / "status",
        "Dir::State::Lists": state / "lists",
        "Dir::Cache::archives": target,
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "",
        "APT::Keep-Downloaded-Packages": "true",
        "Debug::NoLocking": "true",
    }
    apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    _run([*apt, "update"])
    _run([*apt, "install", "--yes", "--download-only", "--no-install-recommends", *packages])
    (target / "partial").rmdir()
    (target / "lock").unlink(missing_ok=True)
    debs = sorted(target.glob("*.deb"))
    (target / "Packages").write_text("\n".join(_index_entry(deb) for deb in debs), "utf-8")


def _index_entry(deb: Path) -> str:
    """One paragraph of an apt source's index: the package's own fields, where it lies, its size and checksum."""
    fields = subprocess.run(["dpkg-deb", "--field", str(deb)], capture_output=True, text=True, check=True).stdout
    digest = hashlib.sha256(deb.read_bytes()).hexdigest()
    return f"{fields.rstrip()}\nFilename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"


def _fetch_wheels(target: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    _run([*pip, "--only-binary=:all:", f"--dest={target}", f"--requirement={CHECKOUT / 'requirements' / 'run.txt'}"])


def _pack(file: Path, tracked: Sequence[Path], debs: Path, wheels: Path) -> None:
    partial = file.with_name(file.name + ".partial")
    with tarfile.open(partial, "w:gz", compresslevel=1) as archive:  # what is inside is compressed already
        for path in tracked:
            archive.add(CHECKOUT / path, f"city-command/{path}", filter=_anonymous)
        archive.add(VENDOR, f"city-command/{VENDOR.relative_to(CHECKOUT)}", filter=_anonymous)
        archive.add(debs, "city-command/offline/debs", filter=_anonymous)
        archive.add(wheels, "city-command/offline/wheels", filter=_anonymous)
    partial.replace(file)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Readable by whoever unpacks it, whoever made it; apt reads its packages as another user."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode |= 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
    return entry


def _run(command: Sequence[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        last = (result.stderr or result.stdout).strip().splitlines()[-5:]
        raise ServiceUnavailable(
            f"{Path(command[0]).name} failed:\n" + "\n".join(last), "Check the network and the space on the disk."
        )
