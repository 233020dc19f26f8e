"""ID numbers at rest: encrypted with a random nonce, found again by a keyed blind index. Pure but for reading the key file.

Each sealed number names its algorithm and key version, so that keys can be changed and a city can choose the algorithms
its acceptance demands: AES-256-GCM with HMAC-SHA-256, or SM4-GCM with HMAC-SM3. Keys lie in a file outside the database,
mode 0600, never in a backup. A plain hash would not do: all ID numbers of a county can be tried in minutes.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from config.errors import ConfigurationError

NONCE_BYTES, TAG_BYTES = 12, 16


@dataclass(frozen=True)
class Family:
    """One pair of algorithms, with the length of its cipher key in bytes."""

    cipher: type[Any]
    digest: type[hashes.HashAlgorithm]
    key_bytes: int


FAMILIES = {
    "aes-256-gcm+hmac-sha256": Family(algorithms.AES256, hashes.SHA256, 32),
    "sm4-gcm+hmac-sm3": Family(algorithms.SM4, hashes.SM3, 16),
}
DEFAULT_FAMILY = "aes-256-gcm+hmac-sha256"


@dataclass(frozen=True)
class Sealed:
    """What the database keeps of a number. `index` is equal for equal numbers under one key version, and only then."""

    index: bytes
    cipher: bytes
    algorithm: str
    key_version: int


@dataclass(frozen=True)
class Key:
    """One version of the two keys of a family."""

    version: int
    algorithm: str
    cipher_key: bytes
    index_key: bytes

    def seal(self, number: str) -> Sealed:
        """Encrypt; the index is authenticated with it, so that a cipher moved to another row does not open there."""
        index, nonce = self.index(number), secrets.token_bytes(NONCE_BYTES)
        encryptor = self._cipher(modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(index)
        body = encryptor.update(number.encode()) + encryptor.finalize()
        return Sealed(index, nonce + body + encryptor.tag, self.algorithm, self.version)

    def open(self, sealed: Sealed) -> str:
        """The number. Raises ConfigurationError where key, index and cipher do not belong together."""
        nonce, body, tag = (
            sealed.cipher[:NONCE_BYTES],
            sealed.cipher[NONCE_BYTES:-TAG_BYTES],
            sealed.cipher[-TAG_BYTES:],
        )
        try:
            decryptor = self._cipher(modes.GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(sealed.index)
            return (decryptor.update(body) + decryptor.finalize()).decode()
        except (InvalidTag, ValueError) as error:
            raise ConfigurationError(
                "An ID number cannot be opened with the keys of this instance.",
                "Put the key file of the instance that wrote it in place (docs/guide/welfare.md).",
            ) from error

    def index(self, number: str) -> bytes:
        """The blind index: 32 bytes."""
        code = hmac.HMAC(self.index_key, FAMILIES[self.algorithm].digest())
        code.update(number.encode())
        return code.finalize()

    def _cipher(self, mode: modes.GCM) -> Cipher[modes.GCM]:
        return Cipher(FAMILIES[self.algorithm].cipher(self.cipher_key), mode)


@dataclass(frozen=True)
class KeyRing:
    """All key versions of an instance; the newest seals, each opens what it sealed."""

    keys: dict[int, Key]

    @property
    def newest(self) -> Key:
        """The key that seals."""
        return self.keys[max(self.keys)]

    def open(self, sealed: Sealed) -> str:
        """The number behind a sealed one. Raises ConfigurationError where its key is not in this ring."""
        key = self.keys.get(sealed.key_version)
        if key is None or key.algorithm != sealed.algorithm:
            raise ConfigurationError(
                "Key version {version} for ID numbers is missing.",
                "Put the key file of the instance that wrote them in place (docs/guide/welfare.md).",
                version=sealed.key_version,
            )
        return key.open(sealed)

    def indexes(self, number: str) -> list[bytes]:
        """The number's index under every key version: what to look for while keys are being changed."""
        return [key.index(number) for key in self.keys.values()]


def read(path: Path) -> KeyRing:
    """The key ring in `path`. Raises ConfigurationError where the file is missing, open to others, or not in order."""
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigurationError(
                "The key file {file} can be read by others.", "Run: chmod 600 {file}", file=path.name
            )
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        keys = [_key(entry) for entry in content["key"]]
    except OSError as error:
        raise ConfigurationError(
            "The key file {file} for ID numbers cannot be read.",
            "Run './citycommand up'; it makes one. To read numbers of another instance, put its key file in place.",
            file=path.name,
        ) from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ConfigurationError(
            "The key file {file} is not in order.", "Put back the copy that you keep of it.", file=path.name
        ) from error
    return KeyRing({key.version: key for key in keys})


def new_key_text(version: int = 1, algorithm: str = DEFAULT_FAMILY) -> str:
    """A fresh [[key]] entry for a key file."""
    cipher, index = (
        base64.b64encode(secrets.token_bytes(size)).decode() for size in (FAMILIES[algorithm].key_bytes, 32)
    )
    return f'[[key]]\nversion = {version}\nalgorithm = "{algorithm}"\ncipher = "{cipher}"\nindex = "{index}"\n'


def ensure(path: Path) -> None:
    """Make a key file where there is none, mode 0600, whole or not at all; one that stands is never touched."""
    if path.exists():
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(new_key_text())
    try:
        os.link(partial, path)
    except FileExistsError:
        pass  # another process was faster; its keys count
    finally:
        partial.unlink()


def add_key(path: Path, algorithm: str = DEFAULT_FAMILY) -> None:
    """Write a fresh key of the next version behind those of a key file, whole or not at all. Raises what `read` raises."""
    version = read(path).newest.version + 1
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    content = path.read_text(encoding="utf-8").rstrip("\n") + "\n\n" + new_key_text(version, algorithm)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _key(entry: dict[str, Any]) -> Key:
    algorithm = entry["algorithm"]
    key = Key(int(entry["version"]), algorithm, base64.b64decode(entry["cipher"]), base64.b64decode(entry["index"]))
    if len(key.cipher_key) != FAMILIES[algorithm].key_bytes or len(key.index_key) < 32:
        raise ValueError("a key of the wrong length")
    return key


if __name__ == "__main__":  # python -m gis.vault FILE: what `./citycommand up` does for an instance of its own
    ensure(Path(sys.argv[1]))
