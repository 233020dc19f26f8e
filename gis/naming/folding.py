"""Writings made comparable: case, accents, widths, spaces and the two ways to write a number do not matter. Pure."""

from __future__ import annotations

import re
import unicodedata

DIGITS = "零一二三四五六七八九"
_CJK = r"\u3400-\u9fff"
_NUMBER = re.compile(rf"(?<=[{_CJK}])\d+|\d+(?=[{_CJK}])")
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """「Av. João  Pessoa」 → avjoaopessoa, 文昌12巷 → 文昌十二巷: what two writings of one name have in common."""
    return _NOT_WORD.sub("", _plain(text))


def words(text: str) -> list[str]:
    """The words of a writing with spaces, each folded."""
    return [word for word in _NOT_WORD.split(_plain(text)) if word]


def is_chinese(text: str) -> bool:
    """Whether any Chinese character stands in it."""
    return re.search(f"[{_CJK}]", text) is not None


def numeral(digits: str) -> str:
    """12 → 十二, 40 → 四十; longer ones digit by digit: 105 → 一零五."""
    if len(digits) > 2 or digits.startswith("0"):
        return "".join(DIGITS[int(digit)] for digit in digits)
    tens, ones = divmod(int(digits), 10)
    return (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (DIGITS[ones] if ones else "")


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return _NUMBER.sub(lambda match: numeral(match[0]), bare)
