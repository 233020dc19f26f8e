"""Addresses and secrets of delivery at rest: sealed like ID numbers, opened only to send or to show somebody their own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from gis.vault import KeyRing, Sealed

COLUMNS = "sealed_index, sealed_cipher, sealed_algorithm, sealed_key_version"


def seal(keys: KeyRing, words: str) -> dict[str, Any]:
    """What the database keeps of `words`, by column."""
    made = keys.newest.seal(words)
    return {
        "sealed_index": made.index,
        "sealed_cipher": made.cipher,
        "sealed_algorithm": made.algorithm,
        "sealed_key_version": made.key_version,
    }


def opened(keys: KeyRing, row: Row[Any]) -> str:
    """The words behind a row with COLUMNS. Raises ConfigurationError where the key is not in the ring."""
    sealed = Sealed(bytes(row.sealed_index), bytes(row.sealed_cipher), row.sealed_algorithm, row.sealed_key_version)
    return keys.open(sealed)
