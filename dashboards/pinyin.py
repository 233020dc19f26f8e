"""How Chinese names are typed on a keyboard without an input method: full pinyin and its initials."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=4096)
def typed(name: str) -> dict[str, str]:
    """{"pinyin": "ludeng", "initials": "ld"} for 路灯; what is not Chinese stays as it is."""
    return {
        "pinyin": "".join(lazy_pinyin(name)).lower(),
        "initials": "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower(),
    }
