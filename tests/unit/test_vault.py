"""ID numbers at rest: sealed with either family of algorithms, found by a blind index, of no use in another row or instance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.errors import ConfigurationError
from gis import vault
from gis.vault import FAMILIES, Key, KeyRing

NUMBER = "990101198001010078"


def ring(tmp_path: Path, *algorithms: str) -> KeyRing:
    path = tmp_path / "keys.toml"
    path.write_text("".join(vault.new_key_text(n, algorithm) for n, algorithm in enumerate(algorithms, 1)))
    path.chmod(0o600)
    return vault.read(path)


@pytest.mark.parametrize("algorithm", FAMILIES)
def test_what_is_sealed_opens_and_is_different_each_time(tmp_path: Path, algorithm: str) -> None:
    keys = ring(tmp_path, algorithm)
    one, other = keys.newest.seal(NUMBER), keys.newest.seal(NUMBER)
    assert keys.open(one) == keys.open(other) == NUMBER
    assert one.index == other.index
    assert one.cipher != other.cipher
    assert NUMBER.encode() not in one.cipher
    assert (one.algorithm, one.key_version) == (algorithm, 1)


@pytest.mark.parametrize("algorithm", FAMILIES)
def test_a_cipher_opens_in_no_other_row_and_not_when_touched(tmp_path: Path, algorithm: str) -> None:
    keys = ring(tmp_path, algorithm)
    mine, others = keys.newest.seal(NUMBER), keys.newest.seal("990101198001010094")
    touched = replace(mine, cipher=mine.cipher[:-1] + bytes([mine.cipher[-1] ^ 1]))
    for wrong in (replace(mine, cipher=others.cipher), touched, replace(mine, cipher=b"")):
        with pytest.raises(ConfigurationError, match="cannot be opened"):
            keys.open(wrong)


def test_an_old_version_still_opens_and_the_newest_seals(tmp_path: Path) -> None:
    keys = ring(tmp_path, "aes-256-gcm+hmac-sha256", "sm4-gcm+hmac-sm3")
    old = keys.keys[1].seal(NUMBER)
    assert keys.open(old) == NUMBER
    assert keys.newest.seal(NUMBER).algorithm == "sm4-gcm+hmac-sm3"
    assert old.index in keys.indexes(NUMBER)
    with pytest.raises(ConfigurationError, match="Key version 1"):
        KeyRing({2: keys.keys[2]}).open(old)


def test_keys_of_another_instance_open_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    mine, theirs = ring(tmp_path / "a", vault.DEFAULT_FAMILY), ring(tmp_path / "b", vault.DEFAULT_FAMILY)
    with pytest.raises(ConfigurationError):
        theirs.open(mine.newest.seal(NUMBER))


def test_a_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "identity.toml"
    vault.ensure(path)
    before = path.read_bytes()
    vault.ensure(path)
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="read by others"):
        vault.read(path)


@pytest.mark.parametrize(
    "content", ["", "[[key]]", "not toml", '[[key]]\nversion = 1\nalgorithm = "rot13"\ncipher = ""\nindex = ""']
)
def test_a_broken_key_file_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "identity.toml"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="not in order"):
        vault.read(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        vault.read(tmp_path / "absent")


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "identity.toml"
    path.write_text('[[key]]\nversion = 1\nalgorithm = "aes-256-gcm+hmac-sha256"\ncipher = "AAAA"\nindex = "AAAA"\n')
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match="not in order"):
        vault.read(path)


def test_the_index_of_one_key_says_nothing_about_another() -> None:
    one, other = Key(1, vault.DEFAULT_FAMILY, b"c" * 32, b"i" * 32), Key(2, vault.DEFAULT_FAMILY, b"c" * 32, b"j" * 32)
    assert one.index(NUMBER) != other.index(NUMBER)
